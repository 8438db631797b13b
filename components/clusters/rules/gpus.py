"""Who installs the driver of a pool's GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...contracts.errors import Problem
from ...contracts.pools import DriverOwner, GpuPool
from .pool_view import PoolView


def driver_problems(
    pools: Sequence[PoolView], refused: Mapping[DriverOwner, str], default: DriverOwner
) -> Iterator[Problem]:
    """Drivers whose owner would not install them.

    Args:
        pools: The pools.
        refused: Why an owner does not work here, as the end of a sentence, by owner.
        default: Who installs the driver where a pool does not say; suggested instead.
    """
    reasons = {DriverOwner.NONE: "leaves the nodes without a driver, which is for CPU pools", **refused}
    for view in pools:
        pool = view.pool
        if isinstance(pool, GpuPool) and pool.driver is not None and pool.driver in reasons:
            yield view.problem(
                "driver",
                cause=f"{pool.driver.value!r} {reasons[pool.driver]}",
                consequence="the GPUs would never be advertised, and their pods stay pending",
                fix=f"use driver: {default.value}, or leave it out",
            )
