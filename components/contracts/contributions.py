"""What a layer of a stack adds to the facts of a cluster.

A foundation knows nodes and volumes. What is installed on them later (device plugins, operators, storage classes)
is declared by the layer that installs it, as plain data that other stacks can read.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .api_groups import ApiGroups
from .cluster_facts import ClusterFacts, VolumeClass
from .model import Contract
from .names import ObjectName


class Contribution(Contract):
    """What one layer adds."""

    apis: ApiGroups = ()
    """API groups whose definitions it installs, such as ``keda.sh``."""
    pool_resources: dict[ObjectName, dict[str, Annotated[int, Field(ge=1)]]] = {}
    """Devices of one node by resource name, by pool, such as ``{"h100": {"nvidia.com/gpu": 8}}``."""
    storage_classes: tuple[VolumeClass, ...] = ()
    """Storage classes beside those of the foundation."""
    namespaces: tuple[str, ...] = ()
    """Namespaces that it makes for itself, which nobody can make once more."""

    services: tuple[str, ...] = ()
    """Services of the cluster that it runs, such as ``metrics-server``."""

    prometheus: str | None = None
    """Address inside the cluster of a Prometheus that it runs."""

    @property
    def is_empty(self) -> bool:
        """Whether it adds nothing."""
        found = (self.apis, self.pool_resources, self.storage_classes, self.namespaces, self.services, self.prometheus)
        return not any(found)


def extended(facts: ClusterFacts, contribution: Contribution) -> ClusterFacts:
    """The facts with what a layer adds to them; a contribution never takes anything away."""
    if contribution.is_empty:
        return facts
    pools = tuple(
        pool.model_copy(update={"resources": {**pool.resources, **contribution.pool_resources.get(pool.name, {})}})
        for pool in facts.pools
    )
    classes = (*facts.storage_classes, *contribution.storage_classes)
    namespaces = (*facts.namespaces, *contribution.namespaces)
    return facts.with_apis(contribution.apis).model_copy(
        update={
            "pools": pools,
            "storage_classes": classes,
            "namespaces": namespaces,
            "services": (*facts.services, *contribution.services),
            "prometheus": contribution.prometheus or facts.prometheus,
        }
    )
