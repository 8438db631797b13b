"""What the command line prints: steps with their time, and errors without traceback."""

from __future__ import annotations

import codecs
import io
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from components.contracts.errors import StrataError

_IN_ASCII = {"×": "x", "…": "...", "▸": ">", "✓": "done", "✗": "failed", "–": "-", "→": "->", "≤": "<=", "≥": ">="}


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """What a terminal that knows few characters gets in place of the others."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_IN_ASCII.get(char, char.encode("unicode_escape").decode()) for char in text), error.end


codecs.register_error("in-ascii", _in_ascii)
for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, io.TextIOWrapper):
        _stream.reconfigure(errors="in-ascii")

# More is not read at once, and one mistake in a list of thousands repeats itself.
_MOST_SHOWN = 100
# A pipe has no width; a table cut at 80 columns would hide names.
_PIPE_WIDTH = 160
# Names such as arn:aws:secretsmanager:…:secret:… hold what rich takes for codes of pictures.
out = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a line without markup."""
    out.print(escape(text))


def banner(lines: Iterable[str]) -> None:
    """Print lines that must not be overlooked."""
    for line in lines:
        out.print(f"[bold yellow]{escape(line)}[/]")


@dataclass
class Outcome:
    """How a step ended.

    Attributes:
        code: Exit status of what it ran; 0 is success.
    """

    code: int = 0


@contextmanager
def step(text: str) -> Generator[Outcome]:
    """Print when a step begins, how long it took, and whether it succeeded."""
    out.print(f"[bold]▸[/] {escape(text)}")
    begin = time.monotonic()
    outcome = Outcome()
    yield outcome
    sign = "[red]✗[/] failed after" if outcome.code else "[green]✓[/]"
    out.print(f"  {sign} {time.monotonic() - begin:.1f} s")


def report(error: StrataError) -> None:
    """Print every problem with field, cause, consequence and fix."""
    count = len(error.problems)
    err.print(f"[bold red]{count} problem{'s' if count > 1 else ''} to fix:[/]")
    for problem in error.problems[:_MOST_SHOWN]:
        err.print(f"\n  [bold]{escape(problem.field)}[/]: {escape(problem.cause)}")
        err.print(f"    consequence: {escape(problem.consequence)}")
        err.print(f"    [green]fix:[/] {escape(problem.fix)}")
    if count > _MOST_SHOWN:
        err.print(f"\n  and {count - _MOST_SHOWN:,} more, which are shown once these are fixed")
