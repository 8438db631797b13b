"""The embedded cluster on this machine."""

from .environment import ENVIRONMENT

__all__ = ["ENVIRONMENT"]
