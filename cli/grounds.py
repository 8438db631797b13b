"""What is known of the stacks below a stack: from their outputs, or from files while they are not up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import StrataError
from stacks.grounds import NotUpError, PlatformOutputs, ground_of, misfits
from stacks.mode import Mode
from stacks.reading import PROJECT, read_stack, stack_path
from stacks.settings import PlatformSettings, ServingSettings
from stacks.targets import cluster_facts, foundation_of_stack
from stacks.yaml_file import Value

from .backend import FileBackend

_NO_STACK = "no stack named"


@dataclass(frozen=True)
class KnownGround:
    """What a stack's plans stand on.

    Attributes:
        facts: The cluster's facts.
        missing: Why the stack cannot be brought up yet; None when everything below it is up.
    """

    facts: ClusterFacts
    missing: NotUpError | None = None


def known_ground(
    project: Path, settings: PlatformSettings | ServingSettings, mode: Mode, environment: Mapping[str, str]
) -> KnownGround:
    """Facts of the cluster as it is, or as its file has it while its stack is not up.

    Args:
        project: Folder with the stacks' files.
        settings: What the stack's file says.
        mode: Whether the stacks below are real.
        environment: What the engine gets.

    Raises:
        StrataError: The stacks contradict each other, or neither stack nor file tells of the cluster.
    """
    try:
        outputs = ground_of(settings, lambda name: _outputs(name, project, environment), mode)
        return KnownGround(outputs.cluster_facts)
    except NotUpError as missing:
        base = foundation_of_stack(project, settings)
        if isinstance(settings, ServingSettings):
            _require_fit(project, settings)
        if missing.foundation:
            return KnownGround(missing.foundation.cluster_facts, missing)
        if base is None:
            raise
        return KnownGround(cluster_facts(project, base), missing)


def _require_fit(project: Path, settings: ServingSettings) -> None:
    *owner, name = settings.platform.split("/")
    if owner[-1:] not in ([], [PROJECT]) or not stack_path(project, name).exists():
        return
    platform = read_stack(project, name).settings
    if isinstance(platform, PlatformSettings):
        handed_over = PlatformOutputs(namespace=platform.namespace, foundation=platform.foundation)
        problems = list(misfits(settings, handed_over))
        if problems:
            raise StrataError(problems)


def _outputs(stack: str, project: Path, environment: Mapping[str, str]) -> Value:
    backend = FileBackend.of(environment)
    if backend:
        backend.folder.mkdir(parents=True, exist_ok=True)
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout)
    if _NO_STACK in done.stderr:
        return None
    raise StrataError.of(
        f"stack {stack}",
        cause=f"its outputs cannot be read: {done.stderr.strip().removeprefix('error: ')}",
        consequence="nobody knows what this stack builds on",
        fix=f"pulumi stack output --stack {stack}",
    )
