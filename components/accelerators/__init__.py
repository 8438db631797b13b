"""Devices of nodes: who installs driver and toolkit, and who tells Kubernetes about GPUs and fabric."""

from .accelerators import NAMESPACE, Accelerators, AcceleratorsArgs, refusals
from .ownership import Owner, PoolOwnership, deployments, ownership, unadvertised_notes

__all__ = [
    "NAMESPACE",
    "Accelerators",
    "AcceleratorsArgs",
    "Owner",
    "PoolOwnership",
    "deployments",
    "ownership",
    "refusals",
    "unadvertised_notes",
]
