"""Pools whose nodes share an NVLink domain, and what DRA can and cannot do for them and beside them.

ComputeDomains say which nodes may reach each other's GPU memory over NVLink. They run beside the device plugin; only
the allocation of whole GPUs by DRA excludes it (dra-driver-nvidia-gpu 0.5.0, templates/validation.yaml of its chart).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem
from ...contracts.pools import GpuAdvertiser, GpuPool
from .pool_view import PoolView
from .versions import minor

DRA_OLDEST = "1.34"
"""Dynamic resource allocation is generally available from here (Kubernetes 1.34 release notes)."""


def dra_problems(pools: Sequence[PoolView], kubernetes_version: str) -> Iterator[Problem]:
    """What the DRA driver cannot do on these pools.

    Args:
        pools: The pools.
        kubernetes_version: Version of the control plane.
    """
    for view in pools:
        yield from _version_problems(view, kubernetes_version)
        yield from _domain_problems(view)
    yield from _mixed_problems(pools)


def _version_problems(view: PoolView, kubernetes_version: str) -> Iterator[Problem]:
    pool = view.pool
    if not isinstance(pool, GpuPool) or minor(kubernetes_version) >= minor(DRA_OLDEST):
        return
    older = f"Kubernetes {kubernetes_version} has no dynamic resource allocation to rely on"
    if pool.advertiser is GpuAdvertiser.DRA:
        yield view.problem(
            "advertiser",
            cause=older,
            consequence=f"resource.k8s.io/v1 exists from {DRA_OLDEST}; GPUs would never be advertised",
            fix=f"use Kubernetes {DRA_OLDEST} or newer, or advertiser: device-plugin",
        )
    if pool.compute_domains:
        yield view.problem(
            "compute_domains",
            cause=older,
            consequence=f"resource.k8s.io/v1 exists from {DRA_OLDEST}; no pod would get a channel of its domain",
            fix=f"use Kubernetes {DRA_OLDEST} or newer, or compute_domains: false with rdma: false",
        )


def _domain_problems(view: PoolView) -> Iterator[Problem]:
    pool, machine = view.pool, view.machine
    if not isinstance(pool, GpuPool) or machine is None or not machine.gpus:
        return
    trays = machine.nvlink_domain // machine.gpus
    if pool.compute_domains and pool.sharing:
        yield view.problem(
            "compute_domains",
            cause="several pods share each GPU of the pool",
            consequence="a slice has no memory that NVLink reaches, and a tray has one channel for one pod",
            fix="leave compute_domains or sharing out",
        )
    elif pool.compute_domains and trays <= 1:
        yield view.problem(
            "compute_domains",
            cause=f"NVLink of {machine.name} ends inside the machine",
            consequence="there is no memory of other nodes to share, and IMEX daemons would never become ready",
            fix="leave it out; nodes of this pool talk over their RDMA cards",
        )
    elif trays > 1 and pool.most_nodes > trays:
        yield view.problem(
            "count",
            cause=f"{pool.most_nodes} nodes of {machine.name}, of which {trays} share an NVLink domain",
            consequence="pods would be placed across domains, where NVLink does not reach, and be silently slow",
            fix=f"use a pool of at most {trays} nodes for each domain",
        )
    elif trays > 1 and pool.most_nodes > 1 and pool.rdma and not pool.compute_domains and not pool.sharing:
        yield view.problem(
            "compute_domains",
            cause=f"nodes of {machine.name} share an NVLink domain, which only NVIDIA's DRA driver opens to pods",
            consequence="without IMEX channels, pods on several nodes talk over the network",
            fix="write compute_domains: true; where every model fits one node, write rdma: false",
        )


def _mixed_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """One driver runs per cluster, with one set of switches for all of its nodes."""
    by_plugin = [view for view in pools if _by_plugin_in_domains(view)]
    by_driver = [view.pool.name for view in pools if _by_driver(view)]
    if not by_driver:
        return
    for view in by_plugin:
        yield view.problem(
            "advertiser",
            cause=f"the DRA driver serves the domains of {view.pool.name} and the GPUs of {', '.join(by_driver)}, and "
            "one driver allocates GPUs on all of its nodes or on none",
            consequence=f"device plugin and DRA driver would both allocate each GPU of {view.pool.name}",
            fix=f"use advertiser: dra here too, or advertiser: device-plugin for {', '.join(by_driver)}",
        )


def _by_plugin_in_domains(view: PoolView) -> bool:
    pool = view.pool
    return isinstance(pool, GpuPool) and pool.compute_domains and pool.advertiser is GpuAdvertiser.DEVICE_PLUGIN


def _by_driver(view: PoolView) -> bool:
    return isinstance(view.pool, GpuPool) and view.pool.advertiser is GpuAdvertiser.DRA
