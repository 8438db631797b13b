"""GPUs that pods share, on a real engine, API server and scheduler: MIG, MPS and time-slicing, each with servers.

``STACK=shared`` runs it. Steps build on each other, in this order.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.pods import servers
from tests.sandbox import Sandbox, sandbox

STACK = "shared"
PARTITION = "nvidia.com/mig-1g.20gb"
PLUGIN = "nvidia-device-plugin-shared"
NAMESPACE = "strata-accelerators"
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK") != STACK, reason="the life of another stack"),
]
# A pod that asks for a partition of the node of pool "partitions".
ASKING = json.dumps(
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "asking", "namespace": "default"},
        "spec": {
            "nodeSelector": {"strata.dev/pool": "partitions"},
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            "containers": [{"name": "c", "image": "x", "resources": {"limits": {PARTITION: "1"}}}],
        },
    }
)


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("shared"), STACK) as made:
        yield made


def allocatable(box: Sandbox, pool: str) -> dict[str, int]:
    """Slices that the one node of a pool offers."""
    text = box.kubectl("get", "nodes", "-l", f"strata.dev/pool={pool}", "-o", "jsonpath={.items[0].status.allocatable}")
    return {name: int(count) for name, count in json.loads(text).items() if name.startswith("nvidia.com/")}


def until(seen: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.5)


def test_up_brings_servers_up_on_slices(box: Sandbox) -> None:
    done = box.strata("up", timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert {pool: allocatable(box, pool) for pool in ("partitions", "mps", "turns")} == {
        "partitions": {PARTITION: 4},
        "mps": {"nvidia.com/gpu": 2},
        "turns": {"nvidia.com/gpu": 2},
    }
    pods = servers(box)
    assert len(pods) == 7, "three partitions and two shares of each other GPU"
    asked = sorted(
        resource
        for pod in pods
        for resource in pod.spec.containers[0].resources.requests
        if resource in {PARTITION, "nvidia.com/gpu"}
    )
    assert asked == ["nvidia.com/gpu"] * 4 + [PARTITION] * 3
    assert len({pod.spec.node for pod in pods}) == 3, "servers share the one GPU of each pool's node"


def test_everything_that_was_promised_holds(box: Sandbox) -> None:
    done = box.strata("verify", "--wait=60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert PARTITION in done.stdout


def test_without_their_advertiser_slices_are_gone_and_verify_says_why(box: Sandbox) -> None:
    away = '{"spec": {"template": {"spec": {"nodeSelector": {"nowhere": "true"}}}}}'
    box.kubectl("patch", "daemonset", PLUGIN, "-n", NAMESPACE, "--type=merge", "-p", away)
    until(lambda: allocatable(box, "partitions") == {PARTITION: 0}, "no partition is offered")
    file = box.folder / "asking.json"
    file.write_text(ASKING)
    box.kubectl("apply", "-f", str(file))
    reason = ("get", "pod", "asking", "-n", "default", "-o", "jsonpath={.status.conditions[0].message}")
    until(lambda: f"Insufficient {PARTITION}" in box.kubectl(*reason), "the scheduler says what is missing")
    done = box.strata("verify")
    assert done.returncode != 0
    assert f"each node offers 4 {PARTITION}" in done.stdout
    assert "what advertises them" in done.stdout

    back = '{"spec": {"template": {"spec": {"nodeSelector": null}}}}'
    box.kubectl("patch", "daemonset", PLUGIN, "-n", NAMESPACE, "--type=merge", "-p", back)
    phase = ("get", "pod", "asking", "-n", "default", "-o", "jsonpath={.status.phase}")
    until(lambda: box.kubectl(*phase) == "Running", "the fourth partition is for it")
    box.kubectl("delete", "pod", "asking", "-n", "default")


def test_shares_of_mps_go_with_its_daemon(box: Sandbox) -> None:
    box.kubectl("label", "nodes", "-l", "strata.dev/pool=mps", "nvidia.com/mps.capable-")
    until(lambda: allocatable(box, "mps") == {"nvidia.com/gpu": 0}, "the plugin waits for the daemon")
    box.kubectl("label", "nodes", "-l", "strata.dev/pool=mps", "nvidia.com/mps.capable=true")
    until(lambda: allocatable(box, "mps") == {"nvidia.com/gpu": 2}, "and finds it again")


def test_down_leaves_nothing(box: Sandbox) -> None:
    done = box.strata("down", timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert not box.control_plane.layout.home.exists()
