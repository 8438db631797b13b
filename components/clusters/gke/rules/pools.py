"""Rules of node pools on GKE: what Google sells how, and what a node pool takes.

Sources: GoogleCloudPlatform/cluster-toolkit v1.95.0, modules/compute/gke-node-pool/main.tf (preconditions);
GKE documentation, how-to/gpus, how-to/ai-hypercomputer-cluster, how-to/provisioningrequest,
how-to/consuming-reservations; Compute Engine documentation, "Consumption options".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from ....contracts.capacity import FlexStart, OnDemand, Queued, Reservation
from ....contracts.errors import Problem
from ....contracts.gpu_sharing import MigStrategy
from ....contracts.pools import DriverOwner, GpuAdvertiser, GpuPool
from ....contracts.shown_text import excerpt
from ....planner.catalogs.described import accelerators
from ...rules.capacity import UnsoldCapacity, reserved_zone_problems
from ...rules.pool_policy import PoolPolicy, bought_pool_problems, policy_problems
from ...rules.pool_view import PoolView, known_pools
from ...rules.sharing import SharingPolicy
from ..fabric import FABRICS
from ..facts import DEFAULT_DRIVER
from ..images import FLEX_START_OLDEST, NO_DEVICE_PLUGIN, has_version
from ..settings import GkeTarget
from .partitions import partition_problems

_RESERVATION = re.compile(
    r"(projects/[a-z0-9-]+/reservations/)?[a-z]([-a-z0-9]*[a-z0-9])?"
    r"(/reservationBlocks/[-a-z0-9]+(/reservationSubBlocks/[-a-z0-9]+)?)?"
)
_RESERVED_ONLY = frozenset({"reservation"})
POLICY = PoolPolicy(
    cloud="gcp",
    environment="GKE",
    needed_by="kube-dns and the other add-ons",
    sold=frozenset({"on-demand", "spot", "reservation", "flex-start", "queued"}),
    unsold=UnsoldCapacity(
        cause="is not sold by Google Cloud",
        consequence="no node pool can be declared",
        fix="use a reservation, which future reservations become when they start",
    ),
    default_driver=DEFAULT_DRIVER,
    # GKE documentation, how-to/creating-managing-labels; how-to/node-taints.
    reserved_prefixes=("gke.io", "cloud.google.com"),
    # GKE documentation, concepts/spot-vms: "use taints and tolerations", with this key.
    spot_taints=("cloud.google.com/gke-spot",),
    owned_labels=("nvidia.com/gpu.present", NO_DEVICE_PLUGIN),
    most_taints=100,
    # GKE documentation, how-to/gpu-bandwidth-gpudirect: the machines' networks are part of the node pool.
    cabled="makes the GPU networks of a machine with its pool",
    sharing=SharingPolicy(
        # GKE documentation, how-to/nvidia-mps-gpus: "hostIPC: true" of every pod, so that it reaches the daemon.
        refused={"mps": "on GKE is for pods with hostIPC, which pod security of the models' namespace refuses"},
        # GKE documentation, how-to/gpus-multi: pods ask for nvidia.com/gpu.
        strategies=frozenset({MigStrategy.SINGLE}),
        cabled=True,
    ),
)
"""What Google Cloud and GKE allow of node pools."""


def pool_problems(target: GkeTarget, pools: Sequence[PoolView], now: datetime) -> Iterator[Problem]:
    """What is wrong with the node pools."""
    yield from policy_problems(
        POLICY, pools, kubernetes_version=target.kubernetes_version, needs_untainted=not target.adopt_cluster
    )
    form = rf"{re.escape(target.region)}-[a-z]+\d*"
    yield from bought_pool_problems(POLICY, pools, zones=target.zones, now=now, zone_form=form)
    yield from _even(pools)
    yield from _unnamed_accelerators(pools)
    if not target.adopt_cluster:
        yield from _lasting_pool(pools)
    yield from _drivers(pools)
    yield from partition_problems(pools)
    yield from _versions(target, pools)
    yield from _unsold(pools)
    yield from _capacity(pools)


def _unnamed_accelerators(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view, machine in known_pools(pools):
        if machine.gpus and not machine.accelerator_key:
            yield view.problem(
                "machine.gpu",
                cause=f"Google Cloud is not known to sell machines with {machine.gpu}, so its name there is unknown",
                consequence="the node pool could not be asked for with its GPUs",
                fix=f"use one of {', '.join(sorted(accelerators(POLICY.cloud)))}",
            )


def _even(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        count, zones = view.pool.count, len(view.pool.zones)
        if count % zones:
            yield view.problem(
                "count",
                cause=f"{count} nodes in {zones} zones",
                consequence="GKE counts nodes of each zone, so the pool would have fewer or more of them",
                fix=f"use {count // zones * zones or zones} or {(count // zones + 1) * zones}, "
                "or another number of zones",
            )


def _lasting_pool(pools: Sequence[PoolView]) -> Iterator[Problem]:
    cpus = [view.pool for view in pools if view.pool.kind == "cpu"]
    # Spot machines are replaced one by one, and carry ordinary pods on every cloud.
    if cpus and all(isinstance(pool.capacity, FlexStart | Queued) for pool in cpus):
        yield Problem(
            field="node_pools",
            cause="every pool for ordinary pods is of machines that Google gives for some days, and then takes away",
            consequence="cluster DNS and the autoscaler's own pods would go with them, all at once",
            fix="add a pool of kind cpu that is bought on demand, as spot or by a reservation",
        )


def _drivers(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        pool = view.pool
        if not isinstance(pool, GpuPool):
            continue
        by_operator = pool.driver is DriverOwner.GPU_OPERATOR
        if by_operator and pool.instance_type in FABRICS:
            yield view.problem(
                "driver",
                cause=f"the cards of {pool.instance_type} work on Container-Optimized OS only, "
                "for which the GPU operator has no driver",
                consequence="GPUs of different nodes would talk over TCP, or nodes would have no driver at all",
                fix=f"use driver: {DEFAULT_DRIVER.value}, or leave it out",
            )
        if not by_operator and pool.advertiser is GpuAdvertiser.DRA:
            yield view.problem(
                "advertiser",
                cause="the driver that GKE installs comes with GKE's own device plugin",
                consequence="plugin and DRA driver would both allocate each GPU, to two pods at once",
                fix="use advertiser: device-plugin, or driver: gpu-operator",
            )


def _versions(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    version = target.kubernetes_version
    for view, machine in known_pools(pools):
        oldest = machine.kubernetes_oldest
        if not has_version(version, oldest):
            yield view.problem(
                "instance_type",
                cause=f"{machine.name} needs GKE {' or '.join(oldest)}; the cluster's is {version}",
                consequence="GKE refuses the pool, or its nodes come up without a working driver",
                fix=f"use kubernetes_version: {oldest[-1]} or newer, or another machine",
            )
    flex = [view for view in pools if isinstance(view.pool.capacity, FlexStart)]
    if flex and not has_version(version, (FLEX_START_OLDEST,)):
        yield flex[0].problem(
            "capacity.kind",
            cause=f"flex-start needs GKE {FLEX_START_OLDEST}; the cluster's is {version}",
            consequence="GKE refuses the pool",
            fix=f"use kubernetes_version: {FLEX_START_OLDEST} or newer",
        )


def _unsold(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view, machine in known_pools(pools):
        capacity = view.pool.capacity
        if capacity.kind in machine.sold_as:
            continue
        if machine.sold_as == _RESERVED_ONLY:
            yield view.problem(
                "capacity.kind",
                cause=f"{machine.name} is sold by reservations only",
                consequence="not one node would ever start",
                fix="reserve a whole NVLink domain, and write kind: reservation with its path",
            )
        elif isinstance(capacity, OnDemand):
            yield view.problem(
                "capacity.kind",
                cause=f"{machine.name} is not sold on demand",
                consequence="not one node would ever start",
                fix="use spot, flex-start or, for machines with eight GPUs, a reservation",
            )
        elif isinstance(capacity, FlexStart | Queued) and not machine.gpus:
            yield view.problem(
                "capacity.kind",
                cause=f"{machine.name} has no GPU",
                consequence="machines without accelerators are not sold that way",
                fix="use on-demand or spot",
            )


def _capacity(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        match view.pool.capacity:
            case FlexStart() | Queued():
                yield from _from_zero(view)
            case Reservation() as reservation:
                yield from _reservation(view, reservation)
            case _:
                pass


def _from_zero(view: PoolView) -> Iterator[Problem]:
    kind, limits = view.pool.capacity.kind, view.pool.autoscaled
    if limits is None:
        yield view.problem(
            "autoscaled",
            cause=f"the pool is {kind!r} and has a fixed number of nodes",
            consequence="GKE refuses it: such machines come when there are some, so only the autoscaler may ask",
            fix=f"add autoscaled: {{minimum: 0, maximum: {view.pool.count}}}",
        )
    elif limits.minimum:
        yield view.problem(
            "autoscaled.minimum",
            cause=f"the pool is {kind!r} and has a minimum of {limits.minimum}",
            consequence="GKE refuses it: it cannot promise a node before it has a machine",
            fix="use a minimum of 0",
        )


def _reservation(view: PoolView, reservation: Reservation) -> Iterator[Problem]:
    if not _RESERVATION.fullmatch(reservation.id):
        yield view.problem(
            "capacity.id",
            cause=f"{excerpt(reservation.id)!r} is not a Compute Engine reservation",
            consequence="the pool would be refused",
            fix="write its name, or projects/<project>/reservations/<name> for one of another project",
        )
    yield from reserved_zone_problems(view, "a reservation", "GKE")
