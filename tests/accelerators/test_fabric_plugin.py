"""The EFA device plugin is the published one, on the pools that have EFA."""

from __future__ import annotations

import pulumi

from components.accelerators.accelerators import Accelerators, AcceleratorsArgs
from components.accelerators.ownership import Owner, deployments, fabric_owner
from components.clusters.aks.facts import aks_facts
from components.clusters.eks.facts import eks_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.devices import DevicePart
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.conformance.engine import Made, run

FACTS = eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool()))


def plugin(facts: ClusterFacts) -> list[Made]:
    made = run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts), pulumi.ResourceOptions())).made
    return [found for found in made if found.name == "devices-efa-plugin"]


def test_a2_efa_is_advertised_on_the_pools_that_have_it() -> None:
    (made,) = plugin(FACTS)
    text = str(made.inputs)
    assert "eks/aws-efa-k8s-device-plugin:v0.5.20" in text
    assert "'values': ['h100']" in text
    assert "nvidia.com/gpu" in text, "without the toleration it would run on no node with EFA"


def test_pods_of_the_plugin_hold_no_token() -> None:
    (made,) = plugin(FACTS)
    assert "'automountServiceAccountToken': False" in str(made.inputs)


def test_nothing_runs_where_no_pool_has_efa() -> None:
    facts = eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool().model_copy(update={"rdma": False})))
    assert plugin(facts) == []
    assert deployments(facts).device_plugin


def test_fabrics_of_other_makers_are_not_taken_for_it() -> None:
    facts = aks_facts(aks.target(), (aks.cpu_pool(), aks.gpu_pool()))
    (pool,) = facts.gpu_pools
    assert pool.fabric.resource_name
    assert fabric_owner(facts, pool) is Owner.OTHERS
    assert plugin(facts) == []


def test_an_image_that_brings_the_plugin_gets_no_second_one() -> None:
    (pool,) = FACTS.gpu_pools
    brings = pool.model_copy(update={"provides": tuple(DevicePart)})
    facts = FACTS.model_copy(update={"pools": (brings,)})
    assert fabric_owner(facts, brings) is Owner.NODES
    assert deployments(facts).pools == ()
