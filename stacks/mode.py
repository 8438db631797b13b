"""Whether a run touches a real cloud, a simulated one, or none.

Owns the reading of ``SIMULATED`` and the words that announce a run. What a mode forbids is in ``guards``.
Production stands on this file, so it knows nothing of the simulation itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from components.clusters.environment import Presence
from components.contracts.errors import StrataError

VARIABLE = "SIMULATED"


class Mode(StrEnum):
    """What stands behind the cloud APIs that a run calls."""

    REAL = "real"
    """The account of whoever runs it: things are made and paid for."""
    SIMULATED = "simulated"
    """Provider plugins on this machine, with an account that is a folder."""
    NO_CLOUD = "no cloud"
    """The target is a cluster that is there already, embedded or not; no cloud API is called."""


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
            cause=f"{value[:60]!r} is neither 1 nor 0",
            consequence="nobody could tell whether the run is meant for a real cloud",
            fix=f"{VARIABLE}=1 for the simulated cloud, {VARIABLE}=0 or nothing for the real one",
        )
    if not presence.is_provisioned:
        return Mode.NO_CLOUD
    return Mode.SIMULATED if value == "1" else Mode.REAL


def make_command(target: str, stack: str, mode: Mode) -> str:
    """The command for people; without its ``SIMULATED=0``, ``make`` would look at the simulated stack of the name.

    Args:
        target: Target of the Makefile, such as ``up``.
        stack: The stack, with organization and project perhaps.
        mode: Mode of the run that recommends it.
    """
    real = f" {VARIABLE}=0" if mode is Mode.REAL else ""
    return f"make {target} STACK={stack.rpartition('/')[2]}{real}"


def announcement(mode: Mode, stack: str, place: str) -> list[str]:
    """Lines that tell people what a run touches; none where no cloud is involved.

    Args:
        mode: Mode of the run.
        stack: Name of the stack.
        place: Where a real run would make things, such as ``EKS cluster strata-aws in us-east-2``.
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
