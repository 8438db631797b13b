"""Security groups, their rules, and VPC endpoints.

Codes of refusals: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html; what has
another source names it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr, Pattern
from ...provider.store import Record
from ...provider.tables import Call, Kind, Prop, Reference, Unique
from ...provider.typecheck import Failure
from ...provider.values import Object, Value, text, texts, truth
from . import vocabulary as v
from .machines import templates_in_use
from .networks import attachment_zones
from .quotas import quota

_PLAIN = Pattern(
    r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]{0,255}", "Character sets beyond ASCII are not supported; at most 255."
)
"""Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html."""


def group(call: Call, identifier: str) -> Record | None:
    """A security group, default ones included."""
    return call.account.find((v.SECURITY_GROUP, v.DEFAULT_SECURITY_GROUP), "id", identifier)


def _group_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "ec2", f"security-group/{call.identifier}"), "ownerId": v.owner(call)}


def _no_machines(call: Call, properties: Object) -> None:
    """Interfaces of running machines hold their groups."""
    identifier = text(properties, "id")
    for template in templates_in_use(call):
        if identifier in {
            *texts(template, "vpcSecurityGroupIds"),
            *texts(template, "networkInterfaces.securityGroups"),
        }:
            raise CloudError("DependencyViolation", f"resource {identifier} has a dependent object")


SECURITY_GROUP = Kind(
    token=v.SECURITY_GROUP,
    source=f"{v.REGISTRY}/security_group",
    service="EC2",
    noun="Security Group",
    operation="SecurityGroup",
    autoname="name",
    make_id=v.random_id("sg"),
    properties={
        "name": Prop(
            allowed=Pattern(r"(?!sg-)[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]{1,255}", "cannot begin with sg-"), fixed=True
        ),
        "description": Prop(allowed=_PLAIN, fixed=True, default="Managed by Pulumi"),
        "vpcId": v.to_vpc(),
        **v.TAGGED,
    },
    unique=(
        Unique(
            paths=("name", "vpcId"),
            code="InvalidGroup.Duplicate",
            message="The security group '{0}' already exists for VPC '{1}'",
        ),
    ),
    on_delete=(_no_machines,),
    compute=_group_computed,
    in_use=("DependencyViolation", "resource {id} has a dependent object"),
    missing=("InvalidGroup.NotFound", "The security group '{id}' does not exist"),
)


def _default_group_id(call: Call, inputs: Object) -> str:
    vpc = call.account.get(v.VPC, text(inputs, "vpcId"))
    return vpc.text("defaultSecurityGroupId") if vpc else f"sg-{secrets.token_hex(9)[:17]}"


def _default_group_computed(call: Call, inputs: Object) -> Object:
    return {
        **_group_computed(call, inputs),
        "name": "default",
        "description": "default VPC security group",
        "namePrefix": "",
    }


DEFAULT_SECURITY_GROUP = Kind(
    token=v.DEFAULT_SECURITY_GROUP,
    source=f"{v.REGISTRY}/default_security_group",
    service="EC2",
    noun="Default Security Group",
    operation="SecurityGroup",
    make_id=_default_group_id,
    properties={"vpcId": v.to_vpc(), **v.TAGGED},
    compute=_default_group_computed,
)

_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _one_peer(inputs: Object) -> Iterator[Failure]:
    given = [peer for peer in _PEERS if peer in inputs]
    if len(given) != 1:
        yield Failure(
            _PEERS[0],
            "Exactly one of these attributes must be configured: [cidr_ipv4,cidr_ipv6,prefix_list_id,"
            f"referenced_security_group_id], got {given or 'none'}",
        )


def _ports(inputs: Object) -> Iterator[Failure]:
    low, high, protocol = inputs.get("fromPort"), inputs.get("toPort"), text(inputs, "ipProtocol")
    if protocol in {"tcp", "udp", "6", "17"} and (low is None or high is None):
        yield Failure("fromPort", f"protocol {protocol} needs from_port and to_port")
    if protocol == "-1" and (low not in {None, -1} or high not in {None, -1}):
        yield Failure("fromPort", "all protocols (-1) take no ports; the provider would report a change for ever")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Failure("fromPort", f"Invalid range: from_port {low} is above to_port {high}")


def _same_network(call: Call, inputs: Object) -> None:
    own, peer = group(call, text(inputs, "securityGroupId")), group(call, text(inputs, "referencedSecurityGroupId"))
    if own is not None and peer is not None and own.text("vpcId") != peer.text("vpcId"):
        raise CloudError("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")


_RULE: Mapping[str, Prop] = {
    "securityGroupId": Prop(
        fixed=True,
        refers=Reference(
            kinds=(v.SECURITY_GROUP, v.DEFAULT_SECURITY_GROUP),
            code="InvalidGroup.NotFound",
            message="The security group '{value}' does not exist",
            holds=False,
        ),
    ),
    "ipProtocol": Prop(allowed=Pattern(r"-1|tcp|udp|icmp|icmpv6|\d{1,3}")),
    "fromPort": Prop(allowed=Between(-1, 65535)),
    "toPort": Prop(allowed=Between(-1, 65535)),
    "cidrIpv4": Prop(allowed=Cidr()),
    "referencedSecurityGroupId": v.to_groups(),
    "description": Prop(allowed=_PLAIN),
    **v.TAGGED,
}


def _rule_kind(token: str, direction: str) -> Kind:
    def within_quota(call: Call, inputs: Object) -> None:
        made = call.account.where(token, "securityGroupId", text(inputs, "securityGroupId"))
        if len(made) >= quota(call, "L-0EA8095F"):
            raise CloudError(
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached.",
            )

    def computed(call: Call, _inputs: Object) -> Object:
        return {
            "arn": v.arn(call, "ec2", f"security-group-rule/{call.identifier}"),
            "securityGroupRuleId": call.identifier,
        }

    return Kind(
        token=token,
        source=f"{v.REGISTRY}/vpc_security_group_{direction}_rule",
        service="EC2",
        noun=f"VPC Security Group {direction.title()} Rule",
        operation=f"SecurityGroup{direction.title()}",
        make_id=v.random_id("sgr"),
        properties=_RULE,
        checks=(_one_peer, _ports),
        unique=(
            Unique(
                paths=("securityGroupId", "ipProtocol", "fromPort", "toPort", *_PEERS),
                code="InvalidPermission.Duplicate",
                message='the specified rule "peer: {4}{7}, {1}, from port: {2}, to port: {3}, ALLOW" already exists',
            ),
        ),
        demands=(_same_network,),
        on_create=(within_quota,),
        compute=computed,
        missing=("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '{id}' does not exist"),
    )


_GATEWAY_SERVICES = frozenset({"s3", "dynamodb"})
"""Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html."""
_INTERFACE_SERVICES = frozenset(
    [
        "s3",
        "dynamodb",
        "ec2",
        "ec2messages",
        "ecr.api",
        "ecr.dkr",
        "eks",
        "eks-auth",
        "sts",
        "logs",
        "monitoring",
        "ssm",
        "ssmmessages",
        "kms",
        "elasticfilesystem",
        "fsx",
        "autoscaling",
        "elasticloadbalancing",
        "secretsmanager",
        "sqs",
        "sns",
        "guardduty-data",
        "servicequotas",
    ]
)
"""Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html."""


def _endpoint_service(call: Call, inputs: Object) -> None:
    name, kind = text(inputs, "serviceName"), text(inputs, "vpcEndpointType") or "Gateway"
    prefix = f"com.amazonaws.{call.region}."
    known = _GATEWAY_SERVICES if kind == "Gateway" else _INTERFACE_SERVICES
    if not name.startswith(prefix) or name.removeprefix(prefix) not in known:
        raise CloudError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    if kind == "Gateway" and (texts(inputs, "subnetIds") or texts(inputs, "securityGroupIds")):
        raise CloudError("InvalidParameter", "Endpoint type (Gateway) does not accept subnets or security groups.")
    if kind == "Interface" and texts(inputs, "routeTableIds"):
        raise CloudError("InvalidParameter", "Endpoint type (Interface) does not accept route tables.")


def _endpoint_routes(call: Call, inputs: Object) -> None:
    """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html."""
    for table in texts(inputs, "routeTableIds"):
        found = call.account.get(v.ROUTE_TABLE, table)
        if found is not None and found.text("vpcId") != text(inputs, "vpcId"):
            raise CloudError(
                "InvalidParameter", f"Route table {table} belongs to a different VPC than the endpoint service"
            )
        for other in call.account.where(v.VPC_ENDPOINT, "routeTableIds", table):
            if other.identifier != call.identifier and other.text("serviceName") == text(inputs, "serviceName"):
                raise CloudError(
                    "RouteAlreadyExists",
                    f"route table {table} already has a route with destination-prefix-list-id "
                    f"{other.text('prefixListId')}",
                )


def _endpoint_network(call: Call, inputs: Object) -> None:
    attachment_zones(call, inputs)
    vpc = call.account.get(v.VPC, text(inputs, "vpcId"))
    for identifier in texts(inputs, "securityGroupIds"):
        found = group(call, identifier)
        if found is not None and vpc is not None and found.text("vpcId") != vpc.identifier:
            raise CloudError(
                "InvalidGroup.NotFound", f"The security group '{identifier}' does not exist in VPC '{vpc.identifier}'"
            )
    if not truth(inputs, "privateDnsEnabled") or vpc is None:
        return
    if not truth(vpc.properties, "enableDnsHostnames") or not truth(vpc.properties, "enableDnsSupport", default=True):
        raise CloudError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc.identifier}",
        )
    for other in call.account.where(v.VPC_ENDPOINT, "vpcId", vpc.identifier):
        same = other.text("serviceName") == text(inputs, "serviceName") and other.identifier != call.identifier
        if same and truth(other.properties, "privateDnsEnabled"):
            raise CloudError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{text(inputs, 'serviceName')} in the VPC {vpc.identifier}",
            )


def _endpoint_computed(call: Call, inputs: Object) -> Object:
    count = len(texts(inputs, "subnetIds"))
    interfaces: list[Value] = [f"eni-{secrets.token_hex(9)[:17]}" for _ in range(count)]
    return {
        "arn": v.arn(call, "ec2", f"vpc-endpoint/{call.identifier}"),
        "ownerId": v.owner(call),
        "networkInterfaceIds": interfaces,
        "prefixListId": "" if count else f"pl-{secrets.token_hex(4)}",
        "state": "available",
    }


VPC_ENDPOINT = Kind(
    token=v.VPC_ENDPOINT,
    source=f"{v.REGISTRY}/vpc_endpoint",
    service="EC2",
    noun="EC2 VPC Endpoint",
    operation="VpcEndpoint",
    make_id=v.random_id("vpce"),
    properties={
        "vpcId": v.to_vpc(),
        "serviceName": Prop(fixed=True),
        "vpcEndpointType": v.one_of("Gateway", "Interface", fixed=True, default="Gateway"),
        "routeTableIds": Prop(
            unordered=True,
            refers=Reference(
                kinds=(v.ROUTE_TABLE,),
                code="InvalidRouteTableId.NotFound",
                message="The routeTable ID '{value}' does not exist",
                holds=False,
            ),
        ),
        "subnetIds": v.to_subnet(fixed=False, code="InvalidSubnetId.NotFound"),
        "securityGroupIds": v.to_groups(),
        "privateDnsEnabled": Prop(default=False),
        **v.TAGGED,
    },
    on_create=(_endpoint_service,),
    demands=(_endpoint_network, _endpoint_routes),
    compute=_endpoint_computed,
    minutes=1,
    delete_minutes=1,
)

KINDS = (
    SECURITY_GROUP,
    DEFAULT_SECURITY_GROUP,
    _rule_kind(v.INGRESS_RULE, "ingress"),
    _rule_kind(v.EGRESS_RULE, "egress"),
    VPC_ENDPOINT,
)
"""Every type of this file."""
