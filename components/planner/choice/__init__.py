"""The search: which pool, precision, layout and number of replicas serve a request at the lowest cost."""
