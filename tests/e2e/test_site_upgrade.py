"""A site of one's own gets a new minor version of Kubernetes while it serves, host by host; and loses a host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pods import servers
from tests.sandbox import Sandbox, sandbox

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK") != "onprem", reason="part of `make e2e STACK=onprem`"),
]
OLD, NEW, TOO_NEW = ('kubernetes_version: "1.34.2"', 'kubernetes_version: "1.35.1"', 'kubernetes_version: "1.36.1"')


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("site"), "onprem") as made:
        done = made.strata("up", timeout=600)
        assert done.returncode == 0, done.stdout[-3000:]
        yield made


def versions(box: Sandbox) -> set[str]:
    return set(box.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.nodeInfo.kubeletVersion}").split())


def test_every_host_gets_the_new_version_and_nothing_is_replaced(box: Sandbox) -> None:
    assert versions(box) == {"v1.34.2"}
    box.edit(OLD, NEW)
    done = box.strata("up", timeout=600)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "replaced" not in done.stdout
    assert "deleted" not in done.stdout
    steps = [done.stdout.index(f"Command {name} updated") for name in ("cp-1", "cp-2", "cp-3")]
    assert steps == sorted(steps), "etcd loses one member at a time"
    assert steps[-1] < done.stdout.index("h100-1-emptied updating"), "no kubelet may be newer than its API server"
    for host in ("h100-1", "h100-2", "l40s-1", "cpu-1"):
        order = [done.stdout.index(f"Command {host}{step} updated") for step in ("-emptied", "", "-member")]
        assert order == sorted(order), f"{host} changes while pods run on it"
    assert versions(box) == {"v1.35.1"}


def test_no_node_stays_closed(box: Sandbox) -> None:
    assert not box.kubectl("get", "nodes", "-o", "jsonpath={.items[?(@.spec.unschedulable==true)].metadata.name}")


def test_the_model_is_served_afterwards(box: Sandbox) -> None:
    pods = servers(box)
    assert [pod.status.phase for pod in pods] == ["Running", "Running"]
    assert all(pod.spec.node and pod.spec.node.startswith("h100-") for pod in pods)


def test_a_version_that_the_pod_network_does_not_know_is_refused_before_any_host(box: Sandbox) -> None:
    box.edit(NEW, TOO_NEW)
    done = box.strata("up")
    assert done.returncode == 1
    assert "target.kubernetes_version" in done.stderr
    assert versions(box) == {"v1.35.1"}
    box.edit(TOO_NEW, NEW)


def test_a_host_that_leaves_the_inventory_is_emptied_and_goes(box: Sandbox) -> None:
    text = (box.folder / "Pulumi.onprem.yaml").read_text()
    start = text.index("      - name: cpu-3\n")
    box.edit(text[start : text.index("    ssh:\n")], "")
    box.edit("instance_type: xeon-6530-x2\n      count: 3", "instance_type: xeon-6530-x2\n      count: 2")
    done = box.strata("up", timeout=600)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "cpu-3" not in box.kubectl("get", "nodes", "-o", "name")
    assert not (box.folder / ".strata/simulated/hosts/cpu-3/root/etc/kubernetes/kubelet.conf").exists()
    assert {pod.status.phase for pod in servers(box)} == {"Running"}
