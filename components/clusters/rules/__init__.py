"""Rules that hold in every environment, for the rules of each cluster to call.

One idea per file. Each function looks at one thing and yields a problem for every setting that is wrong.
What differs between clouds comes as an argument or as the ``PoolPolicy`` of the cloud.
"""
