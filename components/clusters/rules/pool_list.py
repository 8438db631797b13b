"""What is wrong with a list of pools on any environment, in a stack's file and in a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem, duplicate_names
from ...contracts.pools import NodePool
from .machine_numbers import number_problems
from .machine_types import machine_type_problems
from .pool_view import pool_views


def pool_list_problems(pools: Sequence[NodePool]) -> Iterator[Problem]:
    """Pools of the same name, and machine types that are unknown or do not suit their pool."""
    yield from duplicate_names("node_pools", [pool.name for pool in pools])
    views = pool_views(pools)
    yield from machine_type_problems(views)
    yield from number_problems(views)
