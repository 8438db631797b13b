"""``strata live`` and ``strata live-down``: a stack on nodes that truly run."""
