"""Machine families with accelerators that are no GPUs of NVIDIA, which no catalog describes further."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .table import Row, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherAccelerator:
    """One family."""

    pattern: re.Pattern[str]
    """Names of its machines, as a whole."""
    cloud: str
    """As the instance catalog spells it."""
    what: str
    """What the machines have, for people to read."""
    source: str


def _row(row: Row) -> OtherAccelerator:
    return OtherAccelerator(
        pattern=re.compile(row["pattern"]), cloud=row["cloud"], what=row["what"], source=row["source"]
    )


@cache
def other_accelerators() -> tuple[OtherAccelerator, ...]:
    """All of them."""
    return tuple(_row(row) for row in read_table("other_accelerators"))
