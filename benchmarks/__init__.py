"""Measurements of Strata against published ones."""
