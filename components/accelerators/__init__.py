"""Devices of nodes: who installs driver and toolkit, and who tells Kubernetes about GPUs and fabric."""

from .accelerators import NAMESPACE, Accelerators, AcceleratorsArgs, refusals
from .compute_domain import CHANNEL_CLAIM, ComputeDomain, ComputeDomainArgs, within_one_domain
from .ownership import Deployments, Owner, PoolOwnership, deployments, ownership, unadvertised_notes

__all__ = [
    "CHANNEL_CLAIM",
    "NAMESPACE",
    "Accelerators",
    "AcceleratorsArgs",
    "ComputeDomain",
    "ComputeDomainArgs",
    "Deployments",
    "Owner",
    "PoolOwnership",
    "deployments",
    "ownership",
    "refusals",
    "unadvertised_notes",
    "within_one_domain",
]
