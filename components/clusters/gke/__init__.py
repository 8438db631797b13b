"""GKE. ``settings``, ``facts``, ``rules`` and ``costs`` are plain data; ``cluster`` declares it with Google's SDK."""

from .environment import ENVIRONMENT

__all__ = ["ENVIRONMENT"]
