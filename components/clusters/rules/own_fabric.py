"""Fabrics that users cable themselves: what cannot carry GPU traffic, or would carry it at the pace of lost packets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem
from ...contracts.fabric import Transport
from ...contracts.own_fabrics import PRIORITY_SHIFT, OwnFabric, RoceFabric
from ...contracts.pools import GpuPool
from .pool_view import PoolView


def built_in_problems(pools: Sequence[PoolView], environment: str) -> Iterator[Problem]:
    """Pools of a cloud that say which fabric they have.

    Args:
        pools: The pools.
        environment: For people to read, such as ``GKE``.
    """
    for view in pools:
        if isinstance(view.pool, GpuPool) and view.pool.fabric is not None:
            yield view.problem(
                "fabric",
                cause=f"machines of {environment} have the fabric that is built in, not {view.pool.fabric.kind}",
                consequence="pods would ask for cards and settings that no node has, and stay pending",
                fix="leave it out; only hosts of one's own are cabled by their owner",
            )


def own_fabric_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with fabrics of hosts of one's fabric."""
    for view in pools:
        fabric = view.pool.fabric if isinstance(view.pool, GpuPool) else None
        if fabric is None:
            continue
        yield from _unused(view)
        yield from _unknown_cards(view, fabric)
        if isinstance(fabric, RoceFabric):
            yield from _lossy(view, fabric)


def _unused(view: PoolView) -> Iterator[Problem]:
    pool = view.pool
    if isinstance(pool, GpuPool) and (not pool.rdma or pool.sharing is not None):
        yield view.problem(
            "fabric",
            cause="the pool has " + ("rdma: false" if not pool.rdma else "shared GPUs, which NCCL does not join"),
            consequence="no pod would use the fabric",
            fix="leave fabric out, or " + ("rdma" if not pool.rdma else "sharing"),
        )


def _unknown_cards(view: PoolView, fabric: OwnFabric) -> Iterator[Problem]:
    pool, machine = view.pool, view.machine
    if not isinstance(pool, GpuPool) or not pool.rdma or pool.sharing or machine is None:
        return
    if machine.rdma is Transport.NONE:
        lacking = "cards" if fabric.cards is None else "card_gbps"
        yield view.problem(
            f"fabric.{lacking}",
            cause=f"{fabric.kind} on {machine.name}, of which nobody knows "
            + ("how many cards it has" if fabric.cards is None else "how fast a card is"),
            consequence="no plan could count on the fabric, and every replica would be kept inside one node",
            fix="write both, such as cards: 8 and card_gbps: 400 (`ibstat` or `mlxlink` on a host shows them)",
        )


def _lossy(view: PoolView, fabric: RoceFabric) -> Iterator[Problem]:
    if fabric.pfc_priority is None and not fabric.ecn:
        yield view.problem(
            "fabric",
            cause="roce with neither pfc_priority nor ecn",
            consequence="Ethernet drops packets when several nodes send to one, RoCE sends all since the lost one "
            "again, and collectives run at a fraction of the line rate without an error",
            fix="configure switches and cards, and write what they do, such as pfc_priority: 3, ecn: true and "
            "traffic_class: 106",
        )
    if fabric.pfc_priority is None:
        return
    if fabric.traffic_class is None:
        yield view.problem(
            "fabric.traffic_class",
            cause=f"is left out, and pauses guard priority {fabric.pfc_priority}",
            consequence="NCCL would send in class 0 and UCX in 106, so that a part of the traffic is dropped",
            fix=f"write the class of that priority, such as traffic_class: {_class_of(fabric.pfc_priority)}",
        )
    elif fabric.traffic_class >> PRIORITY_SHIFT != fabric.pfc_priority:
        yield view.problem(
            "fabric.traffic_class",
            cause=f"{fabric.traffic_class} is DSCP {fabric.traffic_class >> 2}, which cards send with priority "
            f"{fabric.traffic_class >> PRIORITY_SHIFT}, and pauses guard priority {fabric.pfc_priority}",
            consequence="switches would drop the traffic that they should pause",
            fix=f"write traffic_class: {_class_of(fabric.pfc_priority)}, or "
            f"pfc_priority: {fabric.traffic_class >> PRIORITY_SHIFT} where switches are set so",
        )


def _class_of(priority: int) -> int:
    """The usual class of a priority: its third DSCP, which is 26 for 3, and the bits of ECN."""
    return (priority << PRIORITY_SHIFT) + (2 << 2) + 2
