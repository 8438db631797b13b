"""Kubernetes versions that EKS has, and the node images of each."""

from __future__ import annotations

KUBERNETES = {
    "1.31": "1.31.13",
    "1.32": "1.32.9",
    "1.33": "1.33.5",
    "1.34": "1.34.2",
    "1.35": "1.35.0",
    "1.36": "1.36.0",
}
"""The newest patch by minor version, standard and extended support together.

Source: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html; patches as far as known.
"""
LATEST_KUBERNETES = list(KUBERNETES)[-1]
_IMAGE_DATE = "20260401"


def minor(version: str) -> int:
    """The minor version as a number; 0 for what is none, which is older than everything."""
    parts = version.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def newest_release(version: str) -> str:
    """The newest node image of a Kubernetes version, such as ``1.34.2-20260401``."""
    return f"{KUBERNETES.get(version, f'{version}.0')}-{_IMAGE_DATE}"
