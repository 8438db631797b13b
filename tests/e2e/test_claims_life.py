"""Stacks whose pods claim devices: GPUs of the DRA driver, and NVLink domains beside the device plugin."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.results import counts
from tests.sandbox import Sandbox, sandbox
from tests.stacks.test_variants import changed

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", "dev") != "dev", reason="builds on the dev stack"),
]
CLAIMED, RACK = "GPUs by claims", "a rack of NVLink"


def box_of(project: Path, folder: Path, variant: str) -> Iterator[Sandbox]:
    with sandbox(project, folder, "dev") as made:
        (made.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump(changed(project, "dev", variant)))
        yield made


@pytest.fixture(scope="module")
def claimed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from box_of(project, tmp_path_factory.mktemp("claimed"), CLAIMED)


@pytest.fixture(scope="module")
def rack(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from box_of(project, tmp_path_factory.mktemp("rack"), RACK)


def up(box: Sandbox) -> str:
    done = box.strata("up")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def down(box: Sandbox) -> None:
    done = box.strata("down")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert not (box.folder / ".strata/backend/.pulumi/stacks/strata/dev.json").exists(), "nothing is left of the stack"


def items(box: Sandbox, *query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(box.kubectl("get", *query, "-o", "json"))["items"]
    return found


class TestClaims:
    """Steps build on each other, in this order."""

    def test_servers_run_with_the_gpus_that_they_claim(self, claimed: Sandbox) -> None:
        up(claimed)
        claims = json.dumps(items(claimed, "resourceclaims", "-n", "models"))
        assert claims.count('"driver": "gpu.nvidia.com"') == 2, "one GPU for each of two replicas"
        pods = json.dumps(items(claimed, "pods", "-n", "models", "-l", "strata.dev/component=model-server"))
        assert '"nvidia.com/gpu":' not in pods, "a container that asks twice would hold twice"

    def test_everything_that_was_promised_holds(self, claimed: Sandbox) -> None:
        done = claimed.strata("verify", "--wait=30")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "each node offers 8 devices of gpu.nvidia.com to claims" in done.stdout

    def test_a_second_up_changes_nothing(self, claimed: Sandbox) -> None:
        assert set(counts(up(claimed))) == {"unchanged"}

    def test_a_missing_driver_is_said_by_verify(self, claimed: Sandbox) -> None:
        name = "daemonset/dra-driver-nvidia-gpu-kubelet-plugin"
        patch = json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"example.com/none": "x"}}}}})
        claimed.kubectl("patch", name, "-n", "strata-accelerators", "--type=merge", f"--patch={patch}")
        claimed.kubectl("wait", "--for=delete", "resourceslice/h100-0-gpu.nvidia.com", "--timeout=60s")
        done = claimed.strata("verify")
        assert done.returncode != 0
        assert "the DRA driver does not run there" in done.stdout

    def test_everything_goes(self, claimed: Sandbox) -> None:
        down(claimed)


class TestRack:
    """Steps build on each other, in this order."""

    def test_domains_come_up_beside_the_device_plugin(self, rack: Sandbox) -> None:
        up(rack)
        daemons = rack.kubectl("get", "daemonsets", "-n", "strata-accelerators", "-o", "name")
        assert "nvidia-device-plugin" in daemons
        assert "dra-driver-nvidia-gpu-kubelet-plugin" in daemons
        done = rack.strata("verify", "--wait=30")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "4 nvidia.com/gpu" in done.stdout
        assert "2 devices of compute-domain.nvidia.com" in done.stdout

    def test_pods_of_one_domain_get_its_channel_on_trays_that_nvlink_joins(self, rack: Sandbox) -> None:
        path = rack.folder / "domain.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": domain_and_pods()}))
        rack.kubectl("apply", "-f", str(path))
        rack.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=ranks", "-n", "models", "--timeout=90s")
        pods = rack.kubectl(
            "get", "pods", "-l", "app=ranks", "-n", "models", "-o", "jsonpath={.items[*].spec.nodeName}"
        )
        assert len(set(pods.split())) == 2, "a channel is given to one pod of a node"
        claims = json.dumps(items(rack, "resourceclaims", "-n", "models"))
        assert claims.count('"device": "channel-0"') == 2
        rack.kubectl("delete", "-f", str(path), "--timeout=90s")

    def test_everything_goes(self, rack: Sandbox) -> None:
        down(rack)


def domain_and_pods() -> list[dict[str, object]]:
    """What ``ComputeDomain`` and ``within_one_domain`` declare, beside two pods of a user's own."""
    domain = {
        "apiVersion": "resource.nvidia.com/v1beta1",
        "kind": "ComputeDomain",
        "metadata": {"name": "ranks", "namespace": "models"},
        "spec": {"numNodes": 0, "channel": {"resourceClaimTemplate": {"name": "ranks-channel"}}},
    }
    chosen = {"labelSelector": {"matchLabels": {"app": "ranks"}}}
    term = "requiredDuringSchedulingIgnoredDuringExecution"
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    amounts = {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi", "nvidia.com/gpu": "1"}
    container = {
        "name": "rank",
        "image": "example.com/rank:1",
        "resources": {"claims": [{"name": "channel"}], "requests": amounts, "limits": amounts},
        "securityContext": restricted,
    }
    spec = {
        "containers": [container],
        "resourceClaims": [{"name": "channel", "resourceClaimTemplateName": "ranks-channel"}],
        "tolerations": [{"operator": "Exists"}],
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "automountServiceAccountToken": False,
        "affinity": {
            "podAffinity": {term: [{**chosen, "topologyKey": "nvidia.com/gpu.clique"}]},
            "podAntiAffinity": {term: [{**chosen, "topologyKey": "kubernetes.io/hostname"}]},
        },
    }
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"rank-{number}", "namespace": "models", "labels": {"app": "ranks"}},
            "spec": spec,
        }
        for number in range(2)
    ]
    return [dict(domain), *(dict(pod) for pod in pods)]
