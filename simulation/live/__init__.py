"""Real nodes in the place of simulated ones."""
