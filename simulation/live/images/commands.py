"""Running the programs by which images are made."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from components.contracts.errors import StrataError


def run(
    argv: Sequence[str],
    refusal: Callable[[str], StrataError],
    *,
    folder: Path | None = None,
    seconds: float | None = None,
) -> str:
    """Run a program to its end; what it wrote.

    Args:
        argv: The program and its arguments.
        refusal: Makes of a cause the error that is raised where it fails.
        folder: Its working folder; this process's own where left out.
        seconds: How long it may take; for ever where left out.

    Raises:
        StrataError: where it fails.
    """
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise refusal(done.stderr.strip()[-400:] or f"{argv[0]} ended with {done.returncode}")
    return done.stdout
