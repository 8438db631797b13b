"""A node pool as rules see it: the pool, its place in the settings, its machine type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...contracts.errors import Problem
from ...contracts.pools import NodePool, pool_path
from ...planner.catalogs.described import described
from ...planner.catalogs.gpus import gpus
from ...planner.catalogs.instances import InstanceType, known_instance
from ...planner.shapes import as_used


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolView:
    """One pool of the settings.

    Attributes:
        index: Its place in ``node_pools``.
        pool: The pool as users write it.
        machine: Its machine type as the pool uses it; None where the catalog has none of that name and the pool no
            numbers, or with a GPU that is in no catalog, which is refused elsewhere.
    """

    index: int
    pool: NodePool
    machine: InstanceType | None

    def path(self, setting: str) -> str:
        """Path of a setting of the pool in the stack file.

        Args:
            setting: Path below the pool, such as ``capacity.kind`` or ``zones[0]``.
        """
        return pool_path(self.index, setting)

    def problem(self, setting: str, *, cause: str, consequence: str, fix: str) -> Problem:
        """A problem with a setting of the pool.

        Args:
            setting: Path below the pool, such as ``capacity.kind`` or ``zones[0]``.
            cause: What is wrong, quoting the value found.
            consequence: What would have happened.
            fix: The change that fixes it.
        """
        return Problem(field=self.path(setting), cause=cause, consequence=consequence, fix=fix)


def pool_views(pools: Sequence[NodePool]) -> tuple[PoolView, ...]:
    """The pools of the settings in their order, each with its machine type."""
    found = [(pool, _machine(pool)) for pool in pools]
    return tuple(
        PoolView(index=index, pool=pool, machine=machine and as_used(machine, pool))
        for index, (pool, machine) in enumerate(found)
    )


def _machine(pool: NodePool) -> InstanceType | None:
    known = known_instance(pool.instance_type)
    if known or pool.machine is None:
        return known
    has_known_gpu = pool.machine.gpu is None or pool.machine.gpu in {card.name for card in gpus()}
    return described(pool.instance_type, pool.machine) if has_known_gpu else None


def known_pools(views: Sequence[PoolView]) -> Iterator[tuple[PoolView, InstanceType]]:
    """The pools whose machine type is in the catalog, with it."""
    for view in views:
        if view.machine is not None:
            yield view, view.machine
