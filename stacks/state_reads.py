"""Reads of stack states through the engine, repeated while the state is being written.

A backend in a folder replaces a checkpoint atomically, but rewrites the file of attributes next to it in place: whoever
reads in between finds that file empty, and the engine answers "EOF". It happens to a program that reads its own stack
while the engine refreshes it, and to one that reads a stack that another run brings up.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import cast

import pulumi

from components.contracts.errors import StrataError

from .yaml_file import Value

_READS = 6
_FIRST_PAUSE_S = 0.05
_HALF_WRITTEN = "EOF"


def read_state(function: str, arguments: Mapping[str, str], stack: str) -> Value:
    """What a function of the engine's own provider says about a stack.

    Args:
        function: Name of the function, for example ``readStackOutputs``.
        arguments: Its arguments.
        stack: Name of the stack, for the error.

    Raises:
        StrataError: The state stayed unreadable for about three seconds.
        Exception: The engine refused for another reason.
    """
    for attempt in range(_READS):
        try:
            return cast("Value", pulumi.runtime.invoke(f"pulumi:pulumi:{function}", dict(arguments)).value)
        except Exception as error:
            if _HALF_WRITTEN not in str(error):
                raise
        time.sleep(_FIRST_PAUSE_S * 2**attempt)
    raise StrataError.of(
        f"stack {stack}",
        cause="its state file, or the file of attributes next to it, ends too early",
        consequence="nothing is known about what the stack holds",
        fix="restore the newest backup that lies next to it in the backend, or remove an empty `.attrs` file",
    )
