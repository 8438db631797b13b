"""Devices of nodes: who installs driver and toolkit, and who tells Kubernetes about GPUs and fabric."""

from .accelerators import NAMESPACE, Accelerators, AcceleratorsArgs, refusals
from .ownership import Deployments, Owner, PoolOwnership, deployments, ownership, unadvertised_notes

__all__ = [
    "NAMESPACE",
    "Accelerators",
    "AcceleratorsArgs",
    "Deployments",
    "Owner",
    "PoolOwnership",
    "deployments",
    "ownership",
    "refusals",
    "unadvertised_notes",
]
