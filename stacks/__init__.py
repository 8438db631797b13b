"""Stacks: their settings, the checks of these, and the composition of components."""
