"""GPUs that several pods share in a way that their machines, their cloud or their advertiser cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...contracts.errors import Problem
from ...contracts.gpu_sharing import MIG_CONFIG_LABEL, SHARING_LABELS, GpuSharing, Mig, MigStrategy
from ...contracts.pools import GpuAdvertiser, GpuPool
from ...planner.catalogs.described import machine_of
from ...planner.catalogs.gpu_slices import mig_profile
from ...planner.catalogs.gpus import gpu, gpus
from ...planner.catalogs.instances import InstanceType
from .pool_view import PoolView, known_pools

# NVIDIA/mig-parted, the default layouts: GPUs without partitions.
_WHOLE = "all-disabled"


@dataclass(frozen=True, kw_only=True)
class SharingPolicy:
    """What an environment allows of shared GPUs.

    Attributes:
        refused: Why a kind of sharing does not work, as the end of a sentence, by kind.
        strategies: Names under which its partitions can be advertised.
        cabled: Whether machines keep their RDMA cards, used or not.
    """

    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    strategies: frozenset[MigStrategy] = frozenset(MigStrategy)
    cabled: bool = False


ANY_SHARING = SharingPolicy()
"""For nodes that somebody else makes."""


def sharing_problems(pools: Sequence[PoolView], policy: SharingPolicy = ANY_SHARING) -> Iterator[Problem]:
    """What is wrong with how GPUs are shared.

    Args:
        pools: The pools.
        policy: What the environment allows.
    """
    for view, machine in known_pools(pools):
        pool = view.pool
        if not isinstance(pool, GpuPool):
            continue
        if pool.sharing is None:
            yield from _cut_by_hand(view, pool)
            continue
        yield from _by_machine(view, machine, pool.sharing)
        yield from _by_policy(view, pool.sharing, policy)
        yield from _by_advertiser(view, pool)
        if machine_of(pool).rdma_nics and pool.rdma and not policy.cabled:
            yield view.problem(
                "rdma",
                cause=f"{machine.name} has RDMA cards, and NCCL joins no slices of shared GPUs",
                consequence="cards and placement group would be paid for, and nothing would use them",
                fix="write rdma: false, or leave sharing out",
            )


def _cut_by_hand(view: PoolView, pool: GpuPool) -> Iterator[Problem]:
    layout = pool.labels.get(MIG_CONFIG_LABEL, _WHOLE)
    if layout != _WHOLE:
        yield view.problem(
            f"labels.{MIG_CONFIG_LABEL}",
            cause=f"the label has GPUs cut as {layout!r} says, and the pool's GPUs count as whole",
            consequence="models that are planned for whole GPUs would get partitions, whose memory does not hold them",
            fix="say it by sharing.kind: mig and sharing.profile, or remove the label",
        )


def _by_machine(view: PoolView, machine: InstanceType, sharing: GpuSharing) -> Iterator[Problem]:
    if not machine.has_whole_gpus:
        yield view.problem(
            "sharing",
            cause=f"{machine.name} has a part of a GPU already, by the cloud's own division",
            consequence="neither MIG nor the daemon of MPS divides it once more, and shares of it would hold no engine",
            fix="leave sharing out, or use a machine with whole GPUs",
        )
    elif isinstance(sharing, Mig) and machine.gpu:
        yield from _by_profile(view, machine, machine.gpu, sharing)


def _by_profile(view: PoolView, machine: InstanceType, name: str, sharing: Mig) -> Iterator[Problem]:
    card = gpu(name)
    if not card.mig_profiles:
        able = ", ".join(dict.fromkeys(other.name.partition("-")[0] for other in gpus() if other.mig_profiles))
        yield view.problem(
            "sharing.kind",
            cause=f"{card.name} of {machine.name} cannot be partitioned",
            consequence="no node would ever advertise a partition, and pods stay pending",
            fix=f"use kind: time-slicing or mps, or a GPU with MIG: {able}",
        )
    elif mig_profile(card, sharing.profile) is None:
        names = [profile.name for profile in card.mig_profiles]
        yield view.problem(
            "sharing.profile",
            cause=f"{card.name} of {machine.name} has no partition {sharing.profile!r}",
            consequence="no layout of it can be made, and pods that ask for one stay pending",
            fix=f"use one of {', '.join(names)}",
        )


def _by_policy(view: PoolView, sharing: GpuSharing, policy: SharingPolicy) -> Iterator[Problem]:
    if sharing.kind in policy.refused:
        others = sorted({"mig", "time-slicing", "mps"} - policy.refused.keys())
        yield view.problem(
            "sharing.kind",
            cause=f"{sharing.kind!r} {policy.refused[sharing.kind]}",
            consequence="pods would get no slice, or one that they cannot use",
            fix=f"use kind: {' or '.join(others)}" if others else "leave sharing out",
        )
    if isinstance(sharing, Mig) and sharing.strategy not in policy.strategies:
        (only,) = policy.strategies
        yield view.problem(
            "sharing.strategy",
            cause=f"the cloud's own device plugin advertises partitions as strategy {only.value!r} has it",
            consequence=f"pods that ask for nvidia.com/mig-{sharing.profile} stay pending",
            fix=f"write strategy: {only.value}, or leave it out",
        )


def _by_advertiser(view: PoolView, pool: GpuPool) -> Iterator[Problem]:
    if pool.advertiser is GpuAdvertiser.DRA:
        yield view.problem(
            "sharing",
            cause="the DRA driver hands out devices by claims, and reads no configuration of the device plugin",
            consequence="each GPU would be advertised whole, and every further pod on it stays pending",
            fix="write advertiser: device-plugin, or leave sharing out",
        )
    for label in SHARING_LABELS:
        if label in pool.labels:
            yield view.problem(
                f"labels.{label}",
                cause="sharing writes this label, or leaves it out because nobody may read it there",
                consequence="nodes would share their GPUs in another way than plans are made for",
                fix="remove the label",
            )
