"""What only the Azure subscription can tell: who runs Pulumi, quotas, machines on offer, what is adopted.

Asked at preview, before anything is made; every question is a read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import authorization, compute, network

from ...contracts.capacity import Reservation
from ...contracts.errors import Problem, raise_problems
from ...contracts.pools import NodePool, pool_path
from ...networks.azure.args import ExistingVnet, NewVnet
from ...networks.azure.settings import zone_number
from ..arguments import known
from ..rules.pool_view import pool_views
from ..rules.versions import is_newer
from .account_drivers import driver_problems
from .account_identities import issuer_problems, vault_problems
from .args import AksClusterArgs
from .arm import OfferedVersion, ResourceManager, Size
from .fabric import FEATURE
from .lookups import if_there
from .quotas import quotas_without_answer, too_small_quotas, wanted_vcpus
from .registrations import CONTAINER_SERVICE, missing_feature, missing_providers
from .settings import AksTarget, PrincipalType, Support
from .versions import AKS_VERSIONS, READ_ON


def require_account(name: str, args: AksClusterArgs, provider: azure.Provider | None = None) -> None:
    """Return when the subscription can carry the cluster.

    A question about an id that is another resource's output is not asked, and said so.

    Args:
        name: Name of the component.
        args: The cluster.
        provider: Who is asked; one that the environment logs in with where left out.

    Raises:
        StrataError: Every problem at once.
    """
    target, pools = args.settings(name), args.pools
    account = provider or azure.Provider(f"{name}-account", subscription_id=args.subscription, location=args.region)
    ask = pulumi.InvokeOptions(provider=account)
    manager = ResourceManager(target.subscription, target.region, authorization.get_client_token(opts=ask).token)
    sizes = manager.sizes()
    problems = [
        *_caller_not_admin(args, ask),
        *_too_small_quotas(target, pools, manager, sizes),
        *sizes_not_offered(target, pools, sizes),
        *version_not_offered(target, manager.kubernetes_versions()),
        *missing_providers(target, manager.provider_states()),
        *missing_feature(pools, lambda: manager.feature_state(CONTAINER_SERVICE, FEATURE)),
        *other_reservations(pools, ask),
        *foreign_subnets(args.network, ask, adopted=args.adopt_cluster),
        *driver_problems(target, ask),
        *issuer_problems(target, ask),
        *vault_problems(target, ask),
    ]
    raise_problems(problems)


def _caller_not_admin(args: AksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    # Whether the caller is a member of a group cannot be read with the rights that Pulumi has.
    if args.adopt_cluster or any(admin.type is PrincipalType.GROUP for admin in args.admins.values()):
        return
    caller = authorization.get_client_config(opts=ask).object_id
    if any(admin.object_id == caller for admin in args.admins.values() if isinstance(admin.object_id, str)):
        return
    admins = [known(f"whether the admin {name} is {caller}", admin.object_id) for name, admin in args.admins.items()]
    if None not in admins:
        yield Problem(
            field="target.admins",
            cause=f"Pulumi runs as {caller}, which is not among them",
            consequence="the cluster would be made, and then refuse every object of this program",
            fix="add the user or service principal that runs Pulumi, or a group that it is a member of",
        )


def _too_small_quotas(
    target: AksTarget, pools: Sequence[NodePool], manager: ResourceManager, sizes: Mapping[str, Size]
) -> Iterator[Problem]:
    running = manager.pools(target.resource_group, target.name)
    wanted, usages = wanted_vcpus(target, pools, sizes, running), manager.usages()
    for quota in quotas_without_answer(wanted, usages):
        pulumi.log.warn(
            f"Azure lists no quota {quota} in {target.region}, so nobody knows whether {wanted[quota]} vCPUs are free"
        )
    yield from too_small_quotas(target, wanted, usages)


def sizes_not_offered(target: AksTarget, pools: Sequence[NodePool], sizes: Mapping[str, Size]) -> Iterator[Problem]:
    """Machines that the region, a zone or the subscription does not have."""
    places = [("target.system_pool", target.system_pool.instance_type, target.system_pool.zones)]
    places += [(pool_path(index), pool.instance_type, pool.zones) for index, pool in enumerate(pools)]
    for field, machine, zones in places:
        size = sizes.get(machine)
        if size is None or size.barred:
            yield Problem(
                field=f"{field}.instance_type",
                cause=f"{target.region} has no {machine} for this subscription",
                consequence="Azure would refuse the pool with SkuNotAvailable",
                fix="use another region or size, or ask for access to it under Quotas in the portal",
            )
            continue
        for place, zone in enumerate(zones):
            number = zone_number(zone)
            if number and number not in size.zones:
                offered = sorted(f"{target.region}-{offered_zone}" for offered_zone in size.zones)
                yield Problem(
                    field=f"{field}.zones[{place}]",
                    cause=f"this subscription has no {machine} in {zone}",
                    consequence="Azure would refuse the pool with SkuNotAvailable",
                    fix=f"use {' or '.join(offered)}" if offered else 'write zones: ["0"], for machines in no zone',
                )


def version_not_offered(target: AksTarget, offered: Mapping[str, OfferedVersion]) -> Iterator[Problem]:
    """A Kubernetes version that AKS does not offer, not yet or not any more; one that is newer than ours is noted."""
    found = offered.get(target.kubernetes_version)
    if found is not None and is_newer(target.kubernetes_version, AKS_VERSIONS):
        pulumi.log.warn(
            f"AKS offers Kubernetes {target.kubernetes_version}, which Strata's list of {READ_ON} does not have: "
            "how long it is supported is not known, and nothing was tested with it"
        )
    if found is None or found.is_preview:
        usable = sorted(version.version for version in offered.values() if not version.is_preview)
        yield Problem(
            field="target.kubernetes_version",
            cause=f"AKS offers no {target.kubernetes_version} in {target.region}"
            + (" but a preview of it" if found else ""),
            consequence="Azure would refuse the cluster with K8sVersionNotSupported",
            fix=f"use {' or '.join(usable)}",
        )
    elif found.capabilities.support_plan and target.support.plan not in found.capabilities.support_plan:
        yield Problem(
            field="target.support",
            cause=f"AKS offers {target.kubernetes_version} with {' or '.join(found.capabilities.support_plan)} only",
            consequence="Azure would refuse the cluster with K8sVersionNotSupported",
            fix=f"write support: {_other(target.support).value}, or use another version",
        )


def _other(support: Support) -> Support:
    return Support.STANDARD if support is Support.EXTENDED else Support.EXTENDED


def other_reservations(pools: Sequence[NodePool], ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """Reservations that are not there, or not in the zones of their pool."""
    for view in pool_views(pools):
        pool = view.pool
        if not isinstance(pool.capacity, Reservation):
            continue
        steps = pool.capacity.id.split("/")
        group = if_there(
            lambda steps=steps: compute.get_capacity_reservation_group(
                resource_group_name=steps[4], capacity_reservation_group_name=steps[-1], opts=ask
            )
        )
        if group is None:
            yield view.problem(
                "capacity.id",
                cause=f"there is no capacity reservation group {steps[-1]} in the resource group {steps[4]}",
                consequence="Azure would refuse the pool with CapacityReservationGroupNotFound",
                fix="write the id that 'az capacity reservation group show --query id' prints",
            )
            continue
        reserved = set(group.zones or ())
        missing = [zone for zone in pool.zones if (zone_number(zone) or "") not in (reserved or {""})]
        if missing:
            yield view.problem(
                "capacity.id",
                cause=f"{steps[-1]} reserves machines in {', '.join(sorted(reserved)) or 'no zone'}, "
                f"not in {' or '.join(missing)}",
                consequence="Azure would refuse the pool with AllocationFailed although machines are paid for",
                fix="name a group with reservations in the pool's zones, or move the pool",
            )


def foreign_subnets(vnet: NewVnet | ExistingVnet, ask: pulumi.InvokeOptions, *, adopted: bool) -> Iterator[Problem]:
    """Subnets of somebody else that are not there, or have no way out."""
    if not isinstance(vnet, ExistingVnet):
        return
    for zone, identifier in vnet.private_subnets.items():
        subnet = known(f"the subnet of {zone}", identifier)
        if subnet is None:
            continue
        steps = subnet.split("/")
        found = if_there(
            lambda steps=steps: network.get_subnet(
                resource_group_name=steps[4], virtual_network_name=steps[8], subnet_name=steps[-1], opts=ask
            )
        )
        if found is None:
            yield Problem(
                field=f"target.network.private_subnets.{zone}",
                cause=f"the virtual network {steps[8]} of the resource group {steps[4]} has no subnet {steps[-1]}",
                consequence="Azure would refuse every pool of that zone",
                fix="write the id that 'az network vnet subnet show --query id' prints",
            )
            continue
        egress = found.nat_gateway if vnet.egress == "nat-gateway" else found.route_table
        if egress is None and not adopted:
            thing = "NAT gateway" if vnet.egress == "nat-gateway" else "route table"
            yield Problem(
                field=f"target.network.private_subnets.{zone}",
                cause=f"{steps[-1]} has no {thing}",
                consequence="AKS refuses the cluster, as its nodes could not reach anything",
                fix=f"attach a {thing} to the subnet, or change target.network.egress",
            )
