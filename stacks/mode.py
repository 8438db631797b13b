"""Whether a run touches a real cloud, a simulated one, or none.

Reads ``SIMULATED`` and announces the mode of a run. What a mode forbids is in ``guards``. Real runs use this module,
so it imports nothing of the simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from components.clusters.environment import Presence
from components.contracts.errors import StrataError
from components.contracts.shown_text import excerpt

VARIABLE = "SIMULATED"


class Mode(StrEnum):
    """What answers the cloud APIs that a run calls."""

    REAL = "real"
    """The account of the user: resources are created and paid for."""
    SIMULATED = "simulated"
    """Provider plugins on this machine, with an account that is a folder."""
    NO_CLOUD = "no cloud"
    """The target is an embedded or existing cluster; no cloud API is called."""


def mode_of(presence: Presence, environment: Mapping[str, str]) -> Mode:
    """The mode of a run on a cluster of that presence.

    Args:
        presence: Who makes the cluster.
        environment: Variables of the process.

    Raises:
        StrataError: ``SIMULATED`` is neither on nor off; a guess could cost money.
    """
    value = environment.get(VARIABLE, "")
    if value not in {"", "0", "1"}:
        raise StrataError.of(
            VARIABLE,
            cause=f"{excerpt(value)!r} is neither 1 nor 0",
            consequence="whether the run is meant for a real cloud is unknown",
            fix=f"{VARIABLE}=1 for the simulated cloud, {VARIABLE}=0 or nothing for the real one",
        )
    if not presence.is_provisioned:
        return Mode.NO_CLOUD
    return Mode.SIMULATED if value == "1" else Mode.REAL


def make_command(target: str, stack: str, mode: Mode) -> str:
    """The command that a message names; real stacks need ``SIMULATED=0``, or ``make`` uses the simulated stack.

    Args:
        target: Target of the Makefile, such as ``up``.
        stack: The stack, optionally with organization and project.
        mode: Mode of the run that recommends it.
    """
    real = f" {VARIABLE}=0" if mode is Mode.REAL else ""
    return f"make {target} STACK={stack.rpartition('/')[2]}{real}"


def announcement(mode: Mode, stack: str, place: str) -> list[str]:
    """Lines that announce what a run changes; empty where no cloud is involved.

    Args:
        mode: Mode of the run.
        stack: Name of the stack.
        place: Where a real run would create resources, such as ``EKS cluster strata-aws in us-east-2``.
    """
    match mode:
        case Mode.SIMULATED:
            return [
                f"SIMULATED: no cloud is touched and nothing is paid for; {place} exists on this machine only",
                f"for the real one: {make_command('up', stack, Mode.REAL)}",
            ]
        case Mode.REAL:
            return [f"REAL: this run is about {place}; what it makes is paid for"]
        case Mode.NO_CLOUD:
            return []
