"""A cluster that others made, by its kubeconfig: here an embedded one, which Strata is not told."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest
import yaml

from tests.sandbox import Sandbox, sandbox
from tests.simulation.kube import PLUGIN, workload

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", "dev") != "dev", reason="builds on the dev stack"),
]
CLASSES = ("company-block", "company-files")


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox, None, None]:
    with sandbox(project, tmp_path_factory.mktemp("existing"), "dev") as made:
        assert made.strata("start").returncode == 0
        for name in CLASSES:
            path = made.folder / f"{name}.json"
            about = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
            path.write_text(json.dumps({**about, "provisioner": "kubernetes.io/host-path"}))
            made.kubectl("apply", "-f", str(path))
        # Strata installs nothing there that advertises GPUs: whoever runs the cluster does.
        plugin = made.folder / "plugin.json"
        plugin.write_text(json.dumps(workload("DaemonSet", "plugin", PLUGIN, "nvidia-device-plugin")))
        made.kubectl("apply", "-f", str(plugin))
        stack = yaml.safe_load((made.folder / "Pulumi.dev.yaml").read_text())
        stack["config"]["strata:target"] = {
            "kind": "existing",
            "name": "company",
            "kubeconfig": str(made.kubeconfig),
            "kubernetes_version": "1.34.2",
            "storage": {
                "read_write_once": CLASSES[0],
                "read_write_many": {"name": CLASSES[1], "provisioner": "kubernetes.io/host-path"},
            },
        }
        # Nobody of the company advertises the GPUs, which Strata only does there when it is told to.
        stack["config"]["strata:accelerators"] = {"install": True}
        stack["config"]["strata:sources"] = {"charts": ".strata/charts"}
        (made.folder / "Pulumi.company.yaml").write_text(yaml.safe_dump(stack))
        yield made


@pytest.fixture(scope="module")
def company(box: Sandbox) -> Sandbox:
    return Sandbox(box.folder, "company")


def test_an_existing_cluster_gets_the_same_platform(box: Sandbox, company: Sandbox) -> None:
    done = company.strata("up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    claim = box.kubectl("get", "pvc", "model-catalog", "-n", "models", "-o", "jsonpath={.spec.storageClassName}")
    assert claim == "company-files", "classes of the cluster are used, none is made"
    assert "strata-shared" not in box.kubectl("get", "storageclass", "-o", "name")
    ready = box.kubectl("get", "deployment", "qwen2-7b", "-n", "models", "-o", "jsonpath={.status.readyReplicas}")
    assert ready == "2"


def test_a_second_up_changes_nothing(company: Sandbox) -> None:
    out = company.strata("up").stdout
    assert not re.search(r"\d+ (created|updated|deleted|replaced)", out)


def test_an_unreachable_cluster_is_an_error_and_never_unchanged(box: Sandbox, company: Sandbox) -> None:
    box.control_plane.stop()
    done = company.strata("up")
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert box.strata("start").returncode == 0


def test_down_leaves_the_cluster_and_takes_what_strata_made(box: Sandbox, company: Sandbox) -> None:
    done = company.strata("down")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    left = box.kubectl("get", "namespace,priorityclass", "-l", "app.kubernetes.io/part-of=strata", "-o", "name")
    assert left == ""
    assert "h100-0" in box.kubectl("get", "nodes", "-o", "name")
