"""Starting, stopping and repairing real control planes."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from simulation import ControlPlane
from simulation.control_plane.layout import COMPONENTS
from simulation.control_plane.side_processes import ALWAYS
from tests.simulation.kube import Kube, config_map

pytestmark = [pytest.mark.engine]
SIDE = tuple(process.name for process in ALWAYS)


def pids(plane: ControlPlane) -> dict[str, int]:
    return {component.name: component.pid for component in plane.status().components if component.pid}


def test_a_second_start_finds_nothing_to_do(plane: ControlPlane) -> None:
    before = pids(plane)
    assert plane.start().changed == ()
    assert pids(plane) == before


def test_only_the_owner_can_read_the_kubeconfig(plane: ControlPlane) -> None:
    assert stat.S_IMODE(plane.kubeconfig.stat().st_mode) == 0o600


def test_nothing_listens_beyond_this_machine(plane: ControlPlane) -> None:
    ours = {f"socket:[{inode}]" for inode in _inodes(pids(plane).values())}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in ours:
                assert columns[1].startswith("0100007F"), f"listens on {columns[1]}"


def test_servers_of_aggregated_apis_are_told_who_asks_them_for_others(plane: ControlPlane, kube: Kube) -> None:
    found = kube.run("get", "configmap", "extension-apiserver-authentication", "-n", "kube-system", "-o", "json")
    data = json.loads(found)["data"]
    assert data["requestheader-client-ca-file"] == (plane.layout.certificates / "ca.crt").read_text()
    assert json.loads(data["requestheader-allowed-names"]) == ["kwok-admin"], "no other certificate of the authority"


def _inodes(processes: Iterable[int]) -> set[str]:
    targets = [str(entry.readlink()) for pid in processes for entry in Path(f"/proc/{pid}/fd").iterdir()]
    return {target.removeprefix("socket:[").rstrip("]") for target in targets if target.startswith("socket:[")}


@pytest.mark.parametrize("victim", [*COMPONENTS, *SIDE])
def test_a_killed_process_is_started_again_and_nothing_is_lost(victim: str, plane: ControlPlane, kube: Kube) -> None:
    kube.apply(config_map(f"before-{victim}"))
    os.kill(pids(plane)[victim], signal.SIGKILL)
    plane.start()
    assert plane.is_ready(), f"{victim} has to run again"
    assert kube.path("configmap", f"before-{victim}", ".data.key") == "value"
    kube.apply(config_map(f"after-{victim}"))


def test_all_processes_killed_at_once_come_back_with_every_object(plane: ControlPlane, kube: Kube) -> None:
    kube.apply(config_map("survivor"))
    for pid in pids(plane).values():
        os.kill(pid, signal.SIGKILL)
    plane.start()
    assert kube.path("configmap", "survivor", ".data.key") == "value"


def test_stop_leaves_no_process_and_keeps_the_objects(plane: ControlPlane, kube: Kube) -> None:
    kube.apply(config_map("kept"))
    address = plane.kubeconfig.read_text()
    plane.stop()
    assert pids(plane) == {}
    plane.start()
    assert plane.kubeconfig.read_text() == address, "the kubeconfig stays valid"
    assert kube.path("configmap", "kept", ".data.key") == "value"


def test_reset_throws_every_object_away(plane: ControlPlane, kube: Kube) -> None:
    kube.apply(config_map("gone"))
    plane.reset()
    assert "gone" not in kube.run("get", "configmap", "-o", "name")


def test_two_control_planes_run_side_by_side(
    plane: ControlPlane, kube: Kube, project: Path, new_plane: Callable[[str], ControlPlane]
) -> None:
    other = new_plane("two")
    other.start()
    Kube(project, other).apply(config_map("only-here"))
    assert "only-here" not in kube.run("get", "configmap", "-o", "name")
    other.delete()
    assert plane.is_ready()
    assert not other.layout.home.exists()


def test_two_starts_at_once_make_one_control_plane(new_plane: Callable[[str], ControlPlane]) -> None:
    first = new_plane("race")
    with ThreadPoolExecutor(2) as pool:
        for started in [pool.submit(first.start), pool.submit(ControlPlane("race", first.layout.state).start)]:
            started.result()
    assert first.is_ready()
    assert pids(first).keys() == {*COMPONENTS, *SIDE}


def test_a_half_made_control_plane_is_finished(new_plane: Callable[[str], ControlPlane]) -> None:
    half = new_plane("half")
    half.layout.home.mkdir(parents=True)
    half.layout.record.write_text("{ half a rec")
    half.start()
    assert half.is_ready()


@pytest.mark.parametrize("name", ["../up", "A", "", "a" * 60])
def test_a_name_that_cannot_be_a_folder_is_refused(name: str, state: Path) -> None:
    with pytest.raises(StrataError):
        ControlPlane(name, state)


def test_webhooks_are_asked_while_there_are_nodes_that_run_pods(plane: ControlPlane, kube: Kube) -> None:
    """On simulated nodes nobody would answer, and a webhook that may not fail would have everything refused."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    hook = {
        "name": "nobody.example.com",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [rule],
        "matchConditions": [{"name": "asked", "expression": "object.metadata.name == 'asked'"}],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    about = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    kube.apply({**about, "metadata": {"name": "nobody"}, "webhooks": [hook]})
    try:
        kube.apply(config_map("asked"))
        kube.run("delete", "configmap", "asked")
        plane.layout.live_nodes.touch()
        assert "installed anew" in plane.start().changed
        with pytest.raises(AssertionError, match="failed calling webhook"):
            kube.apply(config_map("asked"))
    finally:
        plane.layout.live_nodes.unlink(missing_ok=True)
        plane.start()
        kube.run("delete", "validatingwebhookconfiguration", "nobody")
