"""The subnet of an adopted network: whether it is there and has the ranges that the settings say."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi_gcp as gcp

from ...contracts.errors import Problem
from ...networks.gcp.args import ExistingGcpVpc
from ..arguments import known
from .account_shared_vpc import warn_of_missing_grants
from .args import GkeClusterArgs
from .inquiry import Inquiry, Refusal


def adopted_subnet_problems(args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    """What is different from what the settings say; nothing where the network is made."""
    network = args.network
    if not isinstance(network, ExistingGcpVpc):
        return
    subnet = known("the subnet of the nodes", network.subnet)
    if subnet is None:
        return
    found = inquiry.ask(
        f"the subnet {subnet}",
        lambda: gcp.compute.get_subnetwork(
            name=subnet, project=args.network_project, region=args.region, opts=inquiry.options
        ),
    )
    warn_of_missing_grants(args, subnet, inquiry)
    if not isinstance(found, Refusal):
        yield from _different(network, subnet, found, args.region)
    elif found.is_unknown_name:
        yield Problem(
            field="target.network.subnet",
            cause=f"{args.network_project} has no subnet {subnet} in {args.region}",
            consequence="GKE would refuse the cluster",
            fix=f"name one that `gcloud compute networks subnets list --project {args.network_project}` lists",
        )


def _different(
    network: ExistingGcpVpc, subnet: str, found: gcp.compute.GetSubnetworkResult, region: str
) -> Iterator[Problem]:
    parent, wanted = found.network.rpartition("/")[2], known("the network of the subnet", network.network)
    if wanted is not None and parent != wanted:
        yield Problem(
            field="target.network.subnet",
            cause=f"{subnet} is a subnet of {parent}",
            consequence="GKE refuses a subnet of another network",
            fix=f"name a subnet of {wanted} in {region}",
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
