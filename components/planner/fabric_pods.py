"""The part of a pool's fabric that the pods of one role need."""

from __future__ import annotations

from ..contracts.cluster_facts import PoolFacts
from ..contracts.fabric import ExpertBackend, PodFabric
from ..contracts.serving import Engine, Role, RolePlan
from .memory.engine import parse_version


def pod_fabric(pool: PoolFacts, role: RolePlan) -> PodFabric:
    """What one pod of the role needs: nothing of the fabric where it talks to no other node's GPUs.

    Raises:
        ValueError: It has a part of a node whose cards are handed out together.
    """
    if role.nodes_per_replica == 1 and role.role is Role.SERVE:
        return pool.fabric.inside_node()
    return pool.fabric.across_nodes(role.gpus_per_node, pool.gpus_per_node)


def expert_backend(fabric: PodFabric, engine: Engine, version: str, role: RolePlan) -> ExpertBackend | None:
    """How that engine sends tokens to experts over the fabric; None where it has none to choose."""
    if not (role.expert_parallel and role.data_parallel > 1):
        return None
    known = [
        backend
        for backend in fabric.expert_backends
        if backend.engine is engine
        and backend.role is role.role
        and parse_version(engine, backend.since) <= parse_version(engine, version)
    ]
    return max(known, key=lambda backend: parse_version(engine, backend.since), default=None)
