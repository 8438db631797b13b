"""How far the planner is from published measurements."""
