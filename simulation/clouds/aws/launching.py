"""What EC2 refuses when a machine is started from a launch template.

Templates are taken almost unseen (https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-launch-template.html:
"parameters are not fully validated when you create the launch template"), so whoever starts machines
asks here. Codes without a source of their own are in
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ...provider.errors import CloudError
from ...provider.tables import Call
from ...provider.values import Object, objects, text, texts, whole
from . import vocabulary as v
from .firewalls import group
from .machine_types import cards, machine, offered_in
from .networks import vpc_of, zone_of

_EFA = frozenset({"efa", "efa-only"})
_CARD_LIMIT = 2
"""Interfaces of a secondary card: https://github.com/aws/aws-k8s-tester/pull/531."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Machines to be started.

    Attributes:
        template: Inputs of the launch template.
        machine: Their type.
        subnets: Where they may come up.
        count: How many.
    """

    template: Object
    machine: str
    subnets: tuple[str, ...]
    count: int = 1

    @property
    def interfaces(self) -> list[Object]:
        """The template's network interfaces; empty where EC2 makes the only one."""
        return objects(self.template, "networkInterfaces")


def launch_refusals(call: Call, launch: Launch) -> Iterator[CloudError]:
    """Everything for which EC2 would start none of the machines."""
    if machine(launch.machine) is None:
        yield CloudError("InvalidParameterValue", f"Invalid value '{launch.machine}' for InstanceType.")
        return
    yield from _offers(call, launch)
    yield from _interfaces(launch)
    yield from _groups(call, launch)
    yield from _reservation(call, launch)
    name = text(launch.template, "placement.groupName")
    if name and call.account.get(v.PLACEMENT_GROUP, name) is None:
        yield CloudError("InvalidPlacementGroup.Unknown", f"The placement group '{name}' is unknown.")


def _offers(call: Call, launch: Launch) -> Iterator[CloudError]:
    """Source: https://repost.aws/knowledge-center/ec2-instance-type-not-supported-az-error."""
    offered = offered_in(call, launch.machine)
    for subnet in launch.subnets:
        zone = zone_of(call, subnet)
        if zone and zone not in offered:
            yield CloudError(
                "Unsupported",
                f"Your requested instance type ({launch.machine}) is not supported in your requested Availability Zone "
                f"({zone}). Please retry your request by not specifying an Availability Zone or choosing "
                f"{', '.join(offered) or 'another region'}.",
            )


def _interfaces(launch: Launch) -> Iterator[CloudError]:
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html, and the issues named."""
    wanted = launch.interfaces
    if not wanted:
        return
    places = [(whole(interface, "networkCardIndex"), whole(interface, "deviceIndex")) for interface in wanted]
    if (0, 0) not in places:
        # https://github.com/awsdocs/aws-cloudformation-user-guide/pull/449
        yield CloudError(
            "InvalidParameterValue", "When specifying network interfaces, you must include a device at index 0"
        )
    for place, times in Counter(places).items():
        if times > 1:
            yield CloudError(
                "InvalidParameterValue",
                f"Each network interface requires a unique device index: card {place[0]}, device {place[1]} is there "
                f"{times} times",
            )
    for interface, (card, device) in zip(wanted, places, strict=True):
        yield from _interface(launch, text(interface, "interfaceType") or "interface", card, device)
    devices = Counter(
        card for interface, (card, _) in zip(wanted, places, strict=True) if text(interface, "interfaceType") in _EFA
    )
    for card, count in devices.items():
        if count > 1:
            yield CloudError(
                "AttachmentLimitExceeded",
                f"The maximum number of EFA network interfaces on network card {card} is 1, {count} were requested",
            )
    public = any(text(interface, "associatePublicIpAddress") == "true" for interface in wanted)
    if public and len(wanted) > 1:
        # https://github.com/hashicorp/terraform-provider-aws/issues/4314
        yield CloudError(
            "InvalidParameterCombination",
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple network "
            "interfaces.",
        )


def _interface(launch: Launch, kind: str, card: int, device: int) -> Iterator[CloudError]:
    known, has_efa = cards(launch.machine), _has_efa(launch.machine)
    most = known.interfaces if card == 0 else min(known.interfaces, _CARD_LIMIT)
    if card >= known.count:
        yield CloudError(
            "InvalidParameterValue",
            f"The specified network card index '{card}' is not valid for {launch.machine}. Specify a number from 0 to "
            f"{known.count - 1}, and try again.",
        )
    elif device >= most:
        # https://github.com/aws/aws-k8s-tester/pull/531
        yield CloudError(
            "InvalidParameterValue",
            f"The specified number '{device}' for the device index exceeds the maximum number of network interfaces "
            f"supported by the network card at network card index {card}. The maximum devices for this network card is "
            f"{most}. Specify a number from 0 to {most - 1}, and try again.",
        )
    if kind in _EFA and (not has_efa or card in known.without_efa):
        # https://github.com/aws/aws-parallelcluster/issues/7143 for cards without EFA.
        yield CloudError(
            "InvalidParameterCombination",
            f"Network card {card} of {launch.machine} does not support the network interface type '{kind}'",
        )
    if kind == "efa-only" and (card, device) == (0, 0):
        yield CloudError(
            "InvalidParameterCombination",
            "The primary network interface cannot have the interface type 'efa-only'",
        )


def _has_efa(name: str) -> bool:
    found = machine(name)
    return found is not None and found.rdma_nics > 0


def _groups(call: Call, launch: Launch) -> Iterator[CloudError]:
    own, on_interfaces = (
        texts(launch.template, "vpcSecurityGroupIds"),
        texts(launch.template, "networkInterfaces.securityGroups"),
    )
    if own and launch.interfaces:
        # https://github.com/hashicorp/terraform-provider-aws/issues/4570
        yield CloudError(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level security groups may not be specified on the same request",
        )
    for identifier in dict.fromkeys([*own, *on_interfaces]):
        found = group(call, identifier)
        if found is None:
            yield CloudError("InvalidGroup.NotFound", f"The security group '{identifier}' does not exist")
            continue
        for subnet in launch.subnets:
            if vpc_of(call, subnet) != found.text("vpcId"):
                yield CloudError(
                    "InvalidParameter",
                    f"Security group {identifier} and subnet {subnet} belong to different networks.",
                )


def _reservation(call: Call, launch: Launch) -> Iterator[CloudError]:
    """Mismatches read like a full reservation: https://github.com/hashicorp/terraform-provider-aws/issues/32458."""
    target = "capacityReservationSpecification.capacityReservationTarget.capacityReservationId"
    identifier = text(launch.template, target)
    if not identifier:
        return
    found = call.account.get(v.CAPACITY_RESERVATION, identifier)
    if found is None:
        yield CloudError(
            "InvalidCapacityReservationId.NotFound", f"The capacity reservation ID '{identifier}' does not exist"
        )
        return
    is_block = found.text("reservationType") == "capacity-block"
    # Without the market type a block is not used: https://github.com/hashicorp/terraform-provider-aws/issues/40876.
    as_block = text(launch.template, "instanceMarketOptions.marketType") == "capacity-block"
    fits = (
        found.text("instanceType") == launch.machine
        and all(zone_of(call, subnet) == found.text("availabilityZone") for subnet in launch.subnets)
        and launch.count <= whole(found.inputs, "instanceCount")
        and is_block == as_block
        and found.text("state") == "active"
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-cpg.html: "launch instances into the same group".
        and found.text("placementGroupArn").rpartition("/")[2] == text(launch.template, "placement.groupName")
    )
    if not fits:
        yield CloudError(
            "ReservationCapacityExceeded",
            "The requested reservation does not have sufficient compatible and available capacity for this request.",
        )
