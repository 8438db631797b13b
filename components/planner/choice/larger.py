"""Hardware that would serve a request that the cluster's pools cannot: more nodes, or other machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...contracts.cluster_facts import PoolFacts
from ...contracts.gpu_sharing import GpuSharing, Mig, Mps, TimeSlicing
from ...contracts.pools import GpuPool as PoolOfNodes
from ...contracts.serving import Change
from ..catalogs.gpu_slices import slices_per_gpu
from ..catalogs.gpus import gpu
from ..catalogs.instances import InstanceType, instances
from ..shapes import pool_facts
from .answer import summary
from .pools import GpuPool, gpu_pool
from .question import Question
from .search import FailedOption, search

_MORE_NODES = (2, 3, 4, 6, 8, 12, 16, 24, 32)
_MOST_NODES = 5000
_MACHINES = 2
"""Other machines offered at most."""


def larger(question: Question, pools: tuple[GpuPool, ...], closest: FailedOption) -> Iterator[Change]:
    """More nodes in the pool that came closest, then single machines of the same cloud; each was planned."""
    pool = closest.pool
    if pool is None or question.request.budget_per_hour is not None:
        return
    prefix = ""
    if closest.field == "replicas":
        question = replace(question, request=question.request.model_copy(update={"replicas": None}))
        prefix = "leave replicas open, "
    others = tuple(other for other in pools if other is not pool)
    yield from _larger_slices(question, pool)
    for nodes in _MORE_NODES:
        if nodes <= pool.facts.nodes:
            continue
        grown = gpu_pool(pool.facts.model_copy(update={"nodes": nodes}), pool.used)
        found = search(question, (grown, *others)).fleets if grown else ()
        if found:
            yield Change(change=f"{prefix}pool {pool.facts.name}: {nodes} nodes", effect=f"fits on {summary(found[0])}")
            break
    if pool.machine is not None and question.request.gpu is None:
        yield from _other_machines(question, pool.facts, pool.machine)


def _larger_slices(question: Question, pool: GpuPool) -> Iterator[Change]:
    """The smallest larger part of the pool's GPUs that serves the request, or a whole one."""
    facts, sharing = pool.facts, pool.facts.sharing
    if sharing is None:
        return
    whole = facts.gpus_per_node // facts.slices_per_gpu
    card = gpu(facts.gpu or "")
    ways: list[tuple[str, GpuSharing | None]] = []
    match sharing:
        case Mig():
            larger_ones = [profile for profile in card.mig_profiles if profile.memory_gib > pool.gpu.usable_gib]
            ways += [
                (f"sharing.profile: {profile.name}", sharing.model_copy(update={"profile": profile.name}))
                for profile in sorted(larger_ones, key=lambda profile: profile.memory_gib)
            ]
        case TimeSlicing(replicas=replicas) | Mps(replicas=replicas):
            ways += [
                (f"sharing.replicas: {fewer}", sharing.model_copy(update={"replicas": fewer}))
                for fewer in range(replicas - 1, 1, -1)
            ]
    for change, other in [*ways, ("whole GPUs, without sharing", None)]:
        slices = slices_per_gpu(card, other)
        update = {"sharing": other, "slices_per_gpu": slices, "gpus_per_node": whole * slices}
        changed = gpu_pool(facts.model_copy(update=update), 0)
        found = search(question, (changed,)).fleets if changed else ()
        if found:
            yield Change(change=f"pool {facts.name}: {change}", effect=f"fits on {summary(found[0])}")
            return


def _other_machines(question: Question, facts: PoolFacts, machine: InstanceType) -> Iterator[Change]:
    offered = 0
    for other in _larger_machines(machine):
        replaced = pool_facts(
            PoolOfNodes(kind="gpu", name=facts.name, instance_type=other.name, count=min(facts.nodes, _MOST_NODES))
        )
        pool = gpu_pool(replaced, 0)
        found = search(question, (pool,)).fleets if pool else ()
        if found:
            yield Change(change=f"instance_type: {other.name}", effect=f"fits on {summary(found[0])}")
            offered += 1
        if offered == _MACHINES:
            return


def _larger_machines(machine: InstanceType) -> list[InstanceType]:
    """Machines of the same cloud with more memory of GPUs or of the host, the least first, one per GPU model."""
    best: dict[str, InstanceType] = {}
    for other in instances():
        if (
            other.cloud != machine.cloud
            or not other.has_whole_gpus
            or other.gpu is None
            or not gpu(other.gpu).is_nvidia
        ):
            continue
        known = best.get(other.gpu)
        if _is_larger(other, machine) and (known is None or _memory(other) < _memory(known)):
            best[other.gpu] = other
    return sorted(best.values(), key=_memory)


def _is_larger(other: InstanceType, machine: InstanceType) -> bool:
    (gpus, host), (gpus_now, host_now) = _memory(other), _memory(machine)
    return gpus >= gpus_now and host >= host_now and (gpus, host) != (gpus_now, host_now)


def _memory(machine: InstanceType) -> tuple[float, float]:
    """GiB of all GPUs, and of the host for each GPU."""
    if machine.gpu is None:
        return 0.0, 0.0
    return machine.gpus * gpu(machine.gpu).usable_gib, machine.memory_gib / machine.gpus
