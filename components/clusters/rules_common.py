"""Rules of node pools that hold on every cloud, for the rules of each cluster to call.

Each function looks at one thing and yields a problem for every setting that is wrong. What differs
between clouds comes as an argument: reserved prefixes, zones, who may own the driver.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ..contracts.capacity import CapacityBlock, FlexStart, Queued, Reservation, Spot, has_ended
from ..contracts.errors import Problem, nearest
from ..contracts.pools import GPU_TAINT, POOL_LABEL, DriverOwner, GpuAdvertiser, GpuPool, NodePool, Taint, TaintEffect
from ..planner.catalogs.instances import InstanceType, instances

LONGEST_FLEX_START = timedelta(days=7)
"""Dynamic Workload Scheduler gives machines a week at most."""
DRA_OLDEST = "1.34"
"""Dynamic resource allocation is generally available from here (Kubernetes 1.34 release notes)."""
KUBERNETES_PREFIXES = ("kubernetes.io", "k8s.io")
"""Kubelets may not set labels below these (admission plugin NodeRestriction)."""
_STRATA_PREFIX = POOL_LABEL.partition("/")[0]


def known_machines(pools: Sequence[NodePool]) -> dict[int, InstanceType]:
    """Machine type of each pool by its index; pools whose type is in no catalog are left out."""
    catalog = {machine.name: machine for machine in instances()}
    return {index: catalog[pool.instance_type] for index, pool in enumerate(pools) if pool.instance_type in catalog}


def minor(version: str) -> int:
    """Minor version of Kubernetes: 34 of ``1.34`` and of ``1.34.2``."""
    return int(version.split(".")[1])


def cloud_problems(machines: Mapping[int, InstanceType], cloud: str, environment: str) -> Iterator[Problem]:
    """Machine types of another cloud.

    Args:
        machines: Machine type by index of the pool.
        cloud: As the instance catalog spells it, such as ``aws``.
        environment: For people to read, such as ``EKS``.
    """
    names = [machine.name for machine in instances() if machine.cloud == cloud]
    for index, machine in machines.items():
        if machine.cloud != cloud:
            near = nearest(machine.name, names)
            yield Problem(
                field=f"node_pools[{index}].instance_type",
                cause=f"{machine.name} is a machine of {machine.cloud}",
                consequence=f"{environment} has no such machine, and the pool would be refused",
                fix=f"choose a machine of {cloud}" + (f", such as {near}" if near else ""),
            )


def range_problems(pools: Sequence[NodePool]) -> Iterator[Problem]:
    """Limits of an autoscaler that contradict themselves or the number of nodes."""
    for index, pool in enumerate(pools):
        limits = pool.autoscaled
        if limits is None:
            continue
        if limits.minimum > limits.maximum:
            yield Problem(
                field=f"node_pools[{index}].autoscaled.minimum",
                cause=f"the minimum {limits.minimum} is above the maximum {limits.maximum}",
                consequence="no number of nodes is right, and the cloud refuses the pool",
                fix=f"use a minimum of at most {limits.maximum}, or raise the maximum",
            )
        elif not limits.minimum <= pool.count <= limits.maximum:
            yield Problem(
                field=f"node_pools[{index}].count",
                cause=f"{pool.count} nodes are outside {limits.minimum} to {limits.maximum}",
                consequence="the cloud refuses a pool that starts outside its own limits",
                fix=f"use a count from {limits.minimum} to {limits.maximum}, or change the limits",
            )


def zone_problems(pools: Sequence[NodePool], zones: Collection[str]) -> Iterator[Problem]:
    """Zones of pools in which the network has no subnet, and zones named twice.

    Args:
        pools: The pools.
        zones: Zones of the network.
    """
    for index, pool in enumerate(pools):
        for place, zone in enumerate(pool.zones):
            if zone not in zones:
                yield Problem(
                    field=f"node_pools[{index}].zones[{place}]",
                    cause=f"the network has no subnet in {zone!r}",
                    consequence="there is nothing that the nodes could be attached to",
                    fix=f"use {' or '.join(zones)}, or add the zone to the network",
                )
        yield from duplicate_problems(f"node_pools[{index}].zones", pool.zones, "its nodes would be counted twice")


def duplicate_problems(field: str, values: Sequence[str], consequence: str) -> Iterator[Problem]:
    """Values that stand in a list more than once.

    Args:
        field: Path of the list.
        values: Its values.
        consequence: What a second one would do.
    """
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Problem(
                field=f"{field}[{index}]",
                cause=f"{value!r} stands there already",
                consequence=consequence,
                fix="remove one of them",
            )


def label_problems(
    pools: Sequence[NodePool], reserved: Collection[str], owned: Collection[str] = ()
) -> Iterator[Problem]:
    """Labels that belong to someone else.

    Args:
        pools: The pools.
        reserved: Prefixes that the cloud keeps for itself besides Kubernetes' own, such as ``eks.amazonaws.com``.
        owned: Keys that are set on nodes anyway, such as ``nvidia.com/gpu.present``.
    """
    for index, pool in enumerate(pools):
        for key in pool.labels:
            field = f"node_pools[{index}].labels.{key}"
            owner = _owner(key, (*KUBERNETES_PREFIXES, *reserved))
            if key in owned or key == POOL_LABEL or _owner(key, (_STRATA_PREFIX,)):
                yield Problem(
                    field=field,
                    cause=f"{key} is set by Strata itself",
                    consequence="pods choose nodes by it; with another value they would land elsewhere or nowhere",
                    fix="remove it, or use a prefix of your own, such as example.com/",
                )
            elif owner:
                yield Problem(
                    field=field,
                    cause=f"labels below {owner} are reserved",
                    consequence="the cloud refuses the pool, or its kubelets refuse to start and no node ever joins",
                    fix=f"use a prefix of your own, such as example.com/{key.rpartition('/')[2]}",
                )


def taint_problems(pools: Sequence[NodePool], reserved: Collection[str], most: int) -> Iterator[Problem]:
    """Taints that are reserved, doubled, or too many.

    Args:
        pools: The pools.
        reserved: Prefixes that the cloud keeps for itself besides Kubernetes' own.
        most: Taints that the cloud takes on one pool.
    """
    for index, pool in enumerate(pools):
        field = f"node_pools[{index}].taints"
        present: set[tuple[str, TaintEffect]] = {_identity(GPU_TAINT)} if isinstance(pool, GpuPool) else set()
        for place, taint in enumerate(pool.taints):
            owner = _owner(taint.key, (*KUBERNETES_PREFIXES, *reserved))
            if owner:
                yield Problem(
                    field=f"{field}[{place}].key",
                    cause=f"taints below {owner} are reserved",
                    consequence="Kubernetes sets and removes them by itself, so nodes would lose them or never join",
                    fix=f"use a prefix of your own, such as example.com/{taint.key.rpartition('/')[2]}",
                )
            if _identity(taint) in present:
                yield Problem(
                    field=f"{field}[{place}]",
                    cause=f"{taint.key} with effect {taint.effect.value} is on the nodes already",
                    consequence="Kubernetes takes one taint for each key and effect, and refuses the node",
                    fix="remove it, or use another key",
                )
            present.add(_identity(taint))
        if len(present) > most:
            yield Problem(
                field=field,
                cause=f"{len(present)} taints, with those of Strata",
                consequence=f"the cloud takes {most} on one pool",
                fix="remove some; one taint that says what the nodes are for does",
            )


def home_problems(pools: Sequence[NodePool], needed_by: str) -> Iterator[Problem]:
    """No pool on which pods run that tolerate nothing, such as cluster DNS.

    Args:
        pools: The pools.
        needed_by: What has to run there, such as ``CoreDNS``.
    """
    if not any(_takes_everything(pool) for pool in pools):
        yield Problem(
            field="node_pools",
            cause="every pool has a taint",
            consequence=f"{needed_by} would stay pending for ever, and the cluster would never become ready",
            fix="add a pool of kind cpu without taints",
        )


def architecture_problems(pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    """Nodes of both architectures that take the same pods: an image of one of them fails on the other's nodes."""
    first: InstanceType | None = None
    for index, machine in machines.items():
        if not _takes_everything(pools[index]):
            continue
        if first is not None and machine.architecture != first.architecture:
            yield Problem(
                field=f"node_pools[{index}].instance_type",
                cause=f"{machine.name} is {machine.architecture}, {first.name} is {first.architecture}, "
                "and both pools take any pod",
                consequence="pods whose image is built for one of them end with 'exec format error' on the other",
                fix="use one architecture for pools without taints, or give this pool a taint",
            )
        first = first or machine


def protection_problems(pools: Sequence[NodePool]) -> Iterator[Problem]:
    """Pools that may not be deleted, of machines that the cloud takes away."""
    for index, pool in enumerate(pools):
        if pool.protect and isinstance(pool.capacity, Spot | Queued | FlexStart):
            yield Problem(
                field=f"node_pools[{index}].protect",
                cause=f"machines bought as {pool.capacity.kind!r} are taken away by the cloud",
                consequence="the pool could be neither relied upon nor removed",
                fix="remove protect, or buy the machines on demand or by a reservation",
            )


def ended_problems(pools: Sequence[NodePool], now: datetime, notice: timedelta) -> Iterator[Problem]:
    """Capacity whose time is up, or longer than it is sold for.

    Args:
        pools: The pools.
        now: The time.
        notice: How long before the end of a block its nodes have to be empty.
    """
    for index, pool in enumerate(pools):
        match pool.capacity:
            case CapacityBlock() as block if has_ended(block, now):
                yield Problem(
                    field=f"node_pools[{index}].capacity.ends",
                    cause=f"the capacity block ended at {block.ends.isoformat()}",
                    consequence="its machines are gone, and the pool would wait for nodes for ever",
                    fix="take the id and end of a new block, or remove the pool",
                )
            case CapacityBlock() as block if has_ended(block, now + notice):
                yield Problem(
                    field=f"node_pools[{index}].capacity.ends",
                    cause=f"the capacity block ends at {block.ends.isoformat()}, in less than "
                    f"{int(notice.total_seconds() // 60)} minutes",
                    consequence="its machines are being taken away; what starts now is cut off",
                    fix="take the id and end of a new block, or remove the pool",
                )
            case FlexStart(longest_run=longest) if longest > LONGEST_FLEX_START.total_seconds():
                yield Problem(
                    field=f"node_pools[{index}].capacity.longest_run",
                    cause=f"{longest / 86_400:g} days",
                    consequence=f"such machines are given for {LONGEST_FLEX_START.days} days at most",
                    fix=f"use at most {LONGEST_FLEX_START.days} days, or a reservation",
                )
            case _:
                pass


def fabric_problems(pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    """Pools whose nodes talk over RDMA, or share an NVLink domain, and cannot where they stand."""
    for index, machine in machines.items():
        pool = pools[index]
        nodes = pool.most_nodes
        if machine.rdma_nics and nodes > 1 and len(set(pool.zones)) > 1:
            yield Problem(
                field=f"node_pools[{index}].zones",
                cause=f"{nodes} nodes of {machine.name} in {len(set(pool.zones))} zones",
                consequence=f"{machine.rdma.value} does not reach across zones, and machines of one placement group "
                "start in one zone only",
                fix=f"use one zone, such as zones: [{pool.zones[0]}], and a pool for each further one",
            )
        trays = machine.nvlink_domain // machine.gpus if machine.gpus else 0
        if trays > 1 and nodes > trays:
            yield Problem(
                field=f"node_pools[{index}].count",
                cause=f"{nodes} nodes of {machine.name}, of which {trays} share an NVLink domain",
                consequence="pods would be placed across domains, where NVLink does not reach, and be silently slow",
                fix=f"use a pool of at most {trays} nodes for each domain",
            )


def advertiser_problems(
    pools: Sequence[NodePool], machines: Mapping[int, InstanceType], kubernetes_version: str
) -> Iterator[Problem]:
    """GPUs that nobody could hand out.

    Args:
        pools: The pools.
        machines: Machine type by index of the pool.
        kubernetes_version: Version of the control plane.
    """
    for index, pool in enumerate(pools):
        if not isinstance(pool, GpuPool):
            continue
        field = f"node_pools[{index}].advertiser"
        machine = machines.get(index)
        if pool.advertiser is GpuAdvertiser.DRA and minor(kubernetes_version) < minor(DRA_OLDEST):
            yield Problem(
                field=field,
                cause=f"Kubernetes {kubernetes_version} has no dynamic resource allocation to rely on",
                consequence=f"resource.k8s.io/v1 exists from {DRA_OLDEST}; GPUs would never be advertised",
                fix=f"use Kubernetes {DRA_OLDEST} or newer, or advertiser: device-plugin",
            )
        if (
            machine
            and pool.advertiser is GpuAdvertiser.DEVICE_PLUGIN
            and machine.nvlink_domain > machine.gpus
            and pool.most_nodes > 1
        ):
            yield Problem(
                field=field,
                cause=f"nodes of {machine.name} share an NVLink domain, which the device plugin knows nothing of",
                consequence="without IMEX channels, which only the DRA driver hands out, nodes talk over the network",
                fix="use advertiser: dra",
            )


def driver_problems(
    pools: Sequence[NodePool], refused: Mapping[DriverOwner, str], default: DriverOwner
) -> Iterator[Problem]:
    """Drivers that nobody would install.

    Args:
        pools: The pools.
        refused: Why an owner does not work here, as the end of a sentence, by owner.
        default: Who installs the driver where a pool does not say; suggested instead.
    """
    reasons = {DriverOwner.NONE: "leaves the nodes without a driver, which is for CPU pools", **refused}
    for index, pool in enumerate(pools):
        if isinstance(pool, GpuPool) and pool.driver is not None and pool.driver in reasons:
            yield Problem(
                field=f"node_pools[{index}].driver",
                cause=f"{pool.driver.value!r} {reasons[pool.driver]}",
                consequence="the GPUs would never be advertised, and their pods stay pending",
                fix=f"use driver: {default.value}, or leave it out",
            )


def shared_reservation_problems(pools: Sequence[NodePool]) -> Iterator[Problem]:
    """Reservations that several pools with different machines want; each holds machines of one type."""
    first: dict[str, int] = {}
    for index, pool in enumerate(pools):
        if not isinstance(pool.capacity, Reservation | CapacityBlock):
            continue
        other = pools[first.setdefault(pool.capacity.id, index)]
        if other.instance_type != pool.instance_type:
            yield Problem(
                field=f"node_pools[{index}].capacity.id",
                cause=f"{pool.capacity.id} is taken by pool {other.name!r} with {other.instance_type}",
                consequence=f"it holds machines of one type, so one of both pools never gets any {pool.instance_type}",
                fix="name the reservation of this pool's machines",
            )


def _owner(key: str, prefixes: Collection[str]) -> str | None:
    prefix, slash, _ = key.rpartition("/")
    owners = (each for each in prefixes if slash and (prefix == each or prefix.endswith(f".{each}")))
    return next(owners, None)


def _identity(taint: Taint) -> tuple[str, TaintEffect]:
    return taint.key, taint.effect


def _takes_everything(pool: NodePool) -> bool:
    keeps_out = any(taint.effect is not TaintEffect.PREFER_NO_SCHEDULE for taint in pool.taints)
    return not keeps_out and not isinstance(pool, GpuPool)
