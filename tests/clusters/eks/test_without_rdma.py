"""A pool of machines with EFA that does without it: no interfaces, no placement group, as many zones as wanted."""

from __future__ import annotations

from pathlib import Path

from components.clusters.eks.rules import eks_problems
from components.contracts.fabric import Transport
from components.contracts.pools import NodePool
from components.planner.shapes import pool_facts
from stacks.reading import read_whole_stack
from stacks.recording import Registered, record

from .mistakes import NOW
from .pools import ZONES, gpu_pool, system_pool, target

WITHOUT = gpu_pool().model_copy(update={"rdma": False, "zones": ZONES})


def registered(pool: NodePool) -> list[Registered]:
    project = Path(__file__).parents[3]
    whole = read_whole_stack(project, "aws")
    ours = whole.model_copy(update={"target": target(), "node_pools": (system_pool(), pool), "models": ()})
    return record(project, ours, {}, "aws")


def of_type(resources: list[Registered], kind: str) -> list[Registered]:
    return [resource for resource in resources if resource.token.rpartition(":")[2] == kind]


def template(resources: list[Registered]) -> Registered:
    return next(found for found in of_type(resources, "LaunchTemplate") if found.name.endswith("-h100"))


def test_nodes_get_one_interface_and_no_placement_group() -> None:
    with_efa, without = registered(gpu_pool()), registered(WITHOUT)
    assert template(with_efa).inputs.get("networkInterfaces")
    assert len(of_type(with_efa, "PlacementGroup")) == 1
    made = template(without).inputs
    assert not made.get("networkInterfaces")
    assert not made.get("placement")
    assert made.get("vpcSecurityGroupIds"), "without interfaces the groups are the template's"
    assert of_type(without, "PlacementGroup") == []
    groups = {
        group.name for group in of_type(without, "NodeGroup") if "vpc.amazonaws.com/efa.present" in str(group.inputs)
    }
    assert groups == set(), "nothing waits for devices that are not there"


def test_the_pool_may_be_in_several_zones() -> None:
    assert list(eks_problems(target(), [system_pool(), WITHOUT], NOW)) == []


def test_no_pod_asks_for_the_cards_and_no_replica_is_planned_over_nodes() -> None:
    assert pool_facts(gpu_pool()).fabric.is_rdma
    facts = pool_facts(WITHOUT)
    assert facts.fabric.transport is Transport.NONE
    assert facts.fabric.resource_name is None
