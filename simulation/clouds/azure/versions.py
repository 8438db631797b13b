"""Kubernetes versions that the simulated AKS offers."""

from __future__ import annotations

_PATCHES = {"1.32": "1.32.9", "1.33": "1.33.7", "1.34": "1.34.5", "1.35": "1.35.3"}
"""Source: https://learn.microsoft.com/azure/aks/supported-kubernetes-versions; patches of March 2026."""
LONG_TERM_ONLY = frozenset({"1.32", "1.33"})
"""Versions whose standard support is over."""
PREVIEW = "1.36"
KUBERNETES = tuple(_PATCHES)


def minor_of(version: str) -> str:
    """``1.34`` of ``1.34.5`` and of ``1.34``."""
    return ".".join(version.split(".")[:2])


def newest_patch(version: str) -> str:
    """The patch that a minor version stands for; a patch stands for itself."""
    return _PATCHES.get(version, version)


def number(version: str) -> int:
    """34 of ``1.34`` and of ``1.34.5``; 0 where there is none."""
    parts = version.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
