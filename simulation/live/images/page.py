"""Writes docs/live-images.md from the table: ``python -m simulation.live.images.page docs/live-images.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from .parts import Debian, Files, Part, Program
from .table import REAL_ENGINE, ROWS, ImageRow

_HEAD = """# Images of live nodes

What a live node runs under each name. It is written by `python -m simulation.live.images.page` from
`simulation/live/images/table.py`; a test fails when it is stale. No container engine and no registry is needed to make
them: programs are built from Go modules by `make toolchain-live`, packages are downloaded by apt and unpacked. They are
kept in the project's cache by what they are made of. With the internet `LIVE_IMAGES=real` pulls the published images
instead.

"""
_TABLE = "| image | what it truly is | made of | remark |\n|---|---|---|---|\n"


def _made_of(part: Part) -> str:
    match part:
        case Program():
            return f"program `{part.name}`"
        case Debian():
            return f"{len(part.packages)} Debian packages"
        case Files():
            return ""
        case _:
            return "PyPI wheels"


def _line(row: ImageRow) -> str:
    made = ", ".join(filter(None, map(_made_of, row.parts)))
    return f"| `{row.name}` | {row.truth} | {made} | {row.remark} |"


def text() -> str:
    """The page."""
    real = f"\nWith `LLM_REAL=1`, in its place:\n\n{_TABLE}{_line(REAL_ENGINE)}\n"
    return _HEAD + _TABLE + "".join(f"{_line(row)}\n" for row in ROWS) + real


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
