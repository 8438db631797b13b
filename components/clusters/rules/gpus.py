"""Who installs the driver of a pool's GPUs, and who tells Kubernetes about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...contracts.errors import Problem
from ...contracts.pools import DriverOwner, GpuAdvertiser, GpuPool
from .pool_view import PoolView
from .versions import minor

DRA_OLDEST = "1.34"
"""Dynamic resource allocation is generally available from here (Kubernetes 1.34 release notes)."""


def advertiser_problems(pools: Sequence[PoolView], kubernetes_version: str) -> Iterator[Problem]:
    """GPUs that no device plugin or driver could advertise.

    Args:
        pools: The pools.
        kubernetes_version: Version of the control plane.
    """
    for view in pools:
        pool, machine = view.pool, view.machine
        if not isinstance(pool, GpuPool):
            continue
        if pool.advertiser is GpuAdvertiser.DRA and minor(kubernetes_version) < minor(DRA_OLDEST):
            yield view.problem(
                "advertiser",
                cause=f"Kubernetes {kubernetes_version} has no dynamic resource allocation to rely on",
                consequence=f"resource.k8s.io/v1 exists from {DRA_OLDEST}; GPUs would never be advertised",
                fix=f"use Kubernetes {DRA_OLDEST} or newer, or advertiser: device-plugin",
            )
        if (
            machine
            and pool.sharing is None
            and pool.advertiser is GpuAdvertiser.DEVICE_PLUGIN
            and 0 < machine.gpus < machine.nvlink_domain
            and pool.most_nodes > 1
        ):
            yield view.problem(
                "advertiser",
                cause=f"nodes of {machine.name} share an NVLink domain, which the device plugin knows nothing of",
                consequence="without IMEX channels, which only the DRA driver allocates, nodes talk over the network",
                fix="use advertiser: dra",
            )


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
