"""The first run's stacks on real accounts, for people who give credentials; skipped otherwise."""
