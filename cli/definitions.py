"""What kinds of stacks the command line was started with."""

from __future__ import annotations

import argparse

from stacks.definitions import OURS, Definitions


def definitions_of(arguments: argparse.Namespace) -> Definitions:
    """Those of the program that started it; Strata's own where nobody said any."""
    given: object = getattr(arguments, "definitions", OURS)
    return given if isinstance(given, Definitions) else OURS
