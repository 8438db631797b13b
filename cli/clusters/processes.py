"""Printing the processes of a cluster."""

from __future__ import annotations

from cli.console import say
from simulation.control_plane.status import Status


def lines_of(status: Status) -> list[str]:
    """A line for each component."""
    return [
        f"{component.name:<25} {f'process {component.pid}' if component.pid else 'not running'}"
        f"{'' if component.healthy else ', not healthy'}"
        for component in status.components
    ]


def has_dead(status: Status) -> bool:
    """Whether one of its processes has ended."""
    return any(component.pid is None for component in status.components)


def say_indented(line: str) -> None:
    """Print progress below a step."""
    say(f"  {line}")
