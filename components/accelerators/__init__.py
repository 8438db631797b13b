"""Devices of nodes: who installs driver and toolkit, and who tells Kubernetes about GPUs and fabric."""

from .accelerators import Accelerators, AcceleratorsArgs
from .ownership import Owner, PoolOwnership, ownership

__all__ = ["Accelerators", "AcceleratorsArgs", "Owner", "PoolOwnership", "ownership"]
