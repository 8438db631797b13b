"""Findings as people and programs read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape

from cli.console import out, say

from .comparison import Finding

_SIGNS = {True: "[green]ok  [/]", False: "[red]FAIL[/]", None: "[dim]-   [/]"}


def show_findings(stack: str, findings: Sequence[Finding]) -> None:
    """Print a line for each promise, and where it does not hold, where to look."""
    for finding in findings:
        out.print(f"{_SIGNS[finding.holds]}  {escape(finding.promise)}: {escape(finding.seen)}")
        if finding.holds is False:
            say(f"        look: {finding.look}")
    asked = [finding for finding in findings if finding.holds is not None]
    failed = sum(not finding.holds for finding in asked)
    unasked = f"; {len(findings) - len(asked)} were not asked" if len(asked) < len(findings) else ""
    if findings:
        say(f"stack {stack}: {len(asked) - failed} of {len(asked)} promises hold{unasked}")
    else:
        say(f"stack {stack} promises nothing that could be seen on a cluster")


def as_json(findings: Sequence[Finding]) -> str:
    """The findings as a JSON list of ``promise``, ``holds``, ``seen`` and ``look``; ``holds`` is null if not asked."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)
