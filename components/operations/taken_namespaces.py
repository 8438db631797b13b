"""Namespaces that a cluster comes with, which nobody can make once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ..contracts.errors import Problem


def taken_problems(name: str, taken: Sequence[str], path: str) -> Iterator[Problem]:
    """A namespace that is there before it is made.

    Args:
        name: Its name.
        taken: The cluster's own, as ``ClusterFacts.namespaces`` has them.
        path: Path of the setting, such as ``namespace``.
    """
    if any(fnmatchcase(name, pattern) for pattern in taken):
        yield Problem(
            field=path,
            cause=f"the cluster comes with a namespace {name!r} of its own",
            consequence="the API server takes each name once, so the run would fail after the cluster is paid for",
            fix="choose another name",
        )
