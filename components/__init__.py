"""Strata: components that bring a GenAI platform up on Kubernetes. Published as the package ``strata``."""
