"""CPU, memory and shared memory of a model server, and how it starts and stops.

Pure arithmetic on a plan and its pool; the GPU side is the planner's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..contracts.cluster_facts import PoolFacts
from ..contracts.customize import Sidecar
from ..contracts.errors import Problem
from ..contracts.gpu_sharing import Mps
from ..contracts.pools import GpuAdvertiser, pool_path
from ..contracts.quantities import ByteSize, CpuAmount, Duration
from ..contracts.serving import Engine, RolePlan, ServingPlan
from ..planner.fabric_pods import pod_fabric
from ..planner.host import (
    LEAST_CPU,
    SCRATCH_GIB,
    SERVER_DISK,
    available_gib,
    cached_gib,
    least_gib,
    needed_gib,
    shared_memory_gib,
)
from ..workloads.resources import Resources

GPU_CLAIM = "gpus"
"""Claim of the pod that holds its GPUs where a driver of dynamic resource allocation offers them."""
# A worker process per GPU, the API server and the tokenizer; llm-d's guides ask for 4 to 8 cores per small server.
_CORES = 4.0
_CORES_PER_GPU = 2.0
# Endpoints leave load balancers and kube-proxy up to this long after a pod begins to end (llm-d graceful shutdown).
PRE_STOP_SECONDS = 15
_STOP_MARGIN_SECONDS = 15
PROBE_PERIOD_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class ServerSize:
    """What one server container asks for.

    Attributes:
        shared_memory: Size of ``/dev/shm``; part of ``resources.memory``.
        scratch: Size of the writable directory for compiled kernels.
        mounts_shared_memory: Whether the pod mounts a ``/dev/shm`` of its own. It must not under MPS, whose daemon is
            reached through the one that the device plugin mounts (NVIDIA/k8s-device-plugin#805).
    """

    resources: Resources
    shared_memory: ByteSize
    scratch: ByteSize
    mounts_shared_memory: bool = True


def size_problems(role: RolePlan, pool: PoolFacts, engine: Engine = Engine.VLLM) -> Iterator[Problem]:
    """Whether the node's share for the GPUs of a server is smaller than the server needs.

    Args:
        role: The group of replicas that the server belongs to.
        pool: Where it runs.
        engine: What it is.
    """
    gpus = role.gpus_per_node
    wanted = least_gib(gpus, role.data_parallel, engine)
    available = available_gib(pool.memory_per_node, gpus, pool.gpus_per_node)
    if wanted > available:
        yield Problem(
            field=pool_path(pool.name, "instance_type"),
            cause=f"{pool.instance_type} leaves {available:.0f} GiB to {gpus} GPUs, a server needs {wanted:.0f}",
            consequence="the server would be killed for memory while loading",
            fix="choose an instance type with more memory per GPU",
        )


def server_size(
    role: RolePlan,
    pool: PoolFacts,
    weights: ByteSize,
    sidecars: Sequence[Sidecar] = (),
    engine: Engine = Engine.VLLM,
) -> ServerSize:
    """The size of one server of this role on this pool.

    Args:
        role: The group of replicas that the server belongs to.
        pool: Where it runs.
        weights: Checkpoint size, which is read through the page cache.
        sidecars: Containers beside it, which take their part of the share.
        engine: What it is.
    """
    gpus = role.gpus_per_node
    least = pod_fabric(pool, role).shared_memory or ByteSize(0)
    shared = max(ByteSize.gib(shared_memory_gib(gpus, role.data_parallel, engine)), least)
    wanted = needed_gib(gpus, role.data_parallel, engine)
    share = gpus / pool.gpus_per_node
    available = available_gib(pool.memory_per_node, gpus, pool.gpus_per_node)
    available -= sum(sidecar.memory.in_gib for sidecar in sidecars)
    memory = min(available, wanted + cached_gib(weights, role.nodes_per_replica))
    cores = min(_CORES + _CORES_PER_GPU * gpus, pool.cpu_per_node / 1000 * share * 0.9)
    cores -= sum(sidecar.cpu / 1000 for sidecar in sidecars)
    return ServerSize(
        resources=Resources(
            cpu=max(LEAST_CPU, CpuAmount.cores(math.floor(cores))),
            memory=ByteSize.gib(math.floor(memory)),
            ephemeral_storage=SERVER_DISK,
            devices={} if pool.advertiser is GpuAdvertiser.DRA else {pool.gpu_resource: gpus},
            claims=(GPU_CLAIM,) if pool.advertiser is GpuAdvertiser.DRA else (),
        ),
        shared_memory=shared,
        scratch=ByteSize.gib(SCRATCH_GIB),
        mounts_shared_memory=not isinstance(pool.sharing, Mps),
    )


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Probe and termination times that belong together, in whole seconds."""

    probe_period: int
    startup_failures: int
    pre_stop: int
    grace_period: int
    progress_deadline: int


def lifecycle(plan: ServingPlan, drain: Duration) -> Lifecycle:
    """Times of a server that starts within the plan's budget and drains within ``drain``.

    The grace period is preStop, drain and a margin (llm-d, graceful shutdown); the roll-out may take
    the start-up budget and as long again for pulling the image.
    """
    startup = plan.storage.startup_budget
    return Lifecycle(
        probe_period=PROBE_PERIOD_SECONDS,
        startup_failures=math.ceil(startup / PROBE_PERIOD_SECONDS),
        pre_stop=PRE_STOP_SECONDS,
        grace_period=PRE_STOP_SECONDS + drain.whole_seconds + _STOP_MARGIN_SECONDS,
        progress_deadline=2 * startup.whole_seconds + 600,
    )


@dataclass(frozen=True, kw_only=True)
class RolloutRoom:
    """How a rolling update may proceed."""

    max_surge: int
    max_unavailable: int


def rollout_room(role: RolePlan, spare_gpus: int) -> RolloutRoom:
    """A new pod first when the pool has room for one, else an old pod goes first.

    Surging without a spare GPU deadlocks: the new pod waits for a GPU that the old one holds.
    """
    if spare_gpus >= role.gpus_per_replica:
        return RolloutRoom(max_surge=1, max_unavailable=0)
    return RolloutRoom(max_surge=0, max_unavailable=1)


def most_disrupted(role: RolePlan, pool: PoolFacts, *, replicas: int, spare_gpus: int) -> int:
    """How many replicas may be down at once while nodes are drained: those of one node that fit nowhere else.

    A pool that replaces its nodes one by one, old ones first, drains a node whose pods have nowhere else to go.
    With a budget of one the first evicted replica waits for the node to come back, and no further one may be
    evicted, so that the node never empties; EKS ends such an update with PodEvictionFailure.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html.

    Args:
        role: The group of replicas.
        pool: Where they run.
        replicas: The most that there may be.
        spare_gpus: GPUs that are free for certain, on whichever nodes.
    """
    together = max(1, min(replicas, pool.gpus_per_node // role.gpus_per_replica))
    free_on_their_node = pool.gpus_per_node - together * role.gpus_per_replica
    movable = max(0, spare_gpus - free_on_their_node) // role.gpus_per_replica
    return max(1, together - movable)
