"""The program of the README: written by nobody of the project, from the wheel, to a running model server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox, sandbox

from .conftest import InstalledWith

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", "dev") != "dev", reason="runs on the cluster of the dev stack"),
]
MOST_LINES = 15
PYRIGHT = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}


@pytest.fixture(scope="module")
def program(project: Path) -> str:
    """The first Python block of the README."""
    found = re.findall(r"^```python\n(.*?)^```", (project / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert found, "the README shows no program"
    return found[0]


@pytest.fixture(scope="module")
def folder(program: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of Pulumi with the program and nothing else."""
    made = tmp_path_factory.mktemp("reuse")
    (made / "__main__.py").write_text(program)
    (made / "Pulumi.yaml").write_text("name: reuse\nruntime: python\n")
    (made / "pyrightconfig.json").write_text(json.dumps(PYRIGHT))
    return made


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox, None, None]:
    """An embedded cluster with the storage class that the program names."""
    with sandbox(project, tmp_path_factory.mktemp("cluster"), "dev") as made:
        started = made.strata("start")
        assert started.returncode == 0, started.stdout + started.stderr
        about = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "shared-files"}}
        path = made.folder / "shared-files.json"
        path.write_text(json.dumps({**about, "provisioner": "kubernetes.io/host-path"}))
        made.kubectl("apply", "-f", str(path))
        yield made


def pulumi(folder: Path, python: Path, *command: str) -> str:
    environment = {
        **os.environ,
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{folder}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
    }
    done = subprocess.run(
        ["pulumi", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_program_is_short(program: str) -> None:
    assert len(program.splitlines()) <= MOST_LINES
    assert "components" not in program, "users know the published name only"


def test_it_is_typed_strictly_as_its_author_would_check_it(
    folder: Path, project: Path, installed_with: InstalledWith
) -> None:
    python = installed_with("")
    checker = project / ".venv" / "bin" / "pyright"
    done = subprocess.run(
        [str(checker), "--pythonpath", str(python), "--project", str(folder), "--outputjson"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    answer = json.loads(done.stdout)
    assert answer["summary"]["filesAnalyzed"] == 1
    assert answer["generalDiagnostics"] == []


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
