"""A cloud's managed cluster as its owner, its node groups and its add-ons see it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from components.contracts.pools import Taint
from simulation import ControlPlane
from simulation.control_plane import processes
from simulation.control_plane.layout import COMPONENTS
from simulation.control_plane.machines import ImageAdvertises
from simulation.control_plane.side_processes import ALWAYS, PROVISIONER
from simulation.provider.managed_cluster import Machine, ManagedCluster, existing_clusters
from tests.simulation.kube import Kube, pod, pod_spec

pytestmark = [pytest.mark.engine]
EBS = "ebs.csi.aws.com"
EFS = "efs.csi.aws.com"
EFA = {"vpc.amazonaws.com/efa": 32}


@pytest.fixture(scope="module")
def cluster(state: Path) -> Generator[ManagedCluster, None, None]:
    made = ManagedCluster("Prod_1", state, cloud="aws", location="us-east-1")
    made.create()
    yield made
    made.delete()


@pytest.fixture(scope="module")
def api(project: Path, cluster: ManagedCluster) -> Kube:
    return Kube(project, cluster.control_plane)


def machines(group: str, count: int, *, has_driver: bool = True, devices: Mapping[str, int] = EFA) -> list[Machine]:
    return [
        Machine(
            name=f"{group}-{index}",
            instance_type="p5.48xlarge",
            zone="us-east-1b",
            region="us-east-1",
            labels={"example.com/tier": "gold"},
            taints=(Taint(key="example.com/dedicated", value="yes"),),
            has_driver=has_driver,
            image_advertises=ImageAdvertises.EVERYTHING,
            devices=devices,
            kubernetes_version="1.34.2-eks-4e3b1",
        )
        for index in range(count)
    ]


def cpu(name: str, zone: str = "us-east-1a") -> Machine:
    return Machine(name=name, instance_type="m7i.8xlarge", zone=zone, region="us-east-1", has_driver=False)


def seen(api: Kube) -> set[str]:
    return {name.removeprefix("node/") for name in api.run("get", "nodes", "-o", "name").split()}


def test_creating_it_again_changes_nothing(cluster: ManagedCluster) -> None:
    first, pids = cluster.create(), [component.pid for component in cluster.status().components]
    assert cluster.create() == first
    assert [component.pid for component in cluster.status().components] == pids
    assert first.server.startswith("https://127.0.0.1:")


def test_a_node_carries_what_was_asked_for_and_what_its_driver_finds(cluster: ManagedCluster, api: Kube) -> None:
    cluster.set_machines("gpu", machines("gpu", 1))
    node = json.loads(api.run("get", "node", "gpu-0", "-o", "json"))
    labels, capacity = node["metadata"]["labels"], node["status"]["capacity"]
    assert capacity["nvidia.com/gpu"] == "8"
    assert capacity["vpc.amazonaws.com/efa"] == "32"
    assert labels["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    assert labels["example.com/tier"] == "gold"
    assert labels["topology.kubernetes.io/zone"] == "us-east-1b"
    assert "strata.dev/pool" not in labels, "the program did not send it"
    assert [taint["key"] for taint in node["spec"]["taints"]] == ["example.com/dedicated"]
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.34.2-eks-4e3b1"


def test_without_driver_and_cards_a_node_offers_neither(cluster: ManagedCluster, api: Kube) -> None:
    cluster.set_machines("gpu", machines("gpu", 1))
    cluster.set_machines("gpu", machines("gpu", 1, has_driver=False, devices={}))
    node = json.loads(api.run("get", "node", "gpu-0", "-o", "json"))
    assert not {"nvidia.com/gpu", "vpc.amazonaws.com/efa"} & node["status"]["allocatable"].keys()
    found = [label for label in node["metadata"]["labels"] if "nvidia" in label or "feature.node" in label]
    assert found == [], "nothing on the node looks for GPUs"
    assert node["metadata"]["labels"]["node.kubernetes.io/instance-type"] == "p5.48xlarge"


def test_cards_alone_need_no_driver(cluster: ManagedCluster, api: Kube) -> None:
    cluster.set_machines("gpu", machines("gpu", 1, has_driver=False))
    allocatable = json.loads(api.run("get", "node", "gpu-0", "-o", "json"))["status"]["allocatable"]
    assert allocatable["vpc.amazonaws.com/efa"] == "32"
    assert "nvidia.com/gpu" not in allocatable


def test_node_groups_do_not_touch_each_other(cluster: ManagedCluster, api: Kube) -> None:
    cluster.set_machines("a", [cpu("a-0"), cpu("a-1")])
    cluster.set_machines("b", [cpu("b-0")])
    cluster.set_machines("a", [cpu("a-0")])
    assert {"a-0", "b-0"} <= seen(api)
    assert "a-1" not in seen(api)
    with pytest.raises(StrataError, match="b-0"):
        cluster.set_machines("a", [cpu("b-0")])
    cluster.set_machines("a", [])
    cluster.set_machines("b", [])
    assert not {"a-0", "b-0"} & seen(api)


def test_pods_of_a_node_that_goes_move_to_another(cluster: ManagedCluster, api: Kube) -> None:
    cluster.set_machines("workers", [cpu("w-0"), cpu("w-1")])
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod_spec(0)}
    spec = {"replicas": 4, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    api.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
    api.run("rollout", "status", "deployment/web", "--timeout=50s")
    cluster.set_machines("workers", [cpu("w-1")])

    def places() -> list[str]:
        return api.run("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}").split()

    api.until(lambda: places() == ["w-1"] * 4, "all four pods are on the node that is left")
    api.run("delete", "deployment", "web")
    cluster.set_machines("workers", [])


def storage_class(name: str, driver: str, mode: str) -> dict[str, object]:
    about = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    return {**about, "provisioner": driver, "volumeBindingMode": mode}


def claim(name: str, kind: str, access: str) -> dict[str, object]:
    spec = {"accessModes": [access], "storageClassName": kind, "resources": {"requests": {"storage": "5Gi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def user(name: str, of: str) -> dict[str, object]:
    spec = {**pod_spec(0), "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": of}}]}
    return {**pod(name, 0), "spec": spec}


def phase(api: Kube, name: str) -> str:
    return api.path("pvc", name, ".status.phase")


def test_a_claim_waits_for_its_driver_and_its_pod(cluster: ManagedCluster, api: Kube) -> None:
    cluster.set_machines("workers", [cpu("w-0", "us-east-1c")])
    api.apply(storage_class("disk", EBS, "WaitForFirstConsumer"), claim("disk", "disk", "ReadWriteOnce"))
    api.apply(user("writer", "disk"))
    api.until(lambda: "ExternalProvisioning" in api.run("get", "events"), "Kubernetes asks the driver")
    assert phase(api, "disk") == "Pending", "nobody makes volumes yet"
    cluster.install_driver(EBS, ("ReadWriteOnce",))
    api.until(lambda: phase(api, "disk") == "Bound", "the driver made a volume")
    api.until(lambda: api.path("pod", "writer", ".status.phase") == "Running", "the pod runs")
    volume = api.path("pvc", "disk", ".spec.volumeName")
    assert api.path("pv", volume, ".spec.csi.driver") == EBS
    assert "us-east-1c" in api.path("pv", volume, ".spec.nodeAffinity"), "a disk is in one zone"
    api.run("delete", "pod/writer", "pvc/disk")
    api.until(lambda: volume not in api.run("get", "pv", "-o", "name"), "the volume goes with its claim")


def test_a_shared_claim_binds_at_once_and_a_removed_driver_makes_no_more(cluster: ManagedCluster, api: Kube) -> None:
    cluster.install_driver(EFS)
    api.apply(storage_class("shared", EFS, "Immediate"), claim("first", "shared", "ReadWriteMany"))
    api.until(lambda: phase(api, "first") == "Bound", "the shared claim binds")
    assert EFS in api.run("get", "csidrivers")
    cluster.remove_driver(EFS)
    assert EFS not in api.run("get", "csidrivers")
    api.apply(claim("second", "shared", "ReadWriteMany"))
    api.until(lambda: "ExternalProvisioning" in api.run("describe", "pvc", "second"), "Kubernetes asks the driver")
    assert (phase(api, "first"), phase(api, "second")) == ("Bound", "Pending")


def test_a_driver_says_which_access_it_cannot_give(cluster: ManagedCluster, api: Kube) -> None:
    cluster.install_driver(EBS, ("ReadWriteOnce",))
    api.apply(storage_class("now", EBS, "Immediate"), claim("many", "now", "ReadWriteMany"))
    api.until(lambda: "does not support ReadWriteMany" in api.run("describe", "pvc", "many"), "an event says why")
    assert phase(api, "many") == "Pending"


def test_a_volume_made_by_hand_binds_through_its_driver(api: Kube) -> None:
    spec = {
        "capacity": {"storage": "5Gi"},
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "by-hand",
        "csi": {"driver": "fsx.csi.aws.com", "volumeHandle": "fs-1"},
    }
    api.apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "fs-1"}, "spec": spec})
    api.apply(claim("by-hand", "by-hand", "ReadWriteMany"))
    api.until(lambda: phase(api, "by-hand") == "Bound", "the claim takes the volume")


def test_stopping_and_starting_keeps_nodes_and_drivers(cluster: ManagedCluster, api: Kube) -> None:
    cluster.install_driver(EBS)
    before = seen(api)
    cluster.stop()
    assert [component.pid for component in cluster.status().components] == [None] * len(
        (*COMPONENTS, *ALWAYS, PROVISIONER)
    )
    cluster.start()
    assert {component.name for component in cluster.status().components} == {
        *COMPONENTS,
        *(process.name for process in (*ALWAYS, PROVISIONER)),
    }
    assert cluster.status().ready
    assert seen(api) == before
    api.apply(storage_class("again", EBS, "Immediate"), claim("again", "again", "ReadWriteOnce"))
    api.until(lambda: phase(api, "again") == "Bound", "the driver works again")


def test_a_driver_that_was_killed_is_started_again(cluster: ManagedCluster) -> None:
    cluster.install_driver(EBS)
    victim = cluster.status().components[-1]
    assert victim.name == PROVISIONER.name
    assert victim.pid
    os.kill(victim.pid, signal.SIGKILL)
    # The system takes a moment to end it.
    deadline = time.monotonic() + 10
    while processes.started_as(victim.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not cluster.status().ready
    assert cluster.start().changed == (f"started {PROVISIONER.name}",)
    assert cluster.status().ready


def test_a_cluster_can_be_found_until_it_is_deleted(state: Path) -> None:
    here, there = (ManagedCluster("same", state, cloud="gcp", location=place) for place in ("eu", "us"))
    assert here.create().server != there.create().server
    here.install_driver(EBS)
    assert {("same", "eu"), ("same", "us")} <= {
        (found_cluster.name, found_cluster.location) for found_cluster in existing_clusters(state)
    }
    layout = here.control_plane.layout
    programs = [
        *(process.program(layout) for process in (*ALWAYS, PROVISIONER)),
        *(layout.program(component) for component in COMPONENTS),
    ]
    assert all(processes.running(programs).values())
    for one in (here, there):
        one.delete()
        one.delete()
    assert not any(processes.running(programs).values()), "no process is left"
    assert not list(layout.home.parent.glob("gcp-*")), "no file is left"
    assert "same" not in {found_cluster.name for found_cluster in existing_clusters(state)}
    with pytest.raises(StrataError, match="does not exist"):
        here.install_driver(EBS)


def test_a_control_plane_that_no_cloud_made_is_left_alone(state: Path) -> None:
    local = ControlPlane("local-one", state)
    local.layout.home.mkdir(parents=True)
    local.layout.record.write_text("{}")
    taken = ManagedCluster("local-one", state)
    with pytest.raises(StrataError, match="is not this cluster"):
        taken.create()
    taken.delete()
    assert local.layout.record.exists()
    local.delete()
