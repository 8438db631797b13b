"""A GPU falls off the bus: the real detector says so, and our program empties the node within its budgets.

Both run as they do in their pods, with the rights of their service accounts, on the embedded cluster. What the kernel
would write is a file here, which the detector reads with its reader of files in place of that of ``/dev/kmsg``; nodes
and pods are simulated.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.pools import GPU_TAINT, POOL_LABEL
from components.services import repair_program, xids
from components.services.known import NODE_REPAIR
from components.services.node_repair import NodeRepair, NodeRepairArgs, detector_settings
from simulation.control_plane.machines import Machine
from simulation.provider.managed_cluster import ManagedCluster
from tests.clusters.kubeadm.site import site
from tests.registration import registered
from tests.simulation.kube import Kube

pytestmark = [pytest.mark.engine]
ILL, NEXT, SPARE = "h100-1", "others-1", "h100-2"
APPLICATION = "NVRM: Xid (PCI:0000:3b:00): 31, pid=77, name=python, Ch 00000001, intr 00000000. MMU Fault"
OFF_THE_BUS = "NVRM: Xid (PCI:0000:3b:00): 79, pid=77, name=python, GPU has fallen off the bus."


def host(name: str) -> Machine:
    return Machine(
        name=name,
        instance_type="hgx-h100",
        zone="",
        region="",
        labels={POOL_LABEL: name.rpartition("-")[0]},
        taints=(GPU_TAINT,),
        has_driver=True,
        has_toolkit=False,
    )


@pytest.fixture(scope="module")
def cluster(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagedCluster]:
    state = tmp_path_factory.mktemp("repair")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    made = ManagedCluster("repaired", state)
    try:
        made.create()
        made.set_machines("h100", [host(ILL)])
        made.set_machines("others", [host(NEXT)])
        yield made
    finally:
        made.delete()


@pytest.fixture(scope="module")
def kube(cluster: ManagedCluster, project: Path) -> Kube:
    found = Kube(project, cluster.control_plane)
    registrations = registered(lambda: NodeRepair("repair", NodeRepairArgs(facts=kubeadm_facts(*site()))))
    for kind in ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "DaemonSet"):
        for made in registrations.of(kind):
            found.apply({key: value for key, value in made.inputs.items() if key != "status"})
    return found


@contextmanager
def running(log: Path, command: list[str], variables: Mapping[str, str]) -> Generator[None, None, None]:
    with log.open("w") as output:
        started = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **variables})
        try:
            yield
        finally:
            started.terminate()
            started.wait(timeout=30)


def signed_in(kube: Kube, account: str, folder: Path) -> tuple[str, Path, Path]:
    """Address of the API server, and files with a token of the service account and the authority."""
    found = json.loads(kube.run("config", "view", "--raw", "-o", "json"))["clusters"][0]["cluster"]
    token = folder / f"{account}.token"
    token.write_text(kube.run("create", "token", account, "-n", NODE_REPAIR.namespace))
    authority = folder / "ca.crt"
    authority.write_bytes(base64.b64decode(found["certificate-authority-data"]))
    return found["server"], token, authority


@contextmanager
def detector(kube: Kube, project: Path, folder: Path, kernel_log: Path) -> Generator[None, None, None]:
    server, token, authority = signed_in(kube, "node-problem-detector", folder)
    kubeconfig = folder / "detector.kubeconfig"
    context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
    about = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority": str(authority)}}],
        "users": [{"name": "u", "user": {"tokenFile": str(token)}}],
        "contexts": [context],
        "current-context": "c",
    }
    kubeconfig.write_text(json.dumps(about))
    reader = {"timestamp": "^.{15}", "message": r"kernel: (.*)", "timestampFormat": "Jan _2 15:04:05"}
    settings = folder / "gpu-xids.json"
    given = {**detector_settings(), "plugin": "filelog", "pluginConfig": reader, "logPath": str(kernel_log)}
    settings.write_text(json.dumps(given))
    command = [
        str(project / ".strata" / "bin" / "node-problem-detector"),
        f"--config.system-log-monitor={settings}",
        f"--apiserver-override={server}?inClusterConfig=false&auth={kubeconfig}",
        "--port=0",
        "--prometheus-port=0",
    ]
    with running(folder / "detector.log", command, {"NODE_NAME": ILL}):
        yield


@contextmanager
def repairer(kube: Kube, folder: Path, nodes_out: str = "") -> Generator[Path, None, None]:
    server, token, authority = signed_in(kube, NODE_REPAIR.name, folder)
    variables = {
        "API_SERVER": server,
        "TOKEN_FILE": str(token),
        "CA_FILE": str(authority),
        "CONDITION": xids.CONDITION,
        "NODES_AT_ONCE": "1",
        "NODES_OUT": nodes_out,
        "PERIOD_SECONDS": "0.5",
    }
    with running(folder / "repair.log", [sys.executable, str(Path(repair_program.__file__))], variables):
        yield folder / "repair.log"


def say(kernel_log: Path, line: str) -> None:
    with kernel_log.open("a") as log:
        log.write(f"{time.strftime('%b %e %H:%M:%S')} {ILL} kernel: {line}\n")


def pod(pool: str) -> dict[str, object]:
    return {
        "containers": [{"name": "main", "image": "example.com/server:1"}],
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        "nodeSelector": {POOL_LABEL: pool},
    }


def workload(kind: str, name: str, replicas: int | None) -> dict[str, object]:
    labels = {"app": name}
    spec: dict[str, object] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod("h100")},
    }
    if replicas:
        spec["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def ready(kube: Kube, node: str) -> list[str]:
    """Pods of the model that run on the node."""
    found = json.loads(
        kube.run("get", "pods", "-l", "app=chat", "-o", "json", f"--field-selector=spec.nodeName={node}")
    )
    return [
        item["metadata"]["name"]
        for item in found["items"]
        if item["status"].get("phase") == "Running" and "deletionTimestamp" not in item["metadata"]
    ]


def condition(kube: Kube) -> str:
    return kube.path("node", ILL, f'.status.conditions[?(@.type=="{xids.CONDITION}")].reason')


def is_cordoned(kube: Kube, node: str) -> bool:
    return kube.path("node", node, ".spec.unschedulable") == "true"


def state(kube: Kube, node: str) -> str:
    text = kube.path("node", node, r".metadata.annotations.strata\.dev/node-repair")
    return json.loads(text)["state"] if text else ""


def set_status(kube: Kube, node: str, status: Mapping[str, object]) -> None:
    kube.run("patch", "node", node, "--subresource=status", "--type=strategic", "-p", json.dumps({"status": status}))


def test_a_node_whose_gpu_fell_off_the_bus_is_emptied_within_budgets_and_comes_back_after_a_boot(
    kube: Kube, cluster: ManagedCluster, project: Path, tmp_path: Path
) -> None:
    kernel_log = tmp_path / "kern.log"
    say(kernel_log, "Linux version 6.8")
    budget = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "chat"}}}
    kube.apply(
        workload("Deployment", "chat", 2),
        workload("DaemonSet", "agent", None),
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": pod("h100")},
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "chat"}, "spec": budget},
    )
    kube.until(lambda: len(ready(kube, ILL)) == 2, "both servers run", seconds=60)
    with repairer(kube, tmp_path) as said, detector(kube, project, tmp_path, kernel_log):
        kube.until(lambda: condition(kube) == xids.HEALTHY, "the detector reports", seconds=60)
        say(kernel_log, APPLICATION)
        say(kernel_log, OFF_THE_BUS)
        kube.until(lambda: condition(kube) == "Xid79", "the error that needs a boot, not that of the application")
        kube.until(lambda: is_cordoned(kube, ILL), "the node takes no more pods")
        kube.until(lambda: "its budget allows no eviction yet" in said.read_text(), "the budget is asked")
        assert len(ready(kube, ILL)) == 1, "one of two may be missing, and its successor has no place"
        assert state(kube, ILL) == repair_program.DRAINING
        broken = {"type": xids.CONDITION, "status": "True", "reason": "Xid95", "message": "as told by its detector"}
        set_status(kube, NEXT, {"conditions": [broken]})
        time.sleep(3)
        assert not is_cordoned(kube, NEXT), "one node at a time"
        cluster.set_machines("h100", [host(ILL), host(SPARE)])
        kube.until(lambda: state(kube, ILL) == repair_program.DRAINED, "the node is empty", seconds=60)
        kube.until(lambda: len(ready(kube, SPARE)) == 2, "the servers run elsewhere", seconds=60)
        left = kube.run("get", "pods", "-A", "-o", "name", f"--field-selector=spec.nodeName={ILL}")
        assert "pod/bare" in left
        assert "pod/agent-" in left
        kube.until(lambda: "1 may be; these stay in it: others-1 (Xid95)" in said.read_text(), "one may be out")
        assert not is_cordoned(kube, NEXT), "one of two nodes is out of service already"
    with repairer(kube, tmp_path, nodes_out="2"), detector(kube, project, tmp_path, kernel_log):
        kube.until(lambda: state(kube, NEXT) == repair_program.DRAINED, "the next one follows", seconds=60)
    set_status(kube, ILL, {"nodeInfo": {"bootID": "after-the-boot"}})
    kernel_log.write_text("")
    with repairer(kube, tmp_path), detector(kube, project, tmp_path, kernel_log):
        kube.until(lambda: not is_cordoned(kube, ILL), "a node that was booted again comes back", seconds=60)
    assert state(kube, ILL) == ""
    assert is_cordoned(kube, NEXT), "one that was not stays out"
