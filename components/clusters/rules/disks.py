"""Disks that nodes boot from, where nobody makes any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem
from .pool_view import PoolView


def unmade_disk_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Sizes of disks on machines that exist already."""
    for view in pools:
        if view.pool.root_disk is not None:
            yield view.problem(
                "root_disk",
                cause="these machines exist, with the disks that they have",
                consequence="the setting would be ignored",
                fix="remove it",
            )
