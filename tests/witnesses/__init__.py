"""Comparisons with code and data that somebody else wrote."""
