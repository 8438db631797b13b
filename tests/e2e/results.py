"""What the engine says of a run."""

from __future__ import annotations

import re


def counts(out: str) -> dict[str, int]:
    """What it says at its end: how many resources were created, updated, replaced, deleted."""
    return {verb: int(number) for number, verb in re.findall(r"^\s+(?:\S+ )?(\d+) (\w+)$", out, re.MULTILINE)}
