"""Words that the tables of every AWS service use."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from ...provider.rules import MapOf, OneOf, Pattern
from ...provider.tables import Call, Prop, Reference
from ...provider.values import Object, Value, mapping, text

ACCOUNT = "111122223333"
"""The account; AWS's own examples use this number."""
ACCOUNT_FACT = "account"

REGISTRY = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources"
EC2_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
EKS_API = "https://docs.aws.amazon.com/eks/latest/APIReference"

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_SECURITY_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
PLACEMENT_GROUP = "aws:ec2/placementGroup:PlacementGroup"
CAPACITY_RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"
TRANSIT_GATEWAY = "aws:ec2transitgateway/transitGateway:TransitGateway"
VPC_ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
VPN_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
VPN_PROPAGATION = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
CUSTOMER_GATEWAY = "aws:ec2/customerGateway:CustomerGateway"
VPN_CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
DX_CONNECTION = "aws:directconnect/connection:Connection"
DX_GROUP = "aws:directconnect/linkAggregationGroup:LinkAggregationGroup"
DX_GATEWAY = "aws:directconnect/gateway:Gateway"
DX_ASSOCIATION = "aws:directconnect/gatewayAssociation:GatewayAssociation"
TRANSIT_INTERFACE = "aws:directconnect/transitVirtualInterface:TransitVirtualInterface"
PRIVATE_INTERFACE = "aws:directconnect/privateVirtualInterface:PrivateVirtualInterface"
TRANSIT_ACCEPTOR = "aws:directconnect/hostedTransitVirtualInterfaceAcceptor:HostedTransitVirtualInterfaceAcceptor"
PRIVATE_ACCEPTER = "aws:directconnect/hostedPrivateVirtualInterfaceAccepter:HostedPrivateVirtualInterfaceAccepter"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ROLE_POLICY_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
"""Made by controllers of clusters; no program declares one."""
HOSTED_ZONE = "aws:route53/zone:Zone"
"""Made by hand; no program declares one."""
DNS_RECORD = "aws:route53/record:Record"
"""Made by external-dns; no program declares one."""
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
CLUSTER = "aws:eks/cluster:Cluster"
ACCESS_ENTRY = "aws:eks/accessEntry:AccessEntry"
ACCESS_POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
ADDON = "aws:eks/addon:Addon"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
EFS_FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"
LUSTRE = "aws:fsx/lustreFileSystem:LustreFileSystem"


_MOST_KEY, _MOST_VALUE = 128, 256


def _tag_problem(key: str, entry: Value) -> str | None:
    if key.lower().startswith("aws:"):
        return f"tag key {key!r}: aws: prefixed tag key names are not allowed for external use"
    if not 1 <= len(key) <= _MOST_KEY or (isinstance(entry, str) and len(entry) > _MOST_VALUE):
        return f"tag {key[:40]!r}: keys have 1 to {_MOST_KEY} characters and values up to {_MOST_VALUE}"
    return None


_TAGS_SOURCE = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
TAGGED: Mapping[str, Prop] = {
    "tags": Prop(allowed=MapOf(_tag_problem, 50, "tag"), source=_TAGS_SOURCE),
}


def one_of(*values: str | int, fixed: bool = False, default: Value = None, managed: bool = False) -> Prop:
    """A property with a closed list of values."""
    return Prop(allowed=OneOf(*values), fixed=fixed, default=default, managed=managed)


def named(*, fixed: bool = True, form: str, longest: int = 255) -> Prop:
    """A name of a form."""
    return Prop(allowed=Pattern(rf"(?=.{{1,{longest}}}$){form}"), fixed=fixed)


def random_id(prefix: str) -> Callable[[Call, Object], str]:
    """Ids as EC2 gives them."""

    def make(_call: Call, _inputs: Object) -> str:
        return f"{prefix}-{secrets.token_hex(9)[:17]}"

    return make


def id_from(*paths: str, between: str = ":") -> Callable[[Call, Object], str]:
    """Ids that are made of the inputs."""

    def make(_call: Call, inputs: Object) -> str:
        return between.join(text(inputs, path) for path in paths)

    return make


def arn(call: Call, service: str, resource: str, *, region: str | None = None) -> str:
    """An Amazon Resource Name of this account."""
    account = call.account.fact(ACCOUNT_FACT) or ACCOUNT
    return f"arn:aws:{service}:{call.region if region is None else region}:{account}:{resource}"


def owner(call: Call) -> str:
    """The account's number."""
    return call.account.fact(ACCOUNT_FACT) or ACCOUNT


def to_vpc(*, fixed: bool = True) -> Prop:
    """A property that names a VPC."""
    return Prop(
        fixed=fixed,
        refers=Reference(kinds=(VPC,), code="InvalidVpcID.NotFound", message="The vpc ID '{value}' does not exist"),
        source=f"{EC2_API}/errors-overview.html",
    )


def to_subnet(
    *, fixed: bool = True, code: str = "InvalidSubnetID.NotFound", length: tuple[int, int] | None = None
) -> Prop:
    """A property that names subnets."""
    return Prop(
        fixed=fixed,
        unordered=True,
        length=length,
        refers=Reference(kinds=(SUBNET,), code=code, message="The subnet ID '{value}' does not exist"),
        source=f"{EC2_API}/errors-overview.html",
    )


def to_groups(*, fixed: bool = False, code: str = "InvalidGroup.NotFound", holds: bool = True) -> Prop:
    """A property that names security groups."""
    return Prop(
        fixed=fixed,
        unordered=True,
        refers=Reference(
            kinds=(SECURITY_GROUP, DEFAULT_SECURITY_GROUP),
            code=code,
            message="The security group '{value}' does not exist",
            holds=holds,
        ),
        source=f"{EC2_API}/errors-overview.html",
    )


def to_role(*, fixed: bool = True, code: str, message: str, holds: bool = False) -> Prop:
    """A property that names a role by ARN."""
    return Prop(fixed=fixed, refers=Reference(kinds=(ROLE,), by="arn", code=code, message=message, holds=holds))


def to_key(*, fixed: bool = True, code: str = "NotFoundException") -> Prop:
    """A property that names a KMS key by ARN; a key may be scheduled for deletion while it is in use."""
    return Prop(
        fixed=fixed,
        refers=Reference(kinds=(KEY,), by="arn", code=code, message="Key '{value}' does not exist", holds=False),
        source="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    )


def all_tags(inputs: Object, configuration: Object) -> Object:
    """The object's tags with the provider's default ones."""
    return {**mapping(configuration, "defaultTags.tags"), **mapping(inputs, "tags")}
