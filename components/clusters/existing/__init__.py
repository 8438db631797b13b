"""Any cluster that exists, by its kubeconfig."""

from .environment import ENVIRONMENT

__all__ = ["ENVIRONMENT"]
