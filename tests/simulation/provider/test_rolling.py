"""Machines that others replace are emptied by evictions, which disruption budgets can forbid (row B1)."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from simulation.control_plane import rolling
from simulation.control_plane.machines import ImageAdvertises
from simulation.control_plane.rolling import DrainBlockedError, Replacement
from simulation.provider.managed_cluster import Machine, ManagedCluster
from tests.simulation.kube import Kube, pod_spec

pytestmark = [pytest.mark.engine]
OLD_FIRST, NEW_FIRST = Replacement(unavailable=1), Replacement(surge=1, unavailable=0)
REPLICAS = 8


@pytest.fixture(scope="module")
def cluster(state: Path) -> Generator[ManagedCluster, None, None]:
    made = ManagedCluster("rolling", state, cloud="aws", location="us-east-1")
    made.create()
    yield made
    made.delete()


@pytest.fixture(scope="module")
def api(project: Path, cluster: ManagedCluster) -> Kube:
    return Kube(project, cluster.control_plane)


def machine(name: str, version: str = "1.34.2") -> Machine:
    return Machine(
        kubernetes_version=version,
        name=name,
        instance_type="p5.48xlarge",
        zone="us-east-1b",
        region="us-east-1",
        has_driver=True,
        image_advertises=ImageAdvertises.EVERYTHING,
    )


def places(api: Kube) -> list[str]:
    """Nodes of the servers that are ready."""
    ready = "{range .items[?(@.status.containerStatuses[0].ready==true)]}{.spec.nodeName} {end}"
    return api.run("get", "pods", "-l", "app=server", "-o", f"jsonpath={ready}").split()


def allow(api: Kube, most: int) -> None:
    spec = {"maxUnavailable": most, "selector": {"matchLabels": {"app": "server"}}}
    api.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "server"}, "spec": spec})
    wanted = str(most)
    api.until(lambda: api.path("pdb", "server", ".status.disruptionsAllowed") == wanted, "the budget is counted")


def test_b1_a_full_node_is_replaced_only_within_its_budget(
    cluster: ManagedCluster, api: Kube, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.set_machines("gpu", [machine("first")])
    template = {"metadata": {"labels": {"app": "server"}}, "spec": pod_spec(1)}
    spec = {"replicas": REPLICAS, "selector": {"matchLabels": {"app": "server"}}, "template": template}
    api.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "server"}, "spec": spec})
    api.until(lambda: places(api) == ["first"] * REPLICAS, "the node is full")

    allow(api, 1)
    monkeypatch.setattr(rolling, "_PATIENCE_SECONDS", 5.0)
    with pytest.raises(DrainBlockedError) as blocked:
        cluster.set_machines("gpu", [machine("second")], OLD_FIRST)
    assert len(blocked.value.pods) == REPLICAS - 1, "the first evicted server waits for a GPU, the others may not go"
    api.until(lambda: places(api) == ["first"] * REPLICAS, "the node may be used again")

    allow(api, REPLICAS)
    monkeypatch.setattr(rolling, "_PATIENCE_SECONDS", 30.0)
    cluster.set_machines("gpu", [machine("second")], OLD_FIRST)
    api.until(lambda: places(api) == ["second"] * REPLICAS, "all servers run on the new node")

    allow(api, 1)
    cluster.set_machines("gpu", [machine("third")], NEW_FIRST)
    api.until(lambda: places(api) == ["third"] * REPLICAS, "one after the other moves where new nodes come first")

    cluster.set_machines("gpu", [machine("third", "1.35.0")], NEW_FIRST)
    api.until(lambda: places(api) == ["third"] * REPLICAS, "an upgrade of a node that keeps its name takes one more")
    assert api.run("get", "nodes", "-o", "name").split() == ["node/third"], "the additional machine is gone"
    forced = Replacement(unavailable=1, forces=True)
    monkeypatch.setattr(rolling, "_PATIENCE_SECONDS", 5.0)
    cluster.set_machines("gpu", [machine("third", "1.35.1")], forced)
    api.until(lambda: places(api) == ["third"] * REPLICAS, "a cloud that loses patience ends the pods")
