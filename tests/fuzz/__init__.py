"""Configurations that nobody would write, and what the program answers."""
