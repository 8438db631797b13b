"""The definitions of stacks that the command line was started with."""

from __future__ import annotations

import argparse

from stacks.definitions import OURS, Definitions


def definitions_of(arguments: argparse.Namespace) -> Definitions:
    """The definitions of the program that started it; Strata's own by default."""
    given: object = getattr(arguments, "definitions", OURS)
    return given if isinstance(given, Definitions) else OURS
