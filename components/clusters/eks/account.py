"""What only the AWS account can tell: who runs Pulumi, quotas, machines on offer, adopted networks.

Asked at preview, before anything is made; every question is a read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pulumi
import pulumi_aws as aws

from ...contracts.capacity import CapacityBlock, Spot
from ...contracts.errors import Problem, raise_problems
from ...contracts.pools import NodePool
from ...networks.aws.args import ExistingAwsVpc, NewAwsVpc
from ...planner.catalogs.described import machine_of
from ..arguments import known
from ..rules.pool_view import pool_views
from .account_drivers import driver_problems
from .account_logs import log_group_problems
from .account_releases import release_problems
from .account_reservations import reservation_problems
from .account_transit import tell_of_acceptance
from .account_versions import version_problems
from .account_zones import zone_problems
from .args import EksClusterArgs

# Running vCPUs by the quota of the instance catalog; the codes are those of the Service Quotas console for EC2.
_QUOTAS = {
    ("P", False): ("L-417A185B", "Running On-Demand P instances"),
    ("P", True): ("L-7212CCBC", "All P Spot Instance Requests"),
    ("G", False): ("L-DB2E81BA", "Running On-Demand G and VT instances"),
    ("G", True): ("L-3819A6DF", "All G and VT Spot Instance Requests"),
    ("Standard", False): ("L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"),
    ("Standard", True): ("L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
}
_ASSUMED_ROLE = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")


def require_account(name: str, args: EksClusterArgs, provider: aws.Provider | None = None) -> None:
    """Return when the account can carry the cluster.

    A question about an id that is another resource's output is not asked, and said so.

    Args:
        name: Name of the component.
        args: The cluster.
        provider: Who is asked; one of the account that the environment logs in to where left out.

    Raises:
        StrataError: Every problem at once.
    """
    account = provider or aws.Provider(f"{name}-account", region=args.region)
    ask = pulumi.InvokeOptions(provider=account)
    tell_of_acceptance(name, args, ask)
    problems = [
        *_caller_not_admin(args, ask),
        *_too_small_quotas(args.pools, ask),
        *_machines_not_offered(args.pools, ask),
        *_foreign_subnets(args.network, ask),
        *zone_problems(args, ask),
        *driver_problems(args.name or name, args, ask),
        *log_group_problems(args.name or name, args, ask),
        *reservation_problems(args.name or name, args, args.pools, ask),
        *version_problems(args, ask),
        *release_problems(args.name or name, args, ask),
    ]
    raise_problems(problems)


def role_of(caller: str) -> str:
    """ARN pattern of the IAM role behind a session; the caller's own ARN where it is a user.

    A session does not tell the path of its role, so the pattern leaves it open.
    """
    session = _ASSUMED_ROLE.fullmatch(caller)
    if not session:
        return re.escape(caller)
    partition, account, name = session.groups()
    return rf"arn:{partition}:iam::{account}:role/(.+/)?{re.escape(name)}"


def _caller_not_admin(args: EksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    if args.adopt_cluster:
        return
    caller = aws.get_caller_identity(opts=ask).arn
    pattern = role_of(caller)
    if any(re.fullmatch(pattern, admin) for admin in args.admins.values() if isinstance(admin, str)):
        return
    admins = [known(f"whether the admin {name} is {caller}", admin) for name, admin in args.admins.items()]
    if None not in admins:
        yield Problem(
            field="target.admins",
            cause=f"Pulumi runs as {caller}, which is not among them",
            consequence="the cluster would be made, and then refuse every object of this program",
            fix="add the IAM role or user that runs Pulumi",
        )


def _too_small_quotas(pools: Sequence[NodePool], ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    wanted: dict[tuple[str, bool], int] = {}
    for pool in pools:
        # Blocks have a quota of their own, which was checked when they were bought; of a machine that the catalog lacks
        # nobody knows which it is.
        if not isinstance(pool.capacity, CapacityBlock) and pool.machine is None:
            machine = machine_of(pool)
            key = (machine.quota or "Standard", isinstance(pool.capacity, Spot))
            wanted[key] = wanted.get(key, 0) + pool.most_nodes * machine.vcpus
    for key, vcpus in wanted.items():
        code, name = _QUOTAS[key]
        quota = aws.servicequotas.get_service_quota(service_code="ec2", quota_code=code, opts=ask).value
        if vcpus > quota:
            yield Problem(
                field="node_pools",
                cause=f"the pools need {vcpus} vCPUs of the quota {name!r} ({code}), which is {quota:g}",
                consequence="EC2 would refuse the last machines with VcpuLimitExceeded, after the others are paid for",
                fix=f"ask for {code} of {vcpus} or more in Service Quotas, or make the pools smaller",
            )


def _machines_not_offered(pools: Sequence[NodePool], ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    for view in pool_views(pools):
        pool = view.pool
        only = aws.ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=[pool.instance_type])
        offered = aws.ec2.get_instance_type_offerings(
            filters=[only], location_type="availability-zone", opts=ask
        ).locations
        for place, zone in enumerate(pool.zones):
            if zone not in offered:
                yield view.problem(
                    f"zones[{place}]",
                    cause=f"AWS has no {pool.instance_type} in {zone}",
                    consequence="the node group would never get a machine there",
                    fix=f"use {' or '.join(sorted(offered))}" if offered else "use another region or instance type",
                )


def _foreign_subnets(network: NewAwsVpc | ExistingAwsVpc, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    if not isinstance(network, ExistingAwsVpc):
        return
    vpc = known("the VPC", network.id)
    subnets = {zone: known(f"the subnet of {zone}", subnet) for zone, subnet in network.private_subnets.items()}
    for zone, subnet in subnets.items():
        if vpc is None or subnet is None:
            continue
        found = aws.ec2.get_subnet(id=subnet, opts=ask)
        if found.vpc_id != vpc or found.availability_zone != zone:
            yield Problem(
                field=f"target.network.private_subnets.{zone}",
                cause=f"{subnet} lies in zone {found.availability_zone} of {found.vpc_id}",
                consequence="EKS refuses subnets of another VPC, and pools would land in another zone than they say",
                fix=f"name a subnet of {vpc} in {zone}",
            )
