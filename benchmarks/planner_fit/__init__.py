"""The fit of the planner's efficiency coefficients; ``python -m benchmarks.planner_fit --help``."""
