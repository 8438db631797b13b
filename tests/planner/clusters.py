"""Clusters to plan on."""

from __future__ import annotations

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.pools import GpuPool
from components.contracts.serving import Refusal, ServingPlan, ServingRequest
from components.planner import plan
from components.planner.shapes import pool_facts

_VOLUME = VolumeClass(name="shared", provisioner="nfs.csi.k8s.io", read_bytes_per_second=2e9)


def cluster(**pools: tuple[str, int]) -> ClusterFacts:
    """A cluster with GPU pools given as name = (instance type, nodes)."""
    found = (
        pool_facts(GpuPool(kind="gpu", name=name, instance_type=machine, count=nodes))
        for name, (machine, nodes) in pools.items()
    )
    return ClusterFacts(
        name="test",
        environment="local",
        kubernetes_version="1.34.2",
        pools=tuple(found),
        storage=StorageFacts(read_write_once=_VOLUME, read_write_many=_VOLUME),
    )


MIXED = cluster(l4=("g6.2xlarge", 8), l40s=("g6e.12xlarge", 2), h100=("p5.48xlarge", 4), h200=("p5en.48xlarge", 2))


def planned(answer: ServingPlan | Refusal) -> ServingPlan:
    """The answer, which has to be a plan."""
    assert isinstance(answer, ServingPlan), str(answer)
    return answer


def refused(answer: ServingPlan | Refusal) -> Refusal:
    """The answer, which has to be a refusal."""
    assert isinstance(answer, Refusal), str(answer)
    return answer


def plan_for(model: str, facts: ClusterFacts, **fixed: object) -> ServingPlan | Refusal:
    """Plan a model with whatever else the request fixes."""
    return plan(ServingRequest.model_validate({"name": "model", "model": model, **fixed}), facts)
