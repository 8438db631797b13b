"""Rules of node pools on AKS: what Azure sells how, and what an agent pool takes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ....contracts.capacity import CapacityBlock, FlexStart, Queued, Reservation
from ....contracts.errors import Problem
from ....contracts.pools import DriverOwner, GpuPool, NodePool
from ....networks.azure.settings import NO_ZONE
from ....planner.catalogs.instances import InstanceType, instances
from ...rules_common import (
    advertiser_problems,
    architecture_problems,
    cloud_problems,
    driver_problems,
    ended_problems,
    fabric_problems,
    home_problems,
    known_machines,
    label_problems,
    protection_problems,
    range_problems,
    shared_reservation_problems,
    taint_problems,
    zone_problems,
)
from ..fabric import INFINIBAND_LABEL, MOST_NODES, infiniband
from ..facts import DEFAULT_DRIVER
from ..images import needs_grid
from ..purchase import SPOT_KEY
from ..settings import AksTarget
from .network import network_zones

# AKS docs, use-labels: "kubernetes.azure.com" is reserved, and nodes carry labels below it.
_RESERVED_PREFIXES = ("kubernetes.azure.com",)
_OWNED_LABELS = ("nvidia.com/gpu.present", INFINIBAND_LABEL, SPOT_KEY)
# AKS docs, quotas-skus-regions; they name no limit of taints.
_MOST_NODES, _MOST_POOLS, _MOST_TAINTS = 1000, 100, sys.maxsize
# AKS docs, create-node-pools: "Linux node pools: 1-12 characters, lowercase, starting with a letter".
_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_SYSTEM_NAME = "system"
# AKS docs, use-system-pools: "at least 4 vCPUs and 4 GB of memory", and no B series.
_SYSTEM_VCPUS = 4
_RESERVATION = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/"
    r"capacityReservationGroups/[^/]+",
    re.IGNORECASE,
)
_MIG_LABEL = "nvidia.com/mig.config"
# MIG user guide, "Supported GPUs".
_MIG_GPUS = ("A100", "A30", "H100", "H200", "B200", "B300", "GB200", "GB300", "RTX-PRO-6000")
_DRIVERS = {
    DriverOwner.NODE_IMAGE: "does not exist on AKS, whose images hold no GPU driver",
}


def pool_problems(target: AksTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """What is wrong with the node pools."""
    machines = known_machines(pools)
    yield from cloud_problems(machines, "azure", "AKS")
    yield from range_problems(pools)
    yield from zone_problems(pools, network_zones(target))
    yield from label_problems(pools, _RESERVED_PREFIXES, _OWNED_LABELS)
    yield from taint_problems(pools, _RESERVED_PREFIXES, _MOST_TAINTS)
    yield from home_problems(pools, "the jobs and operators of the platform")
    yield from architecture_problems(pools, machines)
    yield from protection_problems(pools)
    yield from ended_problems(pools, now, timedelta(0))
    yield from fabric_problems(pools, machines)
    yield from advertiser_problems(pools, machines, target.kubernetes_version)
    yield from driver_problems(pools, _DRIVERS, DEFAULT_DRIVER)
    yield from shared_reservation_problems(pools)
    yield from _names(pools)
    yield from _numbers(pools, machines)
    yield from _zones(pools)
    yield from _capacity(pools)
    yield from _gpus(pools, machines)
    yield from _system(target)


def _names(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        if pool.name == _SYSTEM_NAME:
            yield Problem(
                field=f"node_pools[{index}].name",
                cause=f"{_SYSTEM_NAME!r} is the name of AKS' own pool",
                consequence="Azure would take the one for the other, and change the nodes that run cluster DNS",
                fix="give it another name",
            )
        elif not _NAME.fullmatch(pool.name):
            letters = re.sub(r"[^a-z0-9]", "", pool.name).lstrip("0123456789")[:12]
            yield Problem(
                field=f"node_pools[{index}].name",
                cause=f"{pool.name!r} is no name of a pool of Linux nodes",
                consequence="AKS takes 1 to 12 of a-z and 0-9, beginning with a letter, and refuses the pool",
                fix=f"use {letters}" if letters else "use a name such as h100",
            )


def _numbers(pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    if len(pools) >= _MOST_POOLS:
        yield Problem(
            field="node_pools",
            cause=f"{len(pools)} pools and AKS' own",
            consequence=f"AKS takes {_MOST_POOLS} on one cluster",
            fix="join pools of the same machines",
        )
    for index, pool in enumerate(pools):
        machine = machines.get(index)
        fabric = infiniband(machine) if machine else None
        if fabric and pool.most_nodes > MOST_NODES:
            yield Problem(
                field=f"node_pools[{index}].count",
                cause=f"{pool.most_nodes} nodes on one InfiniBand fabric",
                consequence=f"one placement group holds {MOST_NODES} machines, and InfiniBand does not leave it",
                fix=f"make pools of at most {MOST_NODES} nodes",
            )
        elif pool.most_nodes > _MOST_NODES:
            yield Problem(
                field=f"node_pools[{index}].count",
                cause=f"{pool.most_nodes} nodes",
                consequence=f"a pool holds {_MOST_NODES} nodes",
                fix=f"make pools of at most {_MOST_NODES} nodes",
            )


def _zones(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        if NO_ZONE in pool.zones and len(pool.zones) > 1:
            yield Problem(
                field=f"node_pools[{index}].zones",
                cause=f"{NO_ZONE!r} stands beside zones",
                consequence="Azure places a scale set in zones or in none, and would place this one in zones",
                fix=f'write zones: ["{NO_ZONE}"] for machines in no zone, or zones only',
            )


def _capacity(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        field = f"node_pools[{index}].capacity"
        match pool.capacity:
            case CapacityBlock() | FlexStart() | Queued():
                yield Problem(
                    field=f"{field}.kind",
                    cause=f"{pool.capacity.kind!r} is not sold by Azure",
                    consequence="there is no agent pool that could be declared",
                    fix="use on-demand, spot or reservation",
                )
            case Reservation(id=reservation) if not _RESERVATION.fullmatch(reservation):
                yield Problem(
                    field=f"{field}.id",
                    cause=f"{reservation[:60]!r} is no capacity reservation group of Azure",
                    consequence="AKS would refuse the pool",
                    fix="write its id, /subscriptions/…/providers/Microsoft.Compute/capacityReservationGroups/…",
                )
            case _:
                pass


def _gpus(pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    for index, machine in machines.items():
        pool = pools[index]
        if not isinstance(pool, GpuPool):
            continue
        if needs_grid(machine) and pool.driver is DriverOwner.GPU_OPERATOR:
            yield Problem(
                field=f"node_pools[{index}].driver",
                cause=f"{machine.name} has vGPUs, and the GPU operator installs the driver of whole GPUs",
                consequence="the driver finds no device it knows, and the GPUs are never advertised",
                fix=f"use driver: {DEFAULT_DRIVER.value}, which installs NVIDIA's GRID driver",
            )
        if _MIG_LABEL in pool.labels:
            yield from _mig(index, pool, machine)


def _mig(index: int, pool: GpuPool, machine: InstanceType) -> Iterator[Problem]:
    field = f"node_pools[{index}].labels.{_MIG_LABEL}"
    if not any(part in (machine.gpu or "") for part in _MIG_GPUS) or needs_grid(machine):
        yield Problem(
            field=field,
            cause=f"{machine.gpu} of {machine.name} cannot be partitioned",
            consequence="the MIG manager fails on every node, and taints it",
            fix="remove the label, or use a GPU such as A100 or H100",
        )
    elif (pool.driver or DEFAULT_DRIVER) is not DriverOwner.GPU_OPERATOR:
        yield Problem(
            field=field,
            cause=f"the driver is {(pool.driver or DEFAULT_DRIVER).value!r}'s",
            consequence="only the GPU operator's MIG manager reads the label, and it resets no driver of others",
            fix="write driver: gpu-operator, or remove the label",
        )


def _system(target: AksTarget) -> Iterator[Problem]:
    if target.adopt_cluster:
        return
    field, pool = "target.system_pool", target.system_pool
    zones = network_zones(target)
    for place, zone in enumerate(pool.zones):
        if zone not in zones:
            yield Problem(
                field=f"{field}.zones[{place}]",
                cause=f"the network has no subnet in {zone!r}",
                consequence="there is nothing that the nodes could be attached to",
                fix=f"use {' or '.join(zones)}, or add the zone to the network",
            )
    machine = next((each for each in instances() if each.name == pool.instance_type), None)
    if machine is None or machine.cloud != "azure" or machine.gpus or machine.vcpus < _SYSTEM_VCPUS:
        yield Problem(
            field=f"{field}.instance_type",
            cause=f"{pool.instance_type} is no machine of Azure with {_SYSTEM_VCPUS} CPUs or more and without GPUs",
            consequence="AKS refuses smaller machines for its own pods, and GPUs would idle there",
            fix="use a machine such as Standard_D4ds_v6",
        )
