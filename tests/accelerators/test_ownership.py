"""One owner each of driver, toolkit and advertising, whatever the nodes come with."""

from __future__ import annotations

import pytest

from components.accelerators.ownership import Owner, deployments, ownership, unadvertised_notes
from components.clusters.aks.facts import aks_facts
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.pools import DriverOwner, GpuAdvertiser
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.planner.clusters import cluster

_ON_SITE = kubeadm_facts(*site())
_FACTS: dict[str, tuple[ClusterFacts, tuple[Owner, Owner, Owner]]] = {
    "an image with driver and toolkit": (
        eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool())),
        (Owner.NODES, Owner.NODES, Owner.DEVICE_PLUGIN),
    ),
    "an image without, where the operator is to install all": (
        eks_facts(eks.target(), (eks.gpu_pool().model_copy(update={"driver": DriverOwner.GPU_OPERATOR}),)),
        (Owner.GPU_OPERATOR, Owner.GPU_OPERATOR, Owner.GPU_OPERATOR),
    ),
    "a platform that installs driver and runtime": (
        aks_facts(aks.target(), (aks.cpu_pool(), aks.gpu_pool())),
        (Owner.NODES, Owner.NODES, Owner.DEVICE_PLUGIN),
    ),
    "a platform that installs all": (
        gke_facts(gke.target(), (gke.system_pool(), gke.gpu_pool())),
        (Owner.NODES, Owner.NODES, Owner.NODES),
    ),
    "hosts with a driver only": (_ON_SITE, (Owner.NODES, Owner.GPU_OPERATOR, Owner.GPU_OPERATOR)),
    "the embedded cluster": (local_facts("dev", (eks.gpu_pool(),)), (Owner.NODES, Owner.NODES, Owner.DEVICE_PLUGIN)),
}


@pytest.mark.parametrize("name", _FACTS)
def test_a2_every_pool_of_gpus_has_an_advertiser(name: str) -> None:
    facts, expected = _FACTS[name]
    owned = ownership(facts)
    assert owned
    assert {(pool.driver, pool.toolkit, pool.gpus) for pool in owned} == {expected}


def test_pools_without_gpus_have_nothing_to_own() -> None:
    assert ownership(eks_facts(eks.target(), (eks.system_pool(),))) == ()


@pytest.mark.parametrize(
    ("install", "expected"), [(None, Owner.OTHERS), (False, Owner.OTHERS), (True, Owner.DEVICE_PLUGIN)]
)
def test_on_a_cluster_that_existed_nothing_is_doubled_unless_a_person_says_so(
    *, install: bool | None, expected: Owner
) -> None:
    facts = eks_facts(eks.target().model_copy(update={"adopt_cluster": True}), (eks.gpu_pool(),))
    assert [pool.gpus for pool in ownership(facts, install=install)] == [expected]


def test_where_nobody_knows_what_nodes_come_with_nothing_is_installed() -> None:
    (owned,) = ownership(cluster(h100=("p5.48xlarge", 1)), install=True)
    assert owned.gpus is Owner.OTHERS


def test_a_pool_of_the_dra_driver_gets_no_device_plugin_beside_it() -> None:
    pool = eks.gpu_pool().model_copy(update={"advertiser": GpuAdvertiser.DRA})
    facts = eks_facts(eks.target(), (eks.system_pool(), pool))
    assert deployments(facts).device_plugin == ()
    assert [found.name for found in deployments(facts).dra_driver] == [pool.name]
    assert list(unadvertised_notes(facts)) == []


def test_hosts_with_a_driver_get_the_rest_from_the_operator() -> None:
    wanted = deployments(_ON_SITE)
    assert tuple(owned.pool for owned in wanted.operator) == _ON_SITE.gpu_pools
    assert wanted.advertised_gpus == _ON_SITE.gpu_pools
    assert wanted.device_plugin == ()
    assert list(unadvertised_notes(_ON_SITE)) == []


def test_a_pool_of_the_dra_driver_gets_driver_and_toolkit_and_no_device_plugin() -> None:
    pools = tuple(pool.model_copy(update={"advertiser": GpuAdvertiser.DRA}) for pool in _ON_SITE.gpu_pools)
    wanted = deployments(_ON_SITE.model_copy(update={"pools": pools}))
    assert wanted.advertised_gpus == ()
    assert {owned.toolkit for owned in wanted.operator} == {Owner.GPU_OPERATOR}


@pytest.mark.parametrize("name", ["an image with driver and toolkit", "a platform that installs all"])
def test_nothing_is_said_where_all_is_there(name: str) -> None:
    facts, _ = _FACTS[name]
    assert list(unadvertised_notes(facts)) == []


def test_nothing_is_said_of_a_cluster_whose_software_is_others_matter() -> None:
    facts = _ON_SITE.model_copy(update={"existed": True})
    assert list(unadvertised_notes(facts)) == []
    assert list(unadvertised_notes(_ON_SITE, install=False)) == []
