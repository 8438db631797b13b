"""What other programs count of models, and the planner's figures beside it."""
