"""Builders of pods, policies and services that all packages above share."""
