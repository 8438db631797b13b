"""Where AWS publishes each type that we declare: its schema, other names of properties, and what we mark otherwise.

An exception says why. One that rests on a call which changes the property in place names that call, and a test looks
it up in AWS's own service models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from simulation.clouds.aws import vocabulary as v


@dataclass(frozen=True, kw_only=True)
class Published:
    """The schema of one type of ours.

    Attributes:
        schema: Its name, such as ``AWS::EC2::VPC``.
        inside: The property that holds those of ours which ``names`` does not move.
        names: Published path by our path, where more than the case of letters differs.
        constant: What our type sets by being what it is.
        own: Properties that the schema has not, and why.
        in_place: Properties that a call changes without a new object, though CloudFormation makes one: that call.
        replaced: Properties that the provider replaces by itself, and why.
        surplus: A value that only the provider takes, and why.
        shapes: Closed lists of ours for which the schema has none: the shape of a service model that has it.
        unlisted: Closed lists of ours that neither has, and where they are from.
    """

    schema: str
    inside: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    constant: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    own: Mapping[str, str] = field(default_factory=dict[str, str])
    in_place: Mapping[str, str] = field(default_factory=dict[str, str])
    replaced: Mapping[str, str] = field(default_factory=dict[str, str])
    surplus: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    shapes: Mapping[str, str] = field(default_factory=dict[str, str])
    unlisted: Mapping[str, str] = field(default_factory=dict[str, str])

    def path(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The published path of one of our properties."""
        for length in range(len(path), 0, -1):
            moved = self.names.get(".".join(path[:length]))
            if moved is not None:
                return (*moved.split("."), *path[length:])
        return (*self.inside, *path)

    def why_own(self, path: str) -> str:
        """Why the schema has not the property; empty where it has."""
        found = [why for own, why in self.own.items() if path == own or path.startswith(f"{own}.")]
        return found[0] if found else ""


_TAGS = "CreateTags of EC2 tags every object; this schema takes no tags"
_RULE_NAMES = {"securityGroupId": "GroupId", "cidrIpv4": "CidrIp", "referencedSecurityGroupId": "SourceSecurityGroupId"}
_INGRESS = Published(
    schema="AWS::EC2::SecurityGroupIngress",
    names=_RULE_NAMES,
    own={"tags": _TAGS},
    in_place=dict.fromkeys(
        ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId"), "ec2:ModifySecurityGroupRules"
    ),
)
_ANEW = "the provider makes the interface anew (ForceNew)"
_PEER = ("addressFamily", "bgpAsn", "bgpAuthKey", "amazonAddress", "customerAddress")
_TRANSIT_INTERFACE = Published(
    schema="AWS::DirectConnect::TransitVirtualInterface",
    names={
        "name": "VirtualInterfaceName",
        "dxGatewayId": "DirectConnectGatewayId",
        "vpnGatewayId": "VirtualGatewayId",
        "addressFamily": "BgpPeers.AddressFamily",
        "bgpAsn": "BgpPeers.Asn",
        "bgpAuthKey": "BgpPeers.AuthKey",
        "amazonAddress": "BgpPeers.AmazonAddress",
        "customerAddress": "BgpPeers.CustomerAddress",
    },
    replaced={
        "connectionId": f"AssociateVirtualInterface moves it between ports of one account; {_ANEW}",
        **dict.fromkeys(_PEER, f"a peer is made anew by CreateBGPPeer; {_ANEW}"),
        "name": f"UpdateVirtualInterfaceAttributes takes it; {_ANEW}",
    },
    shapes={"addressFamily": "directconnect:AddressFamily"},
    unlisted={"mtu": "https://docs.aws.amazon.com/directconnect/latest/UserGuide/set-jumbo-frames-vif.html"},
)
_TUNNELS = {
    f"tunnel{number}{name}": "both tunnels are one list there; judged by the service model of EC2 in test_schemas"
    for number in (1, 2)
    for name in ("InsideCidr", "PresharedKey", "IkeVersions")
}

TYPES: Mapping[str, Published] = {
    v.VPC: Published(schema="AWS::EC2::VPC"),
    v.SUBNET: Published(schema="AWS::EC2::Subnet"),
    v.INTERNET_GATEWAY: Published(
        schema="AWS::EC2::InternetGateway", own={"vpcId": "attached by AWS::EC2::VPCGatewayAttachment"}
    ),
    v.EIP: Published(
        schema="AWS::EC2::EIP",
        replaced={"domain": "only AllocateAddress takes it"},
        shapes={"domain": "ec2:DomainType"},
    ),
    v.NAT_GATEWAY: Published(schema="AWS::EC2::NatGateway"),
    v.ROUTE_TABLE: Published(schema="AWS::EC2::RouteTable"),
    v.ROUTE: Published(schema="AWS::EC2::Route"),
    v.ROUTE_TABLE_ASSOCIATION: Published(
        schema="AWS::EC2::SubnetRouteTableAssociation", in_place={"routeTableId": "ec2:ReplaceRouteTableAssociation"}
    ),
    v.VPC_ENDPOINT: Published(schema="AWS::EC2::VPCEndpoint"),
    v.SECURITY_GROUP: Published(
        schema="AWS::EC2::SecurityGroup", names={"name": "GroupName", "description": "GroupDescription"}
    ),
    v.INGRESS_RULE: _INGRESS,
    v.EGRESS_RULE: replace(
        _INGRESS,
        schema="AWS::EC2::SecurityGroupEgress",
        names={**_RULE_NAMES, "referencedSecurityGroupId": "DestinationSecurityGroupId"},
    ),
    v.LAUNCH_TEMPLATE: Published(
        schema="AWS::EC2::LaunchTemplate",
        inside=("LaunchTemplateData",),
        names={
            "name": "LaunchTemplateName",
            "vpcSecurityGroupIds": "LaunchTemplateData.SecurityGroupIds",
            "networkInterfaces.securityGroups": "LaunchTemplateData.NetworkInterfaces.Groups",
        },
        own={
            "updateDefaultVersion": "the provider's own: which version it makes the default",
            "tags": "of the template itself; there they are TagSpecifications of the type launch-template",
        },
        unlisted={
            "networkInterfaces.interfaceType": (
                "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
                "API_LaunchTemplateInstanceNetworkInterfaceSpecificationRequest.html"
            )
        },
    ),
    v.PLACEMENT_GROUP: Published(
        schema="AWS::EC2::PlacementGroup",
        names={"name": "GroupName"},
        in_place={"tags": "ec2:CreateTags"},
        replaced={"name": "there it is given by AWS; a group is called after it, and no call changes it"},
    ),
    v.TRANSIT_GATEWAY: Published(schema="AWS::EC2::TransitGateway"),
    v.VPC_ATTACHMENT: Published(
        schema="AWS::EC2::TransitGatewayVpcAttachment", in_place={"subnetIds": "ec2:ModifyTransitGatewayVpcAttachment"}
    ),
    v.VPN_GATEWAY: Published(
        schema="AWS::EC2::VPNGateway",
        constant={"Type": "ipsec.1"},
        own={"vpcId": "attached by AWS::EC2::VPCGatewayAttachment"},
    ),
    v.VPN_PROPAGATION: Published(
        schema="AWS::EC2::VPNGatewayRoutePropagation",
        names={"routeTableId": "RouteTableIds"},
        replaced={
            "routeTableId": "ours is about one table, which is what it is called after",
            "vpnGatewayId": "the other half of what it is called after",
        },
    ),
    v.CUSTOMER_GATEWAY: Published(schema="AWS::EC2::CustomerGateway", shapes={"type": "ec2:GatewayType"}),
    v.VPN_CONNECTION: Published(
        schema="AWS::EC2::VPNConnection",
        own=_TUNNELS,
        shapes={"type": "ec2:GatewayType"},
    ),
    v.DX_CONNECTION: Published(
        schema="AWS::DirectConnect::Connection",
        names={"name": "ConnectionName"},
        replaced={"name": "UpdateConnection takes it; the provider makes the connection anew (ForceNew)"},
        unlisted={
            "bandwidth": "https://docs.aws.amazon.com/directconnect/latest/APIReference/API_CreateConnection.html"
        },
    ),
    v.DX_GROUP: Published(schema="AWS::DirectConnect::Lag", names={"name": "LagName"}),
    v.DX_GATEWAY: Published(
        schema="AWS::DirectConnect::DirectConnectGateway", names={"name": "DirectConnectGatewayName"}
    ),
    v.DX_ASSOCIATION: Published(
        schema="AWS::DirectConnect::DirectConnectGatewayAssociation",
        names={"dxGatewayId": "DirectConnectGatewayId", "allowedPrefixes": "AllowedPrefixesToDirectConnectGateway"},
    ),
    v.TRANSIT_INTERFACE: _TRANSIT_INTERFACE,
    v.PRIVATE_INTERFACE: replace(_TRANSIT_INTERFACE, schema="AWS::DirectConnect::PrivateVirtualInterface"),
    v.KEY: Published(schema="AWS::KMS::Key", names={"deletionWindowInDays": "PendingWindowInDays"}),
    v.ALIAS: Published(schema="AWS::KMS::Alias", names={"name": "AliasName"}),
    v.LOG_GROUP: Published(
        schema="AWS::Logs::LogGroup",
        names={"name": "LogGroupName"},
        surplus={"retentionInDays": ("0", "the provider's own word for what DeleteRetentionPolicy makes")},
    ),
    v.ROLE: Published(
        schema="AWS::IAM::Role", names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    ),
    v.ROLE_POLICY: Published(
        schema="AWS::IAM::RolePolicy", names={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"}
    ),
    v.CLUSTER: Published(
        schema="AWS::EKS::Cluster",
        names={
            "vpcConfig": "ResourcesVpcConfig",
            "enabledClusterLogTypes": "Logging.ClusterLogging.EnabledTypes.Type",
        },
        in_place={"encryptionConfig": "eks:AssociateEncryptionConfig"},
        unlisted={"encryptionConfig.resources": "its description there: the only supported value"},
    ),
    v.ACCESS_ENTRY: Published(
        schema="AWS::EKS::AccessEntry",
        unlisted={"type": "https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html"},
    ),
    v.ACCESS_POLICY: Published(
        schema="AWS::EKS::AccessEntry",
        names={"policyArn": "AccessPolicies.PolicyArn", "accessScope": "AccessPolicies.AccessScope"},
        replaced=dict.fromkeys(
            ("policyArn", "accessScope"), "an association is called after both; the provider changes none (ForceNew)"
        ),
    ),
    v.ADDON: Published(
        schema="AWS::EKS::Addon",
        names={"resolveConflictsOnCreate": "ResolveConflicts", "resolveConflictsOnUpdate": "ResolveConflicts"},
    ),
    v.POD_IDENTITY: Published(schema="AWS::EKS::PodIdentityAssociation"),
    v.NODE_GROUP: Published(
        schema="AWS::EKS::Nodegroup",
        names={"nodeRoleArn": "NodeRole", "subnetIds": "Subnets"},
        replaced={"launchTemplate.id": "UpdateNodegroupVersion takes the template of the creation alone"},
    ),
    v.SCHEDULE: Published(
        schema="AWS::AutoScaling::ScheduledAction",
        replaced={"scheduledActionName": "there it is given by CloudFormation; an action is called after it"},
    ),
    v.EFS_FILE_SYSTEM: Published(
        schema="AWS::EFS::FileSystem",
        names={"tags": "FileSystemTags"},
        own={"creationToken": "makes the call repeatable, which CloudFormation does by itself"},
    ),
    v.MOUNT_TARGET: Published(schema="AWS::EFS::MountTarget"),
    v.LUSTRE: Published(
        schema="AWS::FSx::FileSystem",
        constant={"FileSystemType": "LUSTRE"},
        names={
            name: f"LustreConfiguration.{name[0].upper()}{name[1:]}"
            for name in (
                "deploymentType",
                "perUnitStorageThroughput",
                "efaEnabled",
                "metadataConfiguration",
                "dataCompressionType",
            )
        },
        replaced={
            "deploymentType": "UpdateFileSystemLustreConfiguration of FSx has it not",
            "efaEnabled": "UpdateFileSystemLustreConfiguration of FSx has it not",
            "storageType": "UpdateFileSystem takes it for Windows alone",
        },
        shapes={
            "storageType": "fsx:StorageType",
            "deploymentType": "fsx:LustreDeploymentType",
            "dataCompressionType": "fsx:DataCompressionType",
            "metadataConfiguration.mode": "fsx:MetadataConfigurationMode",
        },
        unlisted={"perUnitStorageThroughput": "https://docs.aws.amazon.com/fsx/latest/LustreGuide/performance.html"},
    ),
}
"""By our type token."""
UNPUBLISHED: Mapping[str, str] = {
    v.DEFAULT_SECURITY_GROUP: "the provider's own: it takes over the group that every VPC has",
    v.ROLE_POLICY_ATTACHMENT: "ManagedPolicyArns of a role there; judged by what the policies allow",
    v.TRANSIT_ACCEPTOR: "the answer to somebody else's interface, which CloudFormation gives by a role",
    v.PRIVATE_ACCEPTER: "the answer to somebody else's interface, which CloudFormation gives by a role",
}
"""Types without a schema, and why."""
