"""The component registers everything that is wanted for a cluster's devices, and nothing else."""

from __future__ import annotations

from dataclasses import fields

import pytest

from components.accelerators.accelerators import Accelerators, AcceleratorsArgs
from components.accelerators.ownership import Deployments, deployments
from components.clusters.eks.facts import eks_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.gpu_sharing import TimeSlicing
from components.contracts.pools import GpuAdvertiser, GpuPool
from tests.clusters.eks import pools as eks
from tests.clusters.kubeadm.site import site
from tests.conformance.engine import Made, run

_WHOLE = eks.gpu_pool().model_copy(update={"rdma": False})
_SHARED = _WHOLE.model_copy(update={"name": "shared", "sharing": TimeSlicing(replicas=4)})
_CLAIMED = _WHOLE.model_copy(update={"name": "claimed", "advertiser": GpuAdvertiser.DRA})
_TRAYS = GpuPool(name="nvl72", instance_type="gb200-nvl72-tray", count=4, compute_domains=True)
_SITE, _ON_SITE = site()


def on_eks(*pools: GpuPool) -> ClusterFacts:
    return eks_facts(eks.target(), (eks.system_pool(), *pools))


_REGISTERED = {
    "device_plugin": "devices-device-plugin",
    "shared_plugin": "devices-device-plugin-shared",
    "efa_plugin": "devices-efa-plugin",
    "operator": "devices-gpu-operator",
    "dra_driver": "devices-dra-driver",
}
"""The resource of each deployment."""
_WANTED: dict[str, tuple[ClusterFacts, set[str]]] = {
    "whole GPUs": (on_eks(_WHOLE), {"device_plugin"}),
    "whole GPUs and EFA": (on_eks(eks.gpu_pool()), {"device_plugin", "efa_plugin"}),
    "GPUs in slices": (on_eks(_SHARED), {"shared_plugin"}),
    "whole GPUs and some in slices": (on_eks(_WHOLE, _SHARED), {"device_plugin", "shared_plugin"}),
    "GPUs that pods claim": (on_eks(_CLAIMED), {"dra_driver"}),
    "hosts with a driver only": (kubeadm_facts(_SITE, _ON_SITE), {"operator"}),
    "NVLink domains": (local_facts("dev", (_TRAYS,)), {"device_plugin", "dra_driver"}),
    "no GPU": (on_eks(), set()),
}


def made_of(facts: ClusterFacts) -> list[Made]:
    return run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts))).made


@pytest.mark.parametrize("name", _WANTED)
def test_a2_what_is_wanted_is_deployed_and_nothing_else(name: str) -> None:
    facts, expected = _WANTED[name]
    wanted = deployments(facts)
    assert {field.name for field in fields(wanted) if getattr(wanted, field.name)} == expected
    names = {found.name for found in made_of(facts)}
    assert {field for field, resource in _REGISTERED.items() if resource in names} == expected


def test_every_deployment_is_wanted_by_one_of_these_clusters() -> None:
    assert {field.name for field in fields(Deployments)} == _REGISTERED.keys()
    assert set().union(*(expected for _, expected in _WANTED.values())) == _REGISTERED.keys()


def test_the_driver_of_domains_is_told_of_them() -> None:
    facts, _ = _WANTED["NVLink domains"]
    (driver,) = [found for found in made_of(facts) if found.name == _REGISTERED["dra_driver"]]
    resources = str(driver.inputs["values"])
    assert "'computeDomains': {'enabled': True}" in resources
    assert "'gpus': {'enabled': False}" in resources
