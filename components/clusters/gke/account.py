"""What only the Google Cloud project can tell: versions, quotas, machines on offer, reservations, adopted networks.

Asked at preview, before anything is made; every question is a read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pulumi
import pulumi_gcp as gcp

from ...contracts.capacity import FlexStart, Queued, Reservation, Spot
from ...contracts.errors import Problem, raise_problems
from ...contracts.pools import NodePool
from ...networks.gcp.args import ExistingGcpVpc
from ...planner.catalogs.described import machine_of
from ..arguments import known
from ..rules.pool_view import pool_views
from .args import GkeClusterArgs
from .quotas import Quota, quota_of


def require_account(name: str, args: GkeClusterArgs, provider: gcp.Provider | None = None) -> None:
    """Return when the project can carry the cluster.

    A question about a name that is another resource's output is not asked, and said so.

    Args:
        name: Name of the component.
        args: The cluster.
        provider: Who is asked; one that the environment logs in with where left out.

    Raises:
        StrataError: Every problem at once.
    """
    pools = args.pools
    account = provider or gcp.Provider(f"{name}-account", project=args.project, region=args.region)
    ask = pulumi.InvokeOptions(provider=account)
    problems = [
        *_closed_zones(args, ask),
        *_unknown_version(args, ask),
        *_too_small_quotas(args, pools, ask),
        *_machines_not_offered(args, pools, ask),
        *_wrong_reservations(args, pools, ask),
        *_foreign_subnet(args, ask),
    ]
    raise_problems(problems)


def _closed_zones(args: GkeClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    open_zones = gcp.compute.get_zones(project=args.project, region=args.region, status="UP", opts=ask).names
    for index, zone in enumerate(args.zones):
        if zone not in open_zones:
            yield Problem(
                field=f"target.network.zones[{index}]",
                cause=f"{zone} is not open to {args.project}",
                consequence="GKE would refuse the cluster",
                fix=f"use {' or '.join(sorted(open_zones))}" if open_zones else "use another region",
            )


def _unknown_version(args: GkeClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    if args.adopt_cluster:
        return
    offered = gcp.container.get_engine_versions(
        location=args.region, project=args.project, version_prefix=f"{args.kubernetes_version}", opts=ask
    ).valid_master_versions
    if not offered:
        yield Problem(
            field="target.kubernetes_version",
            cause=f"GKE offers no version {args.kubernetes_version} in {args.region}",
            consequence="GKE would refuse the cluster after its network is made",
            fix=f"choose one that `gcloud container get-server-config --location {args.region}` lists",
        )


def _too_small_quotas(args: GkeClusterArgs, pools: Sequence[NodePool], ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    wanted: dict[Quota, int] = {}
    for pool in pools:
        # Reserved machines were counted when they were reserved; the quota of others may be unknown.
        if isinstance(pool.capacity, Reservation) or pool.machine is not None:
            continue
        quota = quota_of(machine_of(pool), spot=isinstance(pool.capacity, Spot | FlexStart | Queued))
        wanted[quota] = wanted.get(quota, 0) + pool.most_nodes * quota.per_machine
    for quota, amount in wanted.items():
        limit = _limit(args, quota, ask)
        # Minus one stands for no limit.
        if limit is not None and -1 < limit < amount:
            yield Problem(
                field="node_pools",
                cause=f"the pools need {amount} of the quota {quota.label} in {args.region}, which is {limit}",
                consequence="the last machines would fail with QUOTA_EXCEEDED, after the others are paid for",
                fix=f"ask for {amount} or more of {quota.id} under IAM & Admin, Quotas, or make the pools smaller",
            )


def _limit(args: GkeClusterArgs, quota: Quota, ask: pulumi.InvokeOptions) -> int | None:
    """The limit that the project has in the region; None where Google does not tell."""
    info = gcp.cloudquota.get_s_quota_info(
        parent=f"projects/{args.project}", service="compute.googleapis.com", quota_id=quota.id, opts=ask
    )
    # The more specific ones come first.
    for entry in info.dimensions_infos:
        said = dict(entry.dimensions)
        here = args.region in entry.applicable_locations
        if here and (not quota.family or said.get(quota.dimension, quota.family) == quota.family) and entry.details:
            return int(entry.details[0].value)
    return None


def _machines_not_offered(
    args: GkeClusterArgs, pools: Sequence[NodePool], ask: pulumi.InvokeOptions
) -> Iterator[Problem]:
    for view in pool_views(pools):
        pool = view.pool
        for place, zone in enumerate(pool.zones):
            offered = gcp.compute.get_machine_types(
                project=args.project, zone=zone, filter=f"name = '{pool.instance_type}'", opts=ask
            ).machine_types
            if not offered:
                yield view.problem(
                    f"zones[{place}]",
                    cause=f"Google Cloud has no {pool.instance_type} in {zone}",
                    consequence="the pool would never get a machine there",
                    fix="use a zone that `gcloud compute machine-types list "
                    f"--filter=name={pool.instance_type}` lists, or another machine",
                )


def _wrong_reservations(
    args: GkeClusterArgs, pools: Sequence[NodePool], ask: pulumi.InvokeOptions
) -> Iterator[Problem]:
    for view in pool_views(pools):
        pool = view.pool
        if not isinstance(pool.capacity, Reservation):
            continue
        project, name = reservation_of(pool.capacity, args)
        found = gcp.compute.get_reservation(name=name, project=project, zone=pool.zones[0], opts=ask)
        machines = [
            properties.machine_type
            for reservation in found.specific_reservations
            for properties in reservation.instance_properties
        ]
        free = sum(reservation.count - reservation.in_use_count for reservation in found.specific_reservations)
        if machines and pool.instance_type not in machines:
            yield view.problem(
                "capacity.id",
                cause=f"{name} holds machines of {', '.join(machines)}",
                consequence="the pool would never get a machine of it",
                fix=f"name a reservation of {pool.instance_type} in {pool.zones[0]}",
            )
        elif not found.specific_reservation_required:
            yield view.problem(
                "capacity.id",
                cause=f"{name} is open to every machine that matches",
                consequence="GKE refuses to name it, and other machines of the project may take its places",
                fix="make a reservation with --require-specific-reservation",
            )
        elif machines and free < pool.most_nodes and not found.specific_reservations[0].in_use_count:
            yield view.problem(
                "capacity.id",
                cause=f"{name} has {free} machines; the pool grows to {pool.most_nodes}",
                consequence="the last nodes would never start",
                fix=f"use at most {free} nodes, or a larger reservation",
            )


def reservation_of(capacity: Reservation, args: GkeClusterArgs) -> tuple[str, str]:
    """Project and name of a reservation, blocks left out."""
    path = capacity.id.split("/reservationBlocks/")[0]
    if not path.startswith("projects/"):
        return args.project, path
    _, project, _, name = path.split("/")
    return project, name


def _foreign_subnet(args: GkeClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    network = args.network
    if not isinstance(network, ExistingGcpVpc):
        return
    subnet = known("the subnet of the nodes", network.subnet)
    if subnet is None:
        return
    found = gcp.compute.get_subnetwork(
        name=subnet, project=network.project or args.project, region=args.region, opts=ask
    )
    parent, wanted = found.network.rpartition("/")[2], known("the network of the subnet", network.network)
    if wanted is not None and parent != wanted:
        yield Problem(
            field="target.network.subnet",
            cause=f"{subnet} is a subnet of {parent}",
            consequence="GKE refuses a subnet of another network",
            fix=f"name a subnet of {wanted} in {args.region}",
        )
    if found.ip_cidr_range != network.nodes:
        yield Problem(
            field="target.network.nodes",
            cause=f"{subnet} has the range {found.ip_cidr_range}",
            consequence="room for nodes was counted with the wrong range",
            fix=f"write nodes: {found.ip_cidr_range}",
        )
    held = {secondary.range_name: secondary.ip_cidr_range for secondary in found.secondary_ip_ranges}
    for part, secondary in (("pods", network.pods), ("services", network.services)):
        name = known(f"the subnet's range of {part}", secondary.name)
        if name is not None and held.get(name) != secondary.cidr:
            yield Problem(
                field=f"target.network.{part}",
                cause=f"{subnet} has no secondary range {name} of {secondary.cidr}",
                consequence="GKE refuses the cluster",
                fix=f"use one of {', '.join(f'{name}: {cidr}' for name, cidr in held.items()) or 'those you add'}",
            )
