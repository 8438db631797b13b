"""EKS. ``settings``, ``facts``, ``rules`` and ``costs`` are plain data; ``cluster`` declares it with the AWS SDK."""

from .environment import ENVIRONMENT

__all__ = ["ENVIRONMENT"]
