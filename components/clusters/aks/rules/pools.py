"""Rules of node pools on AKS: what Azure sells how, and what an agent pool takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from ....contracts.capacity import Reservation
from ....contracts.errors import Problem
from ....contracts.gpu_sharing import Mig
from ....contracts.pools import DriverOwner, GpuPool
from ....contracts.shown_text import excerpt
from ....networks.azure.settings import NO_ZONE, network_zones
from ....planner.catalogs.clouds import cloud_of
from ....planner.catalogs.gpu_slices import mig_profile
from ....planner.catalogs.gpus import gpu
from ....planner.catalogs.instances import InstanceType, known_instance
from ...rules.capacity import UnsoldCapacity
from ...rules.duplicates import duplicate_problems
from ...rules.pool_policy import PoolPolicy, bought_pool_problems, policy_problems
from ...rules.pool_view import PoolView, known_pools
from ...rules.sharing import SharingPolicy
from ...rules.zones import unattached_zone_problems
from ..fabric import INFINIBAND_LABEL, MOST_NODES, infiniband
from ..facts import DEFAULT_DRIVER
from ..images import gpu_instance_profile
from ..purchase import SPOT_KEY
from ..settings import AksTarget, SystemPool

# AKS docs, quotas-skus-regions; they name no limit of taints.
_MOST_NODES, _MOST_POOLS = 1000, 100
# AKS docs, create-node-pools: "Linux node pools: 1-12 characters, lowercase, starting with a letter".
_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_SYSTEM_NAME = "system"
# AKS docs, use-system-pools: "at least 4 vCPUs and 4 GB of memory", and no B series.
_SYSTEM_VCPUS = 4
_RESERVATION = re.compile(
    r"/subscriptions/[0-9a-f-]+/resourceGroups/[\w.()-]+/providers/Microsoft\.Compute/"
    r"capacityReservationGroups/[\w.-]+",
    re.IGNORECASE,
)
POLICY = PoolPolicy(
    cloud="azure",
    environment="AKS",
    needed_by="the jobs and operators of the platform",
    sold=frozenset({"on-demand", "spot", "reservation"}),
    unsold=UnsoldCapacity(
        cause="is not sold by Azure",
        consequence="no agent pool can be declared",
        fix="use on-demand, spot or reservation",
    ),
    default_driver=DEFAULT_DRIVER,
    refused_drivers={DriverOwner.NODE_IMAGE: "does not exist on AKS, whose images hold no GPU driver"},
    # AKS docs, use-labels: "kubernetes.azure.com" is reserved, and nodes carry labels below it.
    reserved_prefixes=("kubernetes.azure.com",),
    # AKS documentation, spot-node-pool: the taint of spot pools, which templates have to repeat.
    spot_taints=(SPOT_KEY,),
    owned_labels=("nvidia.com/gpu.present", INFINIBAND_LABEL, SPOT_KEY),
    # Azure documentation, hpc-compute-infiniband: InfiniBand machines of one scale set are on one fabric.
    cabled="keeps InfiniBand machines of one pool on one fabric",
    sharing=SharingPolicy(cabled=True),
)
"""What Azure and AKS allow of node pools."""


def pool_problems(target: AksTarget, pools: Sequence[PoolView], now: datetime) -> Iterator[Problem]:
    """What is wrong with the node pools."""
    yield from policy_problems(POLICY, pools, kubernetes_version=target.kubernetes_version)
    zones, form = network_zones(target.network), _zone_form(target)
    yield from bought_pool_problems(POLICY, pools, zones=zones, now=now, zone_form=form)
    yield from _names(pools)
    yield from _numbers(pools)
    yield from _zones(pools)
    yield from _reservations(pools)
    yield from _gpus(pools)
    yield from _system(target)


def _names(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        name = view.pool.name
        if name == _SYSTEM_NAME:
            yield view.problem(
                "name",
                cause=f"{_SYSTEM_NAME!r} is the name of AKS' own pool",
                consequence="Azure would take the one for the other, and change the nodes that run cluster DNS",
                fix="give it another name",
            )
        elif not _NAME.fullmatch(name):
            letters = re.sub(r"[^a-z0-9]", "", name).lstrip("0123456789")[:12]
            yield view.problem(
                "name",
                cause=f"{name!r} is not a valid name of a Linux node pool",
                consequence="AKS takes 1 to 12 of a-z and 0-9, beginning with a letter, and refuses the pool",
                fix=f"use {letters}" if letters else "use a name such as h100",
            )


def _numbers(pools: Sequence[PoolView]) -> Iterator[Problem]:
    if len(pools) >= _MOST_POOLS:
        yield Problem(
            field="node_pools",
            cause=f"{len(pools)} pools and AKS' own",
            consequence=f"AKS takes {_MOST_POOLS} on one cluster",
            fix="join pools of the same machines",
        )
    for view in pools:
        nodes, most = view.pool.most_nodes, most_nodes(view)
        if nodes <= most:
            continue
        on_fabric = most == MOST_NODES
        yield view.problem(
            "autoscaled.maximum" if view.pool.autoscaled else "count",
            cause=f"{nodes} nodes on one InfiniBand fabric" if on_fabric else f"{nodes} nodes",
            consequence=f"one placement group holds {most} machines, and InfiniBand does not leave it"
            if on_fabric
            else f"a pool holds {most} nodes",
            fix=f"make pools of at most {most} nodes",
        )


def most_nodes(view: PoolView) -> int:
    """Nodes that one pool can have."""
    return MOST_NODES if view.machine and infiniband(view.machine) else _MOST_NODES


def _zones(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        if NO_ZONE in view.pool.zones and len(view.pool.zones) > 1:
            yield view.problem(
                "zones",
                cause=f"{NO_ZONE!r} is listed together with zones",
                consequence="Azure places a scale set in zones or in none, and would place this one in zones",
                fix=f'write zones: ["{NO_ZONE}"] for machines in no zone, or zones only',
            )


def _reservations(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        capacity = view.pool.capacity
        if isinstance(capacity, Reservation) and not _RESERVATION.fullmatch(capacity.id):
            yield view.problem(
                "capacity.id",
                cause=f"{excerpt(capacity.id)!r} is not an Azure capacity reservation group",
                consequence="AKS would refuse the pool",
                fix="write its id, /subscriptions/…/providers/Microsoft.Compute/capacityReservationGroups/…",
            )


def _gpus(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view, machine in known_pools(pools):
        pool = view.pool
        if not isinstance(pool, GpuPool):
            continue
        if machine.vgpu and pool.driver is DriverOwner.GPU_OPERATOR:
            yield view.problem(
                "driver",
                cause=f"{machine.name} has vGPUs, and the GPU operator installs the driver of whole GPUs",
                consequence="the driver finds no device it knows, and the GPUs are never advertised",
                fix=f"use driver: {DEFAULT_DRIVER.value}, which installs NVIDIA's GRID driver",
            )
        yield from _partitions(view, machine, pool)


def _partitions(view: PoolView, machine: InstanceType, pool: GpuPool) -> Iterator[Problem]:
    """Partitions that the pool's GPU instance profile cannot say: it is MIG1g to MIG7g, without the memory."""
    card = gpu(machine.gpu) if machine.gpu else None
    if card is None or not isinstance(pool.sharing, Mig) or gpu_instance_profile(pool) is None:
        return
    size = f"{pool.sharing.profile.partition('.')[0]}."
    alike = [profile for profile in card.mig_profiles if profile.name.startswith(size)]
    usual = max(alike, key=lambda profile: profile.most, default=None)
    if usual and pool.sharing.profile != usual.name and mig_profile(card, pool.sharing.profile):
        yield view.problem(
            "sharing.profile",
            cause=f"AKS makes {usual.name} of {gpu_instance_profile(pool)}, and has no name for {pool.sharing.profile}",
            consequence=f"{card.name} would be cut into {usual.most} partitions, smaller than models are planned for",
            fix=f"use profile: {usual.name}",
        )


def _system(target: AksTarget) -> Iterator[Problem]:
    if target.adopt_cluster:
        return
    pool = target.system_pool
    field = "target.system_pool.zones"
    yield from unattached_zone_problems(field, pool.zones, network_zones(target.network), _zone_form(target))
    yield from duplicate_problems(field, pool.zones, "AKS refuses a zone that is there already")
    yield from _system_machine(pool)


def _system_machine(pool: SystemPool) -> Iterator[Problem]:
    name, known, field = pool.instance_type, known_instance(pool.instance_type), "target.system_pool"
    if known and pool.machine:
        yield Problem(
            field=f"{field}.machine",
            cause=f"{name} is in the instance catalog",
            consequence="two answers to what it holds could differ",
            fix="leave machine out",
        )
    is_azures = cloud_of(name) == POLICY.cloud
    cpus, gpus = (
        (known.vcpus, known.gpus) if known else (pool.machine.cpus, pool.machine.gpus) if pool.machine else (0, 0)
    )
    if not is_azures or gpus or 0 < cpus < _SYSTEM_VCPUS:
        yield Problem(
            field=f"{field}.instance_type",
            cause=f"{name} is not an Azure machine with {_SYSTEM_VCPUS} CPUs or more and without GPUs",
            consequence="AKS refuses smaller machines for its own pods, and GPUs would idle there",
            fix="use a machine such as Standard_D4ds_v6",
        )
    elif not cpus:
        yield Problem(
            field=f"{field}.instance_type",
            cause=f"{name} is not in the instance catalog",
            consequence="nobody could tell whether AKS' own pods fit on it, and what it takes of the quota",
            fix="use a machine such as Standard_D4ds_v6, or add what it holds: machine: {cpus: 8, memory: 32Gi}",
        )


def _zone_form(target: AksTarget) -> str:
    return rf"{re.escape(target.region)}-[123]|{NO_ZONE}"
