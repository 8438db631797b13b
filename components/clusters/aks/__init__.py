"""AKS. ``settings``, ``facts``, ``rules`` and ``costs`` are plain data; ``cluster`` declares it with the Azure SDK."""

from .environment import ENVIRONMENT

__all__ = ["ENVIRONMENT"]
