"""VPCs, subnets and the ways out of them.

Codes of refusals: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html; what has
another source names it.
"""

from __future__ import annotations

import ipaddress
import secrets
import zlib
from collections.abc import Iterator

from ...provider.errors import CloudError
from ...provider.rules import Cidr, Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference, Unique
from ...provider.typecheck import Failure
from ...provider.values import Object, text, texts
from . import vocabulary as v
from .load_balancers import no_balancers
from .quotas import quota
from .regions import zone_id, zones

_LARGEST, _SMALLEST = 16, 28
"""Of VPCs and subnets: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html."""


def _vpc_quota(call: Call, _inputs: Object) -> None:
    made = [record for record in call.account.records(v.VPC) if record.text("region") == call.region]
    if len(made) >= quota(call, "L-F678F1CE"):
        raise CloudError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")


def _vpc_computed(call: Call, _inputs: Object) -> Object:
    return {
        "arn": v.arn(call, "ec2", f"vpc/{call.identifier}"),
        "ownerId": v.owner(call),
        "defaultNetworkAclId": f"acl-{secrets.token_hex(9)[:17]}",
        "defaultRouteTableId": f"rtb-{secrets.token_hex(9)[:17]}",
        "mainRouteTableId": f"rtb-{secrets.token_hex(9)[:17]}",
        "defaultSecurityGroupId": f"sg-{secrets.token_hex(9)[:17]}",
        "dhcpOptionsId": f"dopt-{secrets.token_hex(9)[:17]}",
    }


VPC = Kind(
    token=v.VPC,
    source=f"{v.REGISTRY}/vpc",
    service="EC2",
    noun="EC2 VPC",
    operation="Vpc",
    make_id=v.random_id("vpc"),
    properties={
        "cidrBlock": Prop(allowed=Cidr(_LARGEST, _SMALLEST), fixed=True),
        "enableDnsHostnames": Prop(default=False),
        "enableDnsSupport": Prop(default=True),
        **v.TAGGED,
    },
    on_create=(_vpc_quota,),
    compute=_vpc_computed,
    in_use=("DependencyViolation", "The vpc '{id}' has dependencies and cannot be deleted."),
    missing=("InvalidVpcID.NotFound", "The vpc ID '{id}' does not exist"),
)


def network(cidr: str) -> ipaddress.IPv4Network:
    """A range of addresses."""
    return ipaddress.IPv4Network(cidr)


def vpc_of(call: Call, subnet: str) -> str:
    """The VPC of a subnet; empty when there is no such subnet."""
    found = call.account.get(v.SUBNET, subnet)
    return found.text("vpcId") if found else ""


def zone_of(call: Call, subnet: str) -> str:
    """The zone of a subnet; empty when there is no such subnet."""
    found = call.account.get(v.SUBNET, subnet)
    return found.text("availabilityZone") if found else ""


def _subnet_fits(call: Call, inputs: Object) -> None:
    wanted, vpc = network(text(inputs, "cidrBlock")), call.account.get(v.VPC, text(inputs, "vpcId"))
    whole_range = network(vpc.text("cidrBlock")) if vpc else wanted
    if not wanted.subnet_of(whole_range) or not _LARGEST <= wanted.prefixlen <= _SMALLEST:
        raise CloudError("InvalidSubnet.Range", f"The CIDR '{wanted}' is invalid.")
    for other in call.account.where(v.SUBNET, "vpcId", text(inputs, "vpcId")):
        if network(other.text("cidrBlock")).overlaps(wanted):
            raise CloudError("InvalidSubnet.Conflict", f"The CIDR '{wanted}' conflicts with another subnet")


def _subnet_quota(call: Call, inputs: Object) -> None:
    if len(call.account.where(v.SUBNET, "vpcId", text(inputs, "vpcId"))) >= quota(call, "L-407747CB"):
        raise CloudError("SubnetLimitExceeded", "The maximum number of subnets has been reached.")


def _subnet_zone(call: Call, inputs: Object) -> None:
    zone = text(inputs, "availabilityZone")
    if zone and zone not in zones(call.region):
        raise CloudError(
            "InvalidParameterValue",
            f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the "
            f"following availability zones: {', '.join(zones(call.region))}.",
        )


def _subnet_computed(call: Call, inputs: Object) -> Object:
    zone = text(inputs, "availabilityZone") or zones(call.region)[0]
    return {
        "arn": v.arn(call, "ec2", f"subnet/{call.identifier}"),
        "availabilityZone": zone,
        "availabilityZoneId": zone_id(zone),
        "ownerId": v.owner(call),
    }


SUBNET = Kind(
    token=v.SUBNET,
    source=f"{v.REGISTRY}/subnet",
    service="EC2",
    noun="EC2 Subnet",
    operation="Subnet",
    make_id=v.random_id("subnet"),
    properties={
        "vpcId": v.to_vpc(),
        "cidrBlock": Prop(allowed=Cidr(), fixed=True),
        "availabilityZone": Prop(allowed=Pattern(r"[a-z]{2}(-[a-z]+)+-\d[a-z]"), fixed=True, managed=True),
        **v.TAGGED,
    },
    on_create=(_subnet_quota, _subnet_fits, _subnet_zone),
    compute=_subnet_computed,
    on_delete=(no_balancers,),
    in_use=("DependencyViolation", "The subnet '{id}' has dependencies and cannot be deleted."),
    missing=("InvalidSubnetID.NotFound", "The subnet ID '{id}' does not exist"),
)


def _gateway_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "ec2", f"internet-gateway/{call.identifier}"), "ownerId": v.owner(call)}


def _one_gateway(call: Call, inputs: Object) -> None:
    vpc = text(inputs, "vpcId")
    others = call.account.where(v.INTERNET_GATEWAY, "vpcId", vpc) if vpc else []
    if any(other.identifier != call.identifier for other in others):
        raise CloudError("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")


def _no_public_addresses(call: Call, properties: Object) -> None:
    vpc = text(properties, "vpcId")
    for gateway in call.account.records(v.NAT_GATEWAY):
        if vpc and vpc_of(call, gateway.text("subnetId")) == vpc and gateway.text("allocationId"):
            raise CloudError(
                "DependencyViolation",
                f"Network {vpc} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway.",
            )


INTERNET_GATEWAY = Kind(
    token=v.INTERNET_GATEWAY,
    source=f"{v.REGISTRY}/internet_gateway",
    service="EC2",
    noun="EC2 Internet Gateway",
    operation="InternetGateway",
    make_id=v.random_id("igw"),
    properties={"vpcId": v.to_vpc(fixed=False), **v.TAGGED},
    demands=(_one_gateway,),
    on_delete=(_no_public_addresses,),
    compute=_gateway_computed,
    in_use=("DependencyViolation", "The internetGateway '{id}' has dependencies and cannot be deleted."),
    missing=("InvalidInternetGatewayID.NotFound", "The internetGateway ID '{id}' does not exist"),
)


def _eip_quota(call: Call, _inputs: Object) -> None:
    made = [record for record in call.account.records(v.EIP) if record.text("region") == call.region]
    if len(made) >= quota(call, "L-0263D0A3"):
        raise CloudError("AddressLimitExceeded", "The maximum number of addresses has been reached.")


def _eip_computed(call: Call, _inputs: Object) -> Object:
    address = f"203.0.113.{len(call.account.records(v.EIP)) + 1}"  # TEST-NET-3: nobody's
    dashed = address.replace(".", "-")
    return {
        "arn": v.arn(call, "ec2", f"elastic-ip/{call.identifier}"),
        "allocationId": call.identifier,
        "publicIp": address,
        "publicDns": f"ec2-{dashed}.{call.region}.compute.amazonaws.com",
    }


EIP = Kind(
    token=v.EIP,
    source=f"{v.REGISTRY}/eip",
    service="EC2",
    noun="EC2 EIP",
    operation="Address",
    make_id=v.random_id("eipalloc"),
    properties={"domain": v.one_of("vpc", fixed=True, default="vpc"), **v.TAGGED},
    on_create=(_eip_quota,),
    compute=_eip_computed,
    in_use=("InvalidIPAddress.InUse", "Address {id} is in use by {holder}."),
    missing=("InvalidAllocationID.NotFound", "The allocation ID '{id}' does not exist"),
)


def _nat_has_gateway(call: Call, inputs: Object) -> None:
    vpc = vpc_of(call, text(inputs, "subnetId"))
    if not call.account.where(v.INTERNET_GATEWAY, "vpcId", vpc):
        raise CloudError("Gateway.NotAttached", f"Network {vpc} has no Internet gateway attached")
    if not text(inputs, "allocationId"):
        raise CloudError("MissingParameter", "The request must contain the parameter AllocationId")


def _nat_quota(call: Call, inputs: Object) -> None:
    zone, limit = zone_of(call, text(inputs, "subnetId")), quota(call, "L-FE5A380F")
    made = [nat for nat in call.account.records(v.NAT_GATEWAY) if zone_of(call, nat.text("subnetId")) == zone]
    if len(made) >= limit:
        raise CloudError(
            "NatGatewayLimitExceeded", f"Performing this operation would exceed the limit of {limit:g} NAT gateways"
        )


def _nat_computed(call: Call, inputs: Object) -> Object:
    address = call.account.get(v.EIP, text(inputs, "allocationId"))
    return {
        "associationId": f"eipassoc-{secrets.token_hex(9)[:17]}",
        "networkInterfaceId": f"eni-{secrets.token_hex(9)[:17]}",
        "publicIp": address.text("publicIp") if address else "",
    }


NAT_GATEWAY = Kind(
    token=v.NAT_GATEWAY,
    source=f"{v.REGISTRY}/nat_gateway",
    service="EC2",
    noun="EC2 NAT Gateway",
    operation="NatGateway",
    make_id=v.random_id("nat"),
    properties={
        "subnetId": v.to_subnet(),
        "allocationId": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.EIP,),
                code="InvalidAllocationID.NotFound",
                message="The allocation ID '{value}' does not exist",
            ),
        ),
        **v.TAGGED,
    },
    unique=(
        Unique(
            paths=("allocationId",),
            code="Resource.AlreadyAssociated",
            message="Elastic IP address [{0}] is already associated",
        ),
    ),
    on_create=(_nat_has_gateway, _nat_quota),
    compute=_nat_computed,
    in_use=("DependencyViolation", "The natGateway '{id}' has dependencies and cannot be deleted."),
    minutes=2,
    delete_minutes=1,
)


def _table_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "ec2", f"route-table/{call.identifier}"), "ownerId": v.owner(call)}


ROUTE_TABLE = Kind(
    token=v.ROUTE_TABLE,
    source=f"{v.REGISTRY}/route_table",
    service="EC2",
    noun="EC2 Route Table",
    operation="RouteTable",
    make_id=v.random_id("rtb"),
    properties={"vpcId": v.to_vpc(), **v.TAGGED},
    compute=_table_computed,
    in_use=("DependencyViolation", "The routeTable '{id}' has dependencies and cannot be deleted."),
    missing=("InvalidRouteTableID.NotFound", "The routeTable ID '{id}' does not exist"),
)

_TO_TABLE = Reference(
    kinds=(v.ROUTE_TABLE,),
    code="InvalidRouteTableID.NotFound",
    message="The routeTable ID '{value}' does not exist",
)
_FREE_TABLE = Reference(kinds=_TO_TABLE.kinds, code=_TO_TABLE.code, message=_TO_TABLE.message, holds=False)
_TARGETS = ("gatewayId", "natGatewayId", "transitGatewayId", "vpcEndpointId", "networkInterfaceId")


def _one_target(inputs: Object) -> Iterator[Failure]:
    given = [target for target in _TARGETS if target in inputs]
    if len(given) != 1:
        yield Failure(_TARGETS[0], f"one of `{','.join(_TARGETS)}` must be specified, got {given or 'none'}")
    if "destinationCidrBlock" not in inputs:
        yield Failure("destinationCidrBlock", "one of `destination_cidr_block,…` must be specified")


def _route_is_possible(call: Call, inputs: Object) -> None:
    table = call.account.get(v.ROUTE_TABLE, text(inputs, "routeTableId"))
    vpc = call.account.get(v.VPC, table.text("vpcId")) if table else None
    if table is None or vpc is None:
        return
    destination = network(text(inputs, "destinationCidrBlock"))
    if destination.subnet_of(network(vpc.text("cidrBlock"))):
        raise CloudError(
            "InvalidParameterValue",
            f"The destination CIDR block {destination} is equal to or more specific than one of this VPC's CIDR blocks."
            " This route can target only an interface or an instance.",
        )
    gateway = call.account.get(v.INTERNET_GATEWAY, text(inputs, "gatewayId"))
    nat = call.account.get(v.NAT_GATEWAY, text(inputs, "natGatewayId"))
    other = gateway.text("vpcId") if gateway else vpc_of(call, nat.text("subnetId")) if nat else vpc.identifier
    if other != vpc.identifier:
        target = gateway or nat
        raise CloudError(
            "InvalidParameterValue",
            f"route table {table.identifier} and network gateway {target.identifier if target else ''} "
            "belong to different networks",
        )
    transit = text(inputs, "transitGatewayId")
    attached = call.account.where(v.VPC_ATTACHMENT, "vpcId", vpc.identifier)
    usable = [attachment for attachment in attached if attachment_state(call, attachment) == "available"]
    # One that waits for its acceptance reads like none: https://github.com/hashicorp/terraform-provider-aws/issues/10025.
    if transit and not any(attachment.text("transitGatewayId") == transit for attachment in usable):
        raise CloudError("InvalidTransitGatewayID.NotFound", f"The transitGateway ID '{transit}' does not exist.")


def attachment_state(call: Call, attachment: Record) -> str:
    """``pendingAcceptance`` until the owner of the gateway, where that is another account, has accepted it.

    Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html, shared transit gateways.
    """
    gateway = call.account.get(v.TRANSIT_GATEWAY, attachment.text("transitGatewayId"))
    foreign = gateway is not None and gateway.text("ownerId") not in {"", v.owner(call)}
    waits = foreign and not call.account.fact(f"accepted:{attachment.identifier}")
    return "pendingAcceptance" if waits else "available"


def accept_attachments(account: Account, gateway: str) -> None:
    """The owner of a gateway accepts everything that waits for it."""
    for attachment in account.where(v.VPC_ATTACHMENT, "transitGatewayId", gateway):
        account.set_fact(f"accepted:{attachment.identifier}", "yes")


def _route_id(_call: Call, inputs: Object) -> str:
    destination = text(inputs, "destinationCidrBlock")
    return f"r-{text(inputs, 'routeTableId')}{zlib.crc32(destination.encode())}"


def _route_computed(_call: Call, _inputs: Object) -> Object:
    return {"origin": "CreateRoute", "state": "active"}


def _target(*kinds: str, what: str, code: str) -> Prop:
    return Prop(
        refers=Reference(kinds=kinds, code=code, message=f"The {what} ID '{{value}}' does not exist", holds=False)
    )


ROUTE = Kind(
    token=v.ROUTE,
    source=f"{v.REGISTRY}/route",
    service="EC2",
    noun="Route",
    operation="Route",
    make_id=_route_id,
    properties={
        "routeTableId": Prop(fixed=True, refers=_FREE_TABLE),
        "destinationCidrBlock": Prop(allowed=Cidr(), fixed=True),
        "gatewayId": _target(v.INTERNET_GATEWAY, what="internetGateway", code="InvalidInternetGatewayID.NotFound"),
        "natGatewayId": _target(v.NAT_GATEWAY, what="natGateway", code="InvalidNatGatewayID.NotFound"),
        "transitGatewayId": _target(v.TRANSIT_GATEWAY, what="transitGateway", code="InvalidTransitGatewayID.NotFound"),
    },
    checks=(_one_target,),
    demands=(_route_is_possible,),
    compute=_route_computed,
    exists=("RouteAlreadyExists", "The route identified by {id} already exists."),
)


def _same_vpc(call: Call, inputs: Object) -> None:
    table = call.account.get(v.ROUTE_TABLE, text(inputs, "routeTableId"))
    subnet = text(inputs, "subnetId")
    if table is not None and table.text("vpcId") != vpc_of(call, subnet):
        raise CloudError(
            "InvalidParameterValue", f"Route table {table.identifier} and subnet {subnet} belong to different networks"
        )


ROUTE_TABLE_ASSOCIATION = Kind(
    token=v.ROUTE_TABLE_ASSOCIATION,
    source=f"{v.REGISTRY}/route_table_association",
    service="EC2",
    noun="EC2 Route Table Association",
    operation="RouteTable",
    make_id=v.random_id("rtbassoc"),
    properties={"routeTableId": Prop(refers=_TO_TABLE), "subnetId": v.to_subnet()},
    unique=(
        Unique(
            paths=("subnetId",),
            code="Resource.AlreadyAssociated",
            message="the specified association for subnet {0} conflicts with an existing association",
        ),
    ),
    demands=(_same_vpc,),
)


def attachment_zones(call: Call, inputs: Object) -> None:
    """Attachments take one subnet in each zone, all of one VPC."""
    seen: list[str] = []
    for subnet in texts(inputs, "subnetIds"):
        if vpc_of(call, subnet) != text(inputs, "vpcId"):
            raise CloudError(
                "InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist in {text(inputs, 'vpcId')}"
            )
        zone = zone_of(call, subnet)
        if zone in seen:
            raise CloudError(
                "DuplicateSubnetsInSameZone",
                f"Found another subnet in the availability zone of {subnet}; give one subnet in each zone.",
            )
        seen.append(zone)


def _attachment_computed(call: Call, _inputs: Object) -> Object:
    return {
        "arn": v.arn(call, "ec2", f"transit-gateway-attachment/{call.identifier}"),
        "vpcOwnerId": v.owner(call),
    }


VPC_ATTACHMENT = Kind(
    token=v.VPC_ATTACHMENT,
    source=f"{v.REGISTRY}/ec2_transit_gateway_vpc_attachment",
    service="EC2",
    noun="EC2 Transit Gateway VPC Attachment",
    operation="TransitGatewayVpcAttachment",
    make_id=v.random_id("tgw-attach"),
    properties={
        "transitGatewayId": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.TRANSIT_GATEWAY,),
                code="InvalidTransitGatewayID.NotFound",
                message="Transit Gateway {value} was deleted or does not exist.",
            ),
        ),
        "vpcId": v.to_vpc(),
        "subnetIds": v.to_subnet(fixed=False, length=(1, 20)),
        **v.TAGGED,
    },
    unique=(
        Unique(
            paths=("transitGatewayId", "vpcId"),
            code="DuplicateTransitGatewayAttachment",
            message="{0} has non-deleted Transit Gateway Attachments with same VPC ID {1}.",
        ),
    ),
    demands=(attachment_zones,),
    compute=_attachment_computed,
    minutes=1,
    delete_minutes=1,
)

KINDS = (
    VPC,
    SUBNET,
    INTERNET_GATEWAY,
    EIP,
    NAT_GATEWAY,
    ROUTE_TABLE,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    VPC_ATTACHMENT,
)
"""Every type of this file."""
