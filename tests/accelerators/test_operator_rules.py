"""What the GPU operator would break is refused, and said with a change that works."""

from __future__ import annotations

import pulumi
import pytest

from components.accelerators import Accelerators, AcceleratorsArgs, deployments
from components.accelerators.operator_rules import operator_problems
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.api_groups import NODE_DISCOVERY, NVIDIA
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import Problem
from components.contracts.pools import DriverOwner, GpuAdvertiser
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.conformance.engine import run

ON_SITE = kubeadm_facts(*site())
BY_OPERATOR = gke.gpu_pool("g2-standard-48").model_copy(update={"driver": DriverOwner.GPU_OPERATOR})
BY_GOOGLE = BY_OPERATOR.model_copy(update={"driver": DriverOwner.NODE_IMAGE, "name": "others"})
BY_DRA = BY_OPERATOR.model_copy(update={"advertiser": GpuAdvertiser.DRA, "name": "claims"})


def problems(facts: ClusterFacts, *, install: bool | None = None) -> list[Problem]:
    return list(operator_problems(facts, install=install))


def test_pools_that_the_operator_completes_are_fine_beside_pools_that_it_must_not_touch() -> None:
    facts = gke_facts(gke.target(), (gke.system_pool(), BY_OPERATOR, BY_GOOGLE))
    assert [owned.pool.name for owned in deployments(facts).operator] == [BY_OPERATOR.name]
    assert problems(facts) == []
    assert problems(ON_SITE) == []


@pytest.mark.parametrize("kind", ["operator", "plugin"])
def test_an_operator_that_is_there_is_not_doubled(kind: str) -> None:
    there = {
        "operator": ON_SITE.model_copy(update={"existed": True}),
        "plugin": eks_facts(eks.target().model_copy(update={"adopt_cluster": True}), (eks.gpu_pool(),)),
    }[kind].with_apis([NVIDIA])
    assert problems(there) == [], "nothing is installed on it unless a person says so"
    (found,) = problems(there, install=True)
    assert found.field == "accelerators.install"
    assert NVIDIA in found.cause


def test_a_cluster_of_ones_own_may_have_the_operators_group() -> None:
    assert problems(ON_SITE.with_apis([NVIDIA, NODE_DISCOVERY])) == [], "its own first run added it"


def test_an_operator_that_others_bring_to_a_new_cluster_is_not_doubled() -> None:
    facts = eks_facts(eks.target().model_copy(update={"apis": (NVIDIA,)}), (eks.system_pool(), eks.gpu_pool()))
    (found,) = problems(facts)
    assert found.field == "accelerators.install"
    assert "write install: false" in found.fix
    assert problems(facts, install=False) == []


def test_a_discovery_that_is_there_would_show_the_operator_nodes_of_others() -> None:
    facts = gke_facts(gke.target().model_copy(update={"adopt_cluster": True}), (BY_OPERATOR, BY_GOOGLE))
    assert problems(facts, install=True) == []
    (found,) = problems(facts.with_apis([NODE_DISCOVERY]), install=True)
    assert found.field == "node_pools[others].driver"


def test_pools_of_one_operator_have_one_advertiser() -> None:
    facts = gke_facts(gke.target(), (gke.system_pool(), BY_OPERATOR, BY_DRA))
    (found,) = problems(facts)
    assert found.field == "node_pools[claims].advertiser"
    assert problems(gke_facts(gke.target(), (gke.system_pool(), BY_DRA))) == []


def test_the_component_refuses_the_same() -> None:
    facts = gke_facts(gke.target(), (gke.system_pool(), BY_OPERATOR, BY_DRA))
    with pytest.raises(Exception, match="advertiser"):
        run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts), pulumi.ResourceOptions()))


def test_e_pods_of_the_critical_classes_are_admitted_beside_the_operator() -> None:
    facts = gke_facts(gke.target(), (gke.system_pool(), BY_OPERATOR))
    made = run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts), pulumi.ResourceOptions())).made
    (quota,) = [str(found.inputs) for found in made if found.name == "devices-critical-pods"]
    assert "system-node-critical" in quota, "API servers of GKE refuse pods of that class without such a quota"
    (chart,) = [str(found.inputs) for found in made if found.name == "devices-gpu-operator"]
    assert "strata-accelerators" in chart
    assert "strata-accelerators" in quota


def test_its_namespace_lets_it_ask_the_api_server_and_prometheus_ask_the_exporter() -> None:
    made = run(lambda: Accelerators("devices", AcceleratorsArgs(facts=ON_SITE), pulumi.ResourceOptions())).made
    policies = {found.name: str(found.inputs) for found in made if found.name.startswith("devices-gpu-operator-allow")}
    assert "6443" in policies["devices-gpu-operator-allow-api-server"]
    assert "nvidia-dcgm-exporter" in policies["devices-gpu-operator-allow-metrics"]
    assert "nvidia-driver" in policies["devices-gpu-operator-allow-driver-packages"]
