"""GPUs of nodes without container toolkit appear once the GPU operator runs, as its own controller would have it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.accelerators import NAMESPACE
from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.pools import GPU_TAINT, POOL_LABEL
from simulation import ControlPlane
from simulation.control_plane.api import MANAGER
from simulation.control_plane.devices.cluster_policy import ClusterPolicy, daemon_sets
from simulation.control_plane.machines import Machine
from simulation.provider.managed_cluster import ManagedCluster
from tests.clusters.kubeadm.site import site
from tests.simulation.control_plane.operator_chart import DEPLOYMENT, apply, operator_objects
from tests.simulation.kube import Kube, pod

pytestmark = [pytest.mark.engine]
MODULE = "github.com/NVIDIA/gpu-operator@v0.0.0-20250917190837-d73a0086a6ba"
FACTS: ClusterFacts = kubeadm_facts(*site())
Objects = list[Mapping[str, object]]


def host(name: str, machine: str, pool: str, *, has_driver: bool) -> Machine:
    return Machine(
        name=name,
        instance_type=machine,
        zone="",
        region="",
        labels={POOL_LABEL: pool},
        taints=(GPU_TAINT,) if has_driver else (),
        has_driver=has_driver,
        has_toolkit=False,
    )


@pytest.fixture(scope="module")
def cluster(state: Path) -> Generator[ManagedCluster, None, None]:
    made = ManagedCluster("operated", state)
    made.create()
    made.set_machines("h100", [host("h100-1", "hgx-h100", "h100", has_driver=True)])
    made.set_machines("others", [host("others-1", "hgx-h100", "others", has_driver=True)])
    made.set_machines("cpu", [host("cpu-1", "xeon-6530-x2", "cpu", has_driver=False)])
    yield made
    made.delete()


@pytest.fixture(scope="module")
def plane(cluster: ManagedCluster) -> ControlPlane:
    return cluster.control_plane


@pytest.fixture(scope="module")
def objects(project: Path) -> Objects:
    return operator_objects(project, FACTS)


def is_controller(found: Mapping[str, object]) -> bool:
    return found["kind"] == DEPLOYMENT and "gpu-operator:" in json.dumps(found)


def labels(kube: Kube, node: str) -> Mapping[str, str]:
    return json.loads(kube.path("node", node, ".metadata.labels"))


def gpus(kube: Kube, node: str) -> str:
    return kube.path("node", node, r".status.allocatable.nvidia\.com/gpu")


def daemons(kube: Kube) -> dict[str, dict[str, object]]:
    listed = json.loads(kube.run("get", "daemonsets", "-n", NAMESPACE, "-o", "json"))["items"]
    return {found["metadata"]["name"]: found for found in listed if "ownerReferences" in found["metadata"]}


def test_a2_a_pod_waits_for_the_operator_and_gets_its_gpu_from_it(kube: Kube, objects: Objects) -> None:
    apply(kube, [found for found in objects if not is_controller(found)])
    found = "feature.node.kubernetes.io/pci-10de.present"
    kube.until(lambda: found in labels(kube, "h100-1"), "discovery finds the GPUs")
    kube.apply(pod("early", 1))
    kube.until(lambda: "Insufficient" in kube.path("pod", "early", ".status.conditions[0].message"), "a refusal")
    assert daemons(kube) == {}, "a policy does nothing without an operator"
    apply(kube, [found for found in objects if is_controller(found)])
    kube.until(lambda: kube.path("pod", "early", ".status.phase") == "Running", "the pod gets its GPU")
    assert kube.path("pod", "early", ".spec.nodeName") == "h100-1"
    assert labels(kube, "h100-1")["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"


def test_nodes_of_other_pools_are_not_touched(kube: Kube) -> None:
    assert gpus(kube, "others-1") == ""
    assert not [key for key in labels(kube, "others-1") if key.startswith(("nvidia.com/", "feature.node."))]


def test_without_the_policy_nothing_is_advertised(kube: Kube) -> None:
    kube.run("delete", "clusterpolicy", "--all")
    # The collector of garbage learns of new kinds every half a minute.
    kube.until(lambda: daemons(kube) == {}, "its DaemonSets go with it", seconds=120)
    kube.until(lambda: gpus(kube, "h100-1") == "0", "and the GPUs with their plugin")


def test_a2_the_operators_own_controller_makes_the_same_of_the_policy(
    kube: Kube, objects: Objects, project: Path, tmp_path: Path
) -> None:
    kube.run("delete", "deployment", "-n", NAMESPACE, "gpu-operator")
    chosen = ("get", "pods", "-n", NAMESPACE, "-l", "app=gpu-operator", "-o", "name")
    kube.until(lambda: not kube.run(*chosen), "no pod of the operator, so the stand-in rests")
    apply(kube, [found for found in objects if found["kind"] == "ClusterPolicy"])
    policy = ClusterPolicy.model_validate_json(kube.run("get", "clusterpolicy", "cluster-policy", "-o", "json"))
    expected = dict(daemon_sets(policy, NAMESPACE))
    with controller(kube, project, tmp_path) as said:
        kube.until(lambda: set(expected) <= set(daemons(kube)), f"its DaemonSets; {said}", seconds=120)
        made = {name: essence(found) for name, found in daemons(kube).items()}
        writers = kube.run("get", "daemonsets", "-n", NAMESPACE, "-o", "json", "--show-managed-fields")
    assert made == {name: essence(json.loads(json.dumps(found))) for name, found in expected.items()}
    assert f'"manager": "{MANAGER}"' not in writers, "the stand-in made some of them"


def essence(daemon: Mapping[str, object]) -> tuple[object, ...]:
    """Where a DaemonSet runs, and the image of each program that the process of the devices knows."""
    template = json.loads(json.dumps(daemon["spec"]))["template"]["spec"]
    taints = sorted((found["key"], found["operator"], found["effect"]) for found in template["tolerations"])
    images = {found["name"]: found["image"] for found in template["containers"]}
    return template["nodeSelector"], taints, images


@contextmanager
def controller(kube: Kube, project: Path, folder: Path) -> Generator[Path, None, None]:
    """The real operator, which finds its files where its image has them, in a root of its own; its log."""
    root, log = folder / "root", folder / "operator.log"
    source = module_source(project)
    shutil.copytree(source / "assets", root / "opt" / "gpu-operator", copy_function=shutil.copyfile)
    shutil.copytree(source / "manifests", root / "opt" / "gpu-operator" / "manifests", copy_function=shutil.copyfile)
    (root / "host-etc").mkdir()
    (root / "host-etc" / "os-release").write_text('ID=ubuntu\nVERSION_ID="24.04"\n')
    (root / "kubeconfig").write_text(kube.run("config", "view", "--raw", "--flatten"))
    shutil.copy(project / ".strata" / "bin" / "gpu-operator", root / "operator")
    options = [
        f"--metrics-bind-address=127.0.0.1:{free_port()}",
        f"--health-probe-bind-address=127.0.0.1:{free_port()}",
    ]
    environment = {**os.environ, "KUBECONFIG": "/kubeconfig", "OPERATOR_NAMESPACE": NAMESPACE}
    with log.open("w") as out:
        started = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "chroot", str(root), "/operator", *options],
            stdout=out,
            stderr=out,
            env=environment,
        )
    try:
        yield log
    finally:
        started.terminate()
        started.wait(timeout=30)


def module_source(project: Path) -> Path:
    """The unpacked module from which the program was built."""
    asked = subprocess.run(
        ["go", "mod", "download", "-json", MODULE],
        cwd=project / "tools" / "go" / "gpu-operator",
        env={**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(json.loads(asked.stdout)["Dir"])


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
