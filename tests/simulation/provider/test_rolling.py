"""Machines that others replace are emptied by evictions, which disruption budgets can forbid (row B1)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from components.clusters.aks.cluster import AksClusterArgs, aks_cluster
from components.contracts.capacity import OnDemand
from components.serving.sizing import most_disrupted
from simulation.control_plane import rolling
from simulation.control_plane.machines import ImageAdvertises
from simulation.control_plane.rolling import DrainBlockedError, Replacement
from simulation.provider.managed_cluster import Machine, ManagedCluster
from tests.serving.plans import H100, role
from tests.simulation.clouds import aks_variants, eks_variants, gke_variants
from tests.simulation.clouds.aws_program import recorded_cluster
from tests.simulation.clouds.azure_account import AzureAccount
from tests.simulation.clouds.gke_account import recorded_cluster as recorded_gke
from tests.simulation.clouds.noted_plane import NotedPlane
from tests.simulation.clouds.recording import run_program
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


def places(api: Kube, app: str = "server") -> list[str]:
    """Nodes of the servers that are ready."""
    ready = "{range .items[?(@.status.containerStatuses[0].ready==true)]}{.spec.nodeName} {end}"
    return api.run("get", "pods", "-l", f"app={app}", "-o", f"jsonpath={ready}").split()


def deploy(api: Kube, app: str, replicas: int) -> None:
    """Servers with one GPU each."""
    template = {"metadata": {"labels": {"app": app}}, "spec": pod_spec(1)}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": template}
    api.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": app}, "spec": spec})


def allow(api: Kube, most: int, app: str = "server") -> None:
    spec = {"maxUnavailable": most, "selector": {"matchLabels": {"app": app}}}
    api.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": app}, "spec": spec})
    wanted = str(most)
    api.until(lambda: api.path("pdb", app, ".status.disruptionsAllowed") == wanted, "the budget is counted")


def test_b1_a_full_node_is_replaced_only_within_its_budget(
    cluster: ManagedCluster, api: Kube, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.set_machines("gpu", [machine("first")])
    deploy(api, "server", REPLICAS)
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


def _eks(folder: Path) -> NotedPlane:
    pools = [eks_variants.POOLS[1], eks_variants.POOLS[0]]
    return recorded_cluster(eks_variants.company(folder), eks_variants.target(), pools).plane


def _gke(folder: Path) -> NotedPlane:
    project = gke_variants.company(folder)
    pool = gke_variants.gpus("a3-ultragpu-8g", name="h100", capacity=gke_variants.RESERVED)
    recorded_gke(project, gke_variants.target(), [pool, gke_variants.SYSTEM])
    return project.plane


def _aks(folder: Path) -> NotedPlane:
    azure = AzureAccount(folder)
    pools = [aks_variants.gpus(OnDemand()), aks_variants.CPU]

    def program() -> None:
        aks_cluster("prod", AksClusterArgs.of(aks_variants.target(), pools))

    assert run_program(azure.cloud, "azure-native", program, azure.plane).problems == []
    return azure.plane


@pytest.mark.parametrize("made_by", [_eks, _gke, _aks], ids=["eks", "gke", "aks"])
def test_b1_a_full_pool_is_upgraded_without_losing_more_servers_than_said(
    made_by: Callable[[Path], NotedPlane],
    cluster: ManagedCluster,
    api: Kube,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    how = made_by(tmp_path).replacements["h100"]
    assert how is not None
    full = 2 * REPLICAS
    said = most_disrupted(role(tensor_parallel=1), H100, replicas=full, spare_gpus=0)
    old, new = ({f"{made_by.__name__.strip('_')}-{age}-{number}" for number in range(2)} for age in ("old", "new"))
    cluster.set_machines("full", [machine(name) for name in sorted(old)])
    deploy(api, "full", full)
    api.until(lambda: len(places(api, "full")) == full, "both nodes are full", seconds=90)
    allow(api, said, "full")
    monkeypatch.setattr(rolling, "_PATIENCE_SECONDS", 90.0)
    ready: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        # Nothing is ended by force: a cloud that does so after an hour has lost more than was said.
        upgrade = pool.submit(
            cluster.set_machines, "full", [machine(name) for name in sorted(new)], replace(how, forces=False)
        )
        while not upgrade.done():
            ready.append(len(places(api, "full")))
        upgrade.result()
    api.until(lambda: len(places(api, "full")) == full, "every server runs again", seconds=90)
    assert set(places(api, "full")) == new
    assert full - min(ready) <= said, f"{full - min(ready)} of {full} servers were away, {said} may be"
    api.run("delete", "deployment,pdb", "full", "--wait=true")
    cluster.set_machines("full", [])
