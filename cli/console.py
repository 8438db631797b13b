"""What the command line prints: steps with their time, and errors without traceback."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from components.contracts.errors import StrataError

# In a pipe nothing tells the width; a table cut at 80 columns would hide names.
_PIPE_WIDTH = 160
out = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One plain line."""
    out.print(escape(text))


def banner(lines: Iterable[str]) -> None:
    """Lines that nobody may overlook."""
    for line in lines:
        out.print(f"[bold yellow]{escape(line)}[/]")


@contextmanager
def step(text: str) -> Generator[None, None, None]:
    """A step that says when it begins and how long it took."""
    out.print(f"[bold]▸[/] {escape(text)}")
    begin = time.monotonic()
    yield
    out.print(f"  [green]✓[/] {time.monotonic() - begin:.1f} s")


def report(error: StrataError) -> None:
    """Every problem with field, cause, consequence and fix."""
    count = len(error.problems)
    err.print(f"[bold red]{count} problem{'s' if count > 1 else ''} to mend:[/]")
    for problem in error.problems:
        err.print(f"\n  [bold]{escape(problem.field)}[/]: {escape(problem.cause)}")
        err.print(f"    consequence: {escape(problem.consequence)}")
        err.print(f"    [green]fix:[/] {escape(problem.fix)}")
