"""Rules of node pools on GKE: what Google sells how, and what a node pool takes.

Sources: GoogleCloudPlatform/cluster-toolkit v1.95.0, modules/compute/gke-node-pool/main.tf (preconditions);
GKE documentation, how-to/gpus, how-to/ai-hypercomputer-cluster, how-to/provisioningrequest,
how-to/consuming-reservations; Compute Engine documentation, "Consumption options".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ....contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from ....contracts.errors import Problem
from ....contracts.pools import DriverOwner, GpuAdvertiser, GpuPool, NodePool
from ....planner.catalogs.instances import InstanceType
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
from ..fabric import FABRICS
from ..facts import DEFAULT_DRIVER
from ..images import FLEX_START_OLDEST, NO_DEVICE_PLUGIN, has_version, series
from ..settings import GkeTarget

_TPU = re.compile(r"(ct\d+[a-z]*|tpu\d+[a-z]*)-.+")
# GKE documentation, how-to/creating-managing-labels; how-to/node-taints.
_RESERVED_PREFIXES = ("gke.io", "cloud.google.com")
_OWNED_LABELS = ("nvidia.com/gpu.present", NO_DEVICE_PLUGIN)
_MOST_TAINTS = 100
_RESERVATION = re.compile(
    r"(projects/[a-z0-9-]+/reservations/)?[a-z]([-a-z0-9]*[a-z0-9])?"
    r"(/reservationBlocks/[-a-z0-9]+(/reservationSubBlocks/[-a-z0-9]+)?)?"
)
# Machines with one, two or four H100s are sold as spot and flex-start only.
_NEVER_ON_DEMAND = ("a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g", "a4-highgpu-8g")
_RESERVED_ONLY = ("a4x-",)
_DRAINED_BEFORE_END = timedelta(0)


def pool_problems(target: GkeTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """What is wrong with the node pools."""
    machines = known_machines(pools)
    yield from _tpus(pools)
    yield from cloud_problems(machines, "gcp", "GKE")
    yield from range_problems(pools)
    yield from zone_problems(pools, target.zones)
    yield from _even(pools)
    yield from label_problems(pools, _RESERVED_PREFIXES, _OWNED_LABELS)
    yield from taint_problems(pools, _RESERVED_PREFIXES, _MOST_TAINTS)
    if not target.adopt_cluster:
        yield from home_problems(pools, "kube-dns and the other add-ons")
        yield from _home_of_their_own(pools)
    yield from architecture_problems(pools, machines)
    yield from protection_problems(pools)
    yield from ended_problems(pools, now, _DRAINED_BEFORE_END)
    yield from fabric_problems(pools, machines)
    yield from advertiser_problems(pools, machines, target.kubernetes_version)
    yield from driver_problems(pools, {}, DEFAULT_DRIVER)
    yield from _drivers(pools)
    yield from shared_reservation_problems(pools)
    yield from _versions(target, pools, machines)
    yield from _capacity(pools, machines)


def _tpus(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        if _TPU.fullmatch(pool.instance_type):
            yield Problem(
                field=f"node_pools[{index}].instance_type",
                cause=f"{pool.instance_type} has TPUs",
                consequence="nothing could be planned or served on it: the catalogs hold no TPU and no machine with "
                "one, the planner has no model of its memory and speed, no image of vLLM for TPUs is pinned, and "
                "pods would have to ask for google.com/tpu and a topology",
                fix="use a machine with GPUs, such as g2-standard-48 or a3-highgpu-8g",
            )


def _even(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        zones = len(pool.zones)
        if pool.count % zones:
            yield Problem(
                field=f"node_pools[{index}].count",
                cause=f"{pool.count} nodes in {zones} zones",
                consequence="GKE counts nodes of each zone, so the pool would have fewer or more of them",
                fix=f"use {pool.count // zones * zones or zones} or {(pool.count // zones + 1) * zones}, "
                "or another number of zones",
            )


def _home_of_their_own(pools: Sequence[NodePool]) -> Iterator[Problem]:
    cpus = [pool for pool in pools if pool.kind == "cpu"]
    if cpus and all(isinstance(pool.capacity, Spot | FlexStart | Queued) for pool in cpus):
        yield Problem(
            field="node_pools",
            cause="every pool for ordinary pods is of machines that Google takes away",
            consequence="cluster DNS and the autoscaler's own pods would go with them, all at once",
            fix="add a pool of kind cpu that is bought on demand or by a reservation",
        )


def _drivers(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        if not isinstance(pool, GpuPool):
            continue
        by_operator = pool.driver is DriverOwner.GPU_OPERATOR
        if by_operator and pool.instance_type in FABRICS:
            yield Problem(
                field=f"node_pools[{index}].driver",
                cause=f"the cards of {pool.instance_type} work on Container-Optimized OS only, "
                "for which the GPU operator has no driver",
                consequence="GPUs of different nodes would talk over TCP, or nodes would have no driver at all",
                fix=f"use driver: {DEFAULT_DRIVER.value}, or leave it out",
            )
        if not by_operator and pool.advertiser is GpuAdvertiser.DRA:
            yield Problem(
                field=f"node_pools[{index}].advertiser",
                cause="the driver that GKE installs comes with GKE's own device plugin",
                consequence="plugin and DRA driver would both hand out each GPU, to two pods at once",
                fix="use advertiser: device-plugin, or driver: gpu-operator",
            )


def _versions(target: GkeTarget, pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    version = target.kubernetes_version
    for index, machine in machines.items():
        oldest = series(machine.name).versions
        if not has_version(version, oldest):
            yield Problem(
                field=f"node_pools[{index}].instance_type",
                cause=f"{machine.name} needs GKE {' or '.join(oldest)}; the cluster's is {version}",
                consequence="GKE refuses the pool, or its nodes come up without a working driver",
                fix=f"use kubernetes_version: {oldest[-1]} or newer, or another machine",
            )
    flex = [index for index, pool in enumerate(pools) if isinstance(pool.capacity, FlexStart)]
    if flex and not has_version(version, (FLEX_START_OLDEST,)):
        yield Problem(
            field=f"node_pools[{flex[0]}].capacity.kind",
            cause=f"flex-start needs GKE {FLEX_START_OLDEST}; the cluster's is {version}",
            consequence="GKE refuses the pool",
            fix=f"use kubernetes_version: {FLEX_START_OLDEST} or newer",
        )


def _capacity(pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        machine = machines.get(index)
        if machine:
            yield from _unsold(index, pool, machine)
        match pool.capacity:
            case CapacityBlock():
                yield Problem(
                    field=f"node_pools[{index}].capacity.kind",
                    cause="'capacity-block' is not sold by Google Cloud",
                    consequence="there is no node pool that could be declared",
                    fix="use a reservation, which future reservations become when they start",
                )
            case FlexStart() | Queued():
                yield from _from_zero(index, pool)
            case Reservation() as reservation:
                yield from _reservation(index, pool, reservation)
            case _:
                pass


def _unsold(index: int, pool: NodePool, machine: InstanceType) -> Iterator[Problem]:
    field = f"node_pools[{index}].capacity.kind"
    if machine.name in _NEVER_ON_DEMAND and isinstance(pool.capacity, OnDemand):
        yield Problem(
            field=field,
            cause=f"{machine.name} is not sold on demand",
            consequence="not one node would ever start",
            fix="use spot, flex-start or, for machines with eight GPUs, a reservation",
        )
    if machine.name.startswith(_RESERVED_ONLY) and not isinstance(pool.capacity, Reservation):
        yield Problem(
            field=field,
            cause=f"{machine.name} is sold by reservations only",
            consequence="not one node would ever start",
            fix="reserve a whole NVLink domain, and write kind: reservation with its path",
        )
    if isinstance(pool.capacity, FlexStart | Queued) and not machine.gpus:
        yield Problem(
            field=field,
            cause=f"{machine.name} has no GPU",
            consequence="machines without accelerators are not sold that way",
            fix="use on-demand or spot",
        )


def _from_zero(index: int, pool: NodePool) -> Iterator[Problem]:
    kind = pool.capacity.kind
    if pool.autoscaled is None:
        yield Problem(
            field=f"node_pools[{index}].autoscaled",
            cause=f"the pool is {kind!r} and has a fixed number of nodes",
            consequence="GKE refuses it: such machines come when there are some, so only the autoscaler may ask",
            fix=f"add autoscaled: {{minimum: 0, maximum: {pool.count}}}",
        )
    elif pool.autoscaled.minimum:
        yield Problem(
            field=f"node_pools[{index}].autoscaled.minimum",
            cause=f"the pool is {kind!r} and has a minimum of {pool.autoscaled.minimum}",
            consequence="GKE refuses it: nobody can promise a node before there is a machine",
            fix="use a minimum of 0",
        )


def _reservation(index: int, pool: NodePool, reservation: Reservation) -> Iterator[Problem]:
    if not _RESERVATION.fullmatch(reservation.id):
        yield Problem(
            field=f"node_pools[{index}].capacity.id",
            cause=f"{reservation.id[:60]!r} is no reservation of Compute Engine",
            consequence="the pool would be refused",
            fix="write its name, or projects/<project>/reservations/<name> for one of another project",
        )
    if len(set(pool.zones)) > 1:
        yield Problem(
            field=f"node_pools[{index}].zones",
            cause=f"a reservation holds machines in one zone, the pool has {len(set(pool.zones))}",
            consequence="nodes that GKE wants in another zone never start, and the pool is never complete",
            fix="name the zone of the reservation only",
        )
