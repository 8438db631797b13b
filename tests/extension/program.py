"""The program of a project with an environment and a layer of its own; ``__main__.py`` there imports it."""

from __future__ import annotations

import sys
from pathlib import Path

from components.clusters.environments import ENVIRONMENTS
from stacks.definitions import define
from stacks.layers import LAYERS
from stacks.layers.serving import SERVING
from stacks.program import run

from .toy_environment import TOYS
from .toy_layer import NOTES

ALL_ENVIRONMENTS = (*ENVIRONMENTS, TOYS)
ALL_LAYERS = (*(layer for layer in LAYERS if layer is not SERVING), NOTES, SERVING)


def declare(project: Path) -> None:
    """What the engine runs."""
    run(project, environments=ALL_ENVIRONMENTS, layers=ALL_LAYERS)


def command_line() -> int:
    """What people run."""
    from cli.__main__ import main  # noqa: PLC0415 - the engine's program loads no command line

    return main(define(ALL_ENVIRONMENTS, ALL_LAYERS))


if __name__ == "__main__":
    sys.exit(command_line())
