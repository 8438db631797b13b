"""What the engine says of a run."""

from __future__ import annotations

import re

# On a busy machine the engine sees a plugin end that it told to end, and counts that as an error of a good run.
_ENDED_AT_THE_END = "exited prematurely"


def counts(out: str) -> dict[str, int]:
    """What it says at the end of a run that succeeded: how many resources were created, updated, replaced, deleted."""
    found = {verb: int(number) for number, verb in re.findall(r"^\s+(?:\S+ )?(\d+) (\w+)$", out, re.MULTILINE)}
    if _ENDED_AT_THE_END in out:
        found.pop("errored", None)
    return found
