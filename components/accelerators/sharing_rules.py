"""Shared GPUs that nobody would cut or advertise."""

from __future__ import annotations

from collections.abc import Iterator

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.gpu_sharing import Mig
from ..contracts.pools import pool_path
from .ownership import Owner, PoolOwnership, ownership


def sharing_problems(facts: ClusterFacts, *, install: bool | None = None) -> Iterator[Problem]:
    """Pools whose slices wait for the GPU operator.

    Args:
        facts: The cluster.
        install: As for ``ownership``.
    """
    for owned in ownership(facts, install=install):
        if owned.pool.sharing is not None and owned.gpus is Owner.GPU_OPERATOR:
            yield _left_to_the_operator(owned)


def _left_to_the_operator(owned: PoolOwnership) -> Problem:
    pool = owned.pool
    is_ready = owned.driver is Owner.NODES and owned.toolkit is Owner.NODES
    by_hand = "install NVIDIA's GPU operator yourself and write accelerators: {install: false}; nodes carry its labels"
    if isinstance(pool.sharing, Mig) and is_ready:
        cause = f"nothing on {pool.instance_type} nodes of {pool.name} cuts GPUs: their image has no MIG manager"
        fix = f"use kind: time-slicing or mps, or {by_hand}"
    else:
        cause = f"{pool.instance_type} nodes of {pool.name} come without NVIDIA's driver or container toolkit"
        fix = f"leave sharing out, or {by_hand}"
    return Problem(
        field=pool_path(pool.name, "sharing"),
        cause=f"{cause}, which is left to NVIDIA's GPU operator",
        consequence="Strata does not tell the operator of slices yet: none would be advertised, and pods stay pending",
        fix=fix,
    )
