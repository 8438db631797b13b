"""Builders of pods, policies and services that every room above shares."""
