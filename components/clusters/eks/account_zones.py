"""Zones in which EKS has no control planes."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from ...contracts.errors import Problem
from ...networks.aws.args import ExistingAwsVpc
from .args import EksClusterArgs

_WITHOUT_CONTROL_PLANES = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""By their ids, as every account gives zones letters of its own.

Source: EKS user guide, network-reqs, "Subnet requirements for clusters", read 2026-11-27.
"""


def zone_problems(args: EksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """Subnets in which EKS refuses to put interfaces of the control plane."""
    if args.adopt_cluster:
        return
    known = aws.get_availability_zones(opts=ask)
    ids = dict(zip(known.names, known.zone_ids, strict=True))
    network = args.network
    fields = (
        {zone: f"target.network.private_subnets.{zone}" for zone in network.private_subnets}
        if isinstance(network, ExistingAwsVpc)
        else {zone: f"target.network.zones[{place}]" for place, zone in enumerate(network.zones)}
    )
    usable = [zone for zone, identifier in ids.items() if identifier not in _WITHOUT_CONTROL_PLANES]
    for zone, field in fields.items():
        if ids.get(zone) in _WITHOUT_CONTROL_PLANES:
            yield Problem(
                field=field,
                cause=f"{zone} is the zone {ids[zone]} in this account, in which EKS has no control planes",
                consequence="EKS refuses the cluster (UnsupportedAvailabilityZoneException) after the network is made",
                fix=f"use two or more of {', '.join(usable)}",
            )
