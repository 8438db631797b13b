"""How many of the published recipes' pairs of model and hardware the planner plans."""
