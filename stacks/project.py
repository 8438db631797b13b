"""The project that all stacks belong to, and the paths of their files."""

from __future__ import annotations

from pathlib import Path

from components.clusters.environment import STATE_FOLDER

PROJECT = "strata"
"""Name of the Pulumi project, and namespace of its settings."""


def charts_folder(project: Path) -> Path:
    """Folder of charts for runs without a real cluster, which the toolchain fills."""
    return project / STATE_FOLDER / "charts"


def stack_path(project: Path, stack: str) -> Path:
    """Path of the stack's file."""
    return project / f"Pulumi.{stack}.yaml"


def stack_names(project: Path) -> list[str]:
    """Names of the stacks that have a file."""
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in project.glob("Pulumi.*.yaml"))


def own_stack(stack: str) -> str | None:
    """The short name of a stack of this project; None for another project's."""
    *owner, name = stack.split("/")
    return name if owner[-1:] in ([], [PROJECT]) else None
