"""Versions of Kubernetes."""

from __future__ import annotations


def minor(version: str) -> int:
    """Minor version of Kubernetes: 34 of ``1.34`` and of ``1.34.2``."""
    return int(version.split(".")[1])
