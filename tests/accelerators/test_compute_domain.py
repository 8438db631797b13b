"""A ComputeDomain is made where an NVLink domain is, and only there."""

from __future__ import annotations

import pulumi
import pytest

from components.accelerators import ComputeDomain, ComputeDomainArgs, within_one_domain
from components.clusters.local.cluster import local_facts
from components.contracts.api_groups import COMPUTE_DOMAINS
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import StrataError
from components.contracts.pools import GpuPool
from tests.conformance.engine import run

TRAYS = GpuPool(name="nvl72", instance_type="gb200-nvl72-tray", count=4, compute_domains=True)
FACTS = local_facts("dev", (TRAYS,)).with_apis([COMPUTE_DOMAINS])


def args(facts: ClusterFacts = FACTS, nodes: int = 2) -> ComputeDomainArgs:
    return ComputeDomainArgs(facts=facts, pool="nvl72", nodes=nodes, namespace="models")


def test_pods_claim_the_channel_that_the_domain_names() -> None:
    made = run(lambda: ComputeDomain("kimi", args(), pulumi.ResourceOptions())).made
    (domain,) = [found for found in made if found.name == "kimi-domain"]
    assert domain.inputs["spec"] == {
        "numNodes": 0,
        "channel": {"allocationMode": "Single", "resourceClaimTemplate": {"name": "kimi-channel"}},
    }
    assert domain.inputs["apiVersion"] == "resource.nvidia.com/v1beta1"


@pytest.mark.parametrize(
    ("facts", "nodes", "blamed"),
    [
        (local_facts("dev", (TRAYS.model_copy(update={"compute_domains": False}),)), 2, "pool"),
        (local_facts("dev", (TRAYS,)), 2, "facts.apis"),
        (FACTS, 5, "nodes"),
        (local_facts("dev", (TRAYS.model_copy(update={"count": 36}),)).with_apis([COMPUTE_DOMAINS]), 19, "nodes"),
    ],
    ids=["no domain", "no driver", "more nodes than the pool has", "over two racks"],
)
def test_what_no_domain_can_hold_is_refused(facts: ClusterFacts, nodes: int, blamed: str) -> None:
    with pytest.raises(StrataError) as refused:
        ComputeDomain("kimi", args(facts, nodes))
    assert [problem.field for problem in refused.value.problems] == [blamed]


def test_pods_of_a_group_stay_within_one_domain_on_nodes_of_their_own() -> None:
    text = str(vars(within_one_domain({"app": "kimi"})))
    assert "pod_affinity" in text
    assert "pod_anti_affinity" in text
