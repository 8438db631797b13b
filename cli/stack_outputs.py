"""Reading the outputs of other stacks with `pulumi stack output`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from components.contracts.errors import StrataError
from stacks.yaml_file import Value

from .backend import FileBackend

_NO_STACK = "no stack named"


def outputs_of(stack: str, project: Path, variables: Mapping[str, str]) -> Value:
    """The plain outputs of a stack; None when there is none of that name.

    Args:
        stack: Its name.
        project: Folder of the project.
        variables: Environment variables of the engine.

    Raises:
        StrataError: The backend cannot be read.
    """
    backend = FileBackend.of(variables)
    if backend:
        backend.folder.mkdir(parents=True, exist_ok=True)
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout)
    if _NO_STACK in done.stderr:
        return None
    raise StrataError.of(
        f"stack {stack}",
        cause=f"its outputs cannot be read: {done.stderr.strip().removeprefix('error: ')}",
        consequence="what this stack builds on is unknown",
        fix=f"pulumi stack output --stack {stack}",
    )
