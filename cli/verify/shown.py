"""Findings as people and programs read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from cli.console import say

from .comparison import Finding


def show_findings(stack: str, findings: Sequence[Finding]) -> None:
    """Print a line for each promise, and where it does not hold, where to look."""
    for finding in findings:
        say(f"{'ok  ' if finding.holds else 'FAIL'}  {finding.promise}: {finding.seen}")
        if not finding.holds:
            say(f"        look: {finding.look}")
    failed = sum(not finding.holds for finding in findings)
    if findings:
        say(f"stack {stack}: {len(findings) - failed} of {len(findings)} promises hold")
    else:
        say(f"stack {stack} promises nothing that could be seen on a cluster")


def as_json(findings: Sequence[Finding]) -> str:
    """The findings as a JSON list of ``promise``, ``holds``, ``seen`` and ``look``."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)
