"""Following a kind of objects of a control plane: all of them once, then every change.

Owns starting over when the API server was lost or forgot where the watch was.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from components.contracts.errors import StrataError

from ..api import Api, ApiError
from ..layout import Layout

# Shorter than the client's own time limit, within which a lost server has to be noticed.
_WATCH_SECONDS = "45"
_AGAIN_SECONDS = 0.5
_VERSION = re.compile(rb'"resourceVersion":"(\d+)"')
_ERROR = b'{"type":"ERROR"'


@dataclass(frozen=True)
class Listed:
    """All objects, as the API lists them; there are no others."""

    path: str
    answer: bytes


@dataclass(frozen=True)
class Changed:
    """An event of a watch, as the API writes it."""

    path: str
    event: bytes


def follow(layout: Layout, path: str, query: dict[str, str], tell: Callable[[Listed | Changed], None]) -> None:
    """Tell what there is and every change, without end.

    Args:
        layout: The control plane.
        path: Path of the kind.
        query: What chooses among its objects.
        tell: Receives it.
    """
    while True:
        try:
            # A new client every time that the API was lost, as it may have come back elsewhere.
            _follow(Api(layout), path, query, tell)
        except (StrataError, ApiError, OSError):
            time.sleep(_AGAIN_SECONDS)


def _follow(api: Api, path: str, query: dict[str, str], tell: Callable[[Listed | Changed], None]) -> None:
    answer = api.get(path, **query)
    tell(Listed(path, answer))
    # The list's own version stands before those of its objects.
    version = _version(answer)
    while version:
        watched = {**query, "watch": "true", "resourceVersion": version, "timeoutSeconds": _WATCH_SECONDS}
        for line in api.stream(path, **watched):
            if line.startswith(_ERROR):
                return
            tell(Changed(path, line))
            version = _version(line) or version


def _version(text: bytes) -> str:
    found = _VERSION.search(text)
    return found.group(1).decode() if found else ""
