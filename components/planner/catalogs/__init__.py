"""Facts about GPUs, machines and models, one sourced row each.

Owns lookups over ``planner/data/*.csv``. Chooses nothing: that is ``planner.choice``.
"""
