"""The program of the README: written by nobody of the project, from the wheel, to a running model server."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox, sandbox
from tests.simulation.kube import PLUGIN, workload

from .conftest import InstalledWith
from .program import assert_strictly_typed, python_blocks, run_in, write_project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", "dev") != "dev", reason="runs on the cluster of the dev stack"),
]
MOST_LINES = 15


@pytest.fixture(scope="module")
def program(project: Path) -> str:
    """The first Python block of the README."""
    found = python_blocks(project / "README.md")
    assert found, "the README shows no program"
    return found[0]


@pytest.fixture(scope="module")
def folder(program: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of Pulumi with the program and nothing else."""
    return write_project(program, tmp_path_factory.mktemp("reuse"))


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox, None, None]:
    """A cluster as somebody gives one out: with a storage class, and with what advertises its GPUs."""
    with sandbox(project, tmp_path_factory.mktemp("cluster"), "dev") as made:
        started = made.strata("start")
        assert started.returncode == 0, started.stdout + started.stderr
        about = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "shared-files"}}
        path = made.folder / "shared-files.json"
        path.write_text(json.dumps({**about, "provisioner": "kubernetes.io/host-path"}))
        made.kubectl("apply", "-f", str(path))
        path.write_text(json.dumps(workload("DaemonSet", "nvidia-device-plugin", PLUGIN, "nvidia-device-plugin")))
        made.kubectl("apply", "-f", str(path))
        yield made


def pulumi(folder: Path, python: Path, *command: str) -> str:
    return run_in(folder, python, ("pulumi", *command), {"PULUMI_BACKEND_URL": f"file://{folder}"})


def test_the_program_is_short(program: str) -> None:
    assert len(program.splitlines()) <= MOST_LINES
    assert "components" not in program, "users know the published name only"


def test_it_is_typed_strictly_as_its_author_would_check_it(
    folder: Path, project: Path, installed_with: InstalledWith
) -> None:
    assert_strictly_typed(folder, installed_with(""), project)


@pytest.mark.engine
def test_it_brings_a_model_server_up_and_takes_it_down(
    folder: Path, box: Sandbox, installed_with: InstalledWith
) -> None:
    python = installed_with("")
    pulumi(folder, python, "stack", "init", "lab")
    pulumi(folder, python, "config", "set", "kubeconfig", str(box.kubeconfig))
    pulumi(folder, python, "up", "--yes", "--skip-preview")
    endpoints = json.loads(pulumi(folder, python, "stack", "output", "endpoints", "--json"))
    assert endpoints == {"qwen2-7b": "http://qwen2-7b.llms.svc:8000/v1"}
    ready = box.kubectl("get", "deployment", "qwen2-7b", "-n", "llms", "-o", "jsonpath={.status.readyReplicas}")
    assert int(ready) >= 1
    pulumi(folder, python, "preview", "--expect-no-changes")
    pulumi(folder, python, "destroy", "--yes", "--skip-preview")
    assert "llms" not in box.kubectl("get", "namespaces", "-o", "name")
