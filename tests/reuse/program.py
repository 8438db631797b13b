"""A program of a page as a project of its own, run and checked as its user would."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_PYRIGHT = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
_TIMEOUT_SECONDS = 300


def python_blocks(page: Path) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def write_project(program: str, folder: Path) -> Path:
    """Make the folder a project of Pulumi with the program and nothing else."""
    (folder / "__main__.py").write_text(program)
    (folder / "Pulumi.yaml").write_text("name: reuse\nruntime: python\n")
    (folder / "pyrightconfig.json").write_text(json.dumps(_PYRIGHT))
    return folder


def run_in(folder: Path, python: Path, command: tuple[str, ...], variables: Mapping[str, str]) -> str:
    """Output of a command in the project with that Python first on the path; fails the test when the command fails."""
    environment = {**os.environ, **variables, "PULUMI_CONFIG_PASSPHRASE": "test"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment, "PATH": f"{python.parent}{os.pathsep}{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def assert_strictly_typed(folder: Path, python: Path, project: Path) -> None:
    """Pyright of this project finds nothing in the program, with the packages of that Python."""
    checker = project / ".venv" / "bin" / "pyright"
    done = subprocess.run(
        [str(checker), "--pythonpath", str(python), "--project", str(folder), "--outputjson"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    answer = json.loads(done.stdout)
    assert answer["summary"]["filesAnalyzed"] == 1
    assert answer["generalDiagnostics"] == []
