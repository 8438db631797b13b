"""Which clusters need nodes with broken GPUs to be taken out of service, and which do it themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ..contracts.cluster_facts import ClusterFacts, NodeRepair
from ..contracts.errors import Problem


def needs_node_repair(facts: ClusterFacts) -> bool:
    """Whether nodes with GPUs stay in service whatever happens to them."""
    return facts.node_repair is NodeRepair.NOBODY and not facts.existed and bool(facts.gpu_pools)


def node_repair_problems(facts: ClusterFacts, *, install: bool | None, field: str) -> Iterator[Problem]:
    """A repair that is asked for where the cloud has one, or where there is nothing to look at.

    Args:
        facts: The cluster.
        install: What the user says.
        field: Setting by which they say it.
    """
    if install and facts.node_repair is NodeRepair.GPUS:
        yield Problem(
            field=field,
            cause=f"the cloud of {facts.name} looks at GPUs itself, and replaces or reboots nodes for them",
            consequence="two programs would take the same nodes out of service and give them back",
            fix="leave it out",
        )
    if install and not facts.gpu_pools:
        yield Problem(
            field=field,
            cause=f"{facts.name} has no pool with GPUs",
            consequence="there would be nothing to look at",
            fix="leave it out, or add a pool with GPUs",
        )
