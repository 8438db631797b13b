"""GPUs that are cut, shared, claimed or joined by NVLink, on each simulated cloud that allows it: whole lives.

``STACK=devices`` runs all of them, ``FEATURE="gke claims"`` one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.accelerators import NAMESPACE
from simulation.clouds.clouds import cloud_of
from simulation.clouds.gcp.account import seed_reservation
from simulation.provider.managed_cluster import existing_clusters
from simulation.provider.store import Store
from tests.e2e.cloud_stacks import CLOUD_STACKS
from tests.e2e.device_features import Feature, features
from tests.e2e.pods import servers
from tests.e2e.results import counts
from tests.sandbox import Sandbox, sandbox

FEATURES = features()
CHOSEN = os.environ.get("FEATURE")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK") != "devices", reason="STACK=devices runs the lives of devices"),
]
_PACKAGES = {"first-eks": "aws", "first-gke-ip": "gcp", "first-aks": "azure-native", "onprem": "command"}
_ASKER = "asker"
_NOWHERE = json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"example.com/nowhere": "true"}}}}})
_BACK = json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"example.com/nowhere": None}}}}})


@pytest.fixture
def box(project: Path, tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path, "dev") as made:
        yield made


@pytest.mark.parametrize("name", [name for name in FEATURES if CHOSEN in {None, name}])
def test_devices_come_and_go_with_their_advertiser(name: str, box: Sandbox) -> None:
    feature = FEATURES[name]
    feature.write(box.folder)
    box = box.beside(feature.stack)
    account = account_of(box, feature)
    _succeeds(box, "up")
    again = _succeeds(box, "up")
    assert set(counts(again)) == {"unchanged"}, f"a second up finds something to do:\n{again}"
    _runs_as_promised(box, feature)
    if feature.asked:
        _ask(box, feature.asked)
        _until(lambda: _asker(box) == ("Running", ""), f"a pod has {feature.asked}")
    advertisers = _daemon_sets(box)
    _patch(box, advertisers, _NOWHERE)
    _waits_and_says_why(box, feature)
    if feature.asked:
        box.kubectl("delete", "pod", _ASKER, "--wait=false")
        _until(lambda: not box.kubectl("get", "pod", _ASKER, "-o", "name", "--ignore-not-found"), "it is gone")
        _ask(box, feature.asked)
        _until(lambda: _asker(box)[0] == "Pending" and f"Insufficient {feature.asked}" in _asker(box)[1], "it waits")
    _patch(box, advertisers, _BACK)
    _runs_as_promised(box, feature)
    if feature.asked:
        _until(lambda: _asker(box)[0] == "Running", f"the pod has {feature.asked} again")
    _succeeds(box, "down")
    with account.transaction() as left:
        assert [(record.kind, record.identifier) for record in left.records() if not record.seeded] == []
    assert existing_clusters(box.folder / ".strata/simulated") == []


def _ask(box: Sandbox, resource: str) -> None:
    """Make a pod that asks for one such device and nothing else."""
    container = {"name": "main", "image": "example.com/asker:1", "resources": {"limits": {resource: "1"}}}
    spec = {"containers": [container], "tolerations": [{"operator": "Exists"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": _ASKER}, "spec": spec}
    (box.folder / "asker.json").write_text(json.dumps(pod))
    box.kubectl("apply", "-f", str(box.folder / "asker.json"))


def _asker(box: Sandbox) -> tuple[str, str]:
    """The phase of that pod, and why it has no node."""
    status = json.loads(box.kubectl("get", "pod", _ASKER, "-o", "json"))["status"]
    said = [condition.get("message", "") for condition in status.get("conditions", [])]
    return status["phase"], " ".join(part for part in said if part)


def account_of(box: Sandbox, feature: Feature) -> Store:
    """The account, which has what the feature needs."""
    package = _PACKAGES[feature.stack]
    assert package in {stack.package for stack in CLOUD_STACKS.values()}
    (box.folder / ".strata/simulated").mkdir()
    account = Store(box.folder / ".strata/simulated" / f"{package}.sqlite", cloud_of(package).seed)
    with account.transaction() as now:
        for fact, value in feature.facts.items():
            now.set_fact(fact, value)
        for reservation, has in feature.reservations.items():
            seed_reservation(now, reservation, machine=has.machine, zone=has.zone, count=has.count)
    return account


def _succeeds(box: Sandbox, *command: str) -> str:
    begin = time.monotonic()
    done = box.strata(*command, timeout=600)
    print(f"{box.stack}: {command[0]} {time.monotonic() - begin:.0f} s", flush=True)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def _runs_as_promised(box: Sandbox, feature: Feature) -> None:
    _until(lambda: [pod.status.phase for pod in servers(box)] == ["Running"] * feature.servers, "all servers run")
    text = _on_one_line(_succeeds(box, "verify", "--wait=60"))
    for pool, devices in feature.offers.items():
        for resource, count in devices.items():
            assert f"{count} {resource}" in text, f"{pool}: {text}"
    for driver, count in feature.claimed.items():
        assert f"{count} devices of {driver} to claims" in text, text


def _waits_and_says_why(box: Sandbox, feature: Feature) -> None:
    """Server pods that are made now stay Pending, and say what they miss; `verify` says who should have brought it."""
    _until(lambda: not _offered(box), "no node offers a device")
    box.kubectl("delete", "pods", "-n", "models", "-l", "strata.dev/component=model-server", "--wait=false")
    query = ("get", "pods", "-n", "models", "-l", "strata.dev/component=model-server", "-o", "json")

    def is_waiting() -> bool:
        pods = json.loads(box.kubectl(*query))["items"]
        said = [json.dumps(pod["status"].get("conditions", [])) for pod in pods]
        missing = ("Insufficient nvidia.com/", "cannot allocate all claims")
        pending = all(pod["status"]["phase"] == "Pending" for pod in pods)
        return len(pods) == feature.servers and pending and all(any(part in text for part in missing) for text in said)

    _until(is_waiting, "every server waits for its devices")
    done = box.strata("verify")
    assert done.returncode != 0
    text = _on_one_line(done.stdout)
    for devices in feature.offers.values():
        for resource in devices:
            assert resource in text
    assert not feature.offers or "what advertises them" in text, done.stdout
    assert not feature.claimed or "the DRA driver does not run there" in text, done.stdout


def _on_one_line(text: str) -> str:
    """What was printed, without the line breaks that long names bring."""
    return " ".join(text.split())


def _offered(box: Sandbox) -> list[str]:
    """Devices that nodes offer to pods or claims."""
    nodes = json.loads(box.kubectl("get", "nodes", "-o", "json"))["items"]
    plugged = [
        f"{node['metadata']['name']} {name}"
        for node in nodes
        for name, count in node["status"]["allocatable"].items()
        if name.startswith(("nvidia.com/", "vpc.amazonaws.com/")) and count != "0"
    ]
    return [*plugged, *box.kubectl("get", "resourceslices", "-o", "name").split()]


def _daemon_sets(box: Sandbox) -> list[tuple[str, str]]:
    """Everything that advertises devices: what Strata deploys, and the plugin that GKE runs."""
    found = [
        (NAMESPACE, name.removeprefix("daemonset.apps/"))
        for name in box.kubectl("get", "daemonsets", "-n", NAMESPACE, "-o", "name").split()
    ]
    own = box.kubectl("get", "daemonsets", "-n", "kube-system", "-l", "k8s-app=nvidia-gpu-device-plugin", "-o", "name")
    return [*found, *(("kube-system", name.removeprefix("daemonset.apps/")) for name in own.split())]


def _patch(box: Sandbox, daemon_sets: list[tuple[str, str]], patch: str) -> None:
    for namespace, name in daemon_sets:
        box.kubectl("patch", "daemonset", name, "-n", namespace, "--type=merge", "-p", patch)


def _until(seen: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 90
    while not seen():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(1)
