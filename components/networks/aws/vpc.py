"""A VPC with private and public subnets in each zone, or one that exists.

Owns addresses, routes, NAT and endpoints. Security groups belong to the components that open ports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ...contracts.arguments import checked, checked_arguments
from ..addresses import ZoneSubnets, zone_subnets
from ..nat import NatGateways
from .args import ExistingAwsVpc, NewAwsVpc, TransitGateway
from .endpoints import INTERFACE_ENDPOINTS

ANYWHERE = "0.0.0.0/0"


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class VpcArgs:
    """What the VPC is made of.

    Attributes:
        region: AWS region.
        network: The VPC to make, or one that exists.
        tags: Tags of everything that is made.
    """

    region: str
    network: NewAwsVpc | ExistingAwsVpc
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class Vpc(pulumi.ComponentResource):
    """The network of a cluster.

    Attributes:
        id: Id of the VPC.
        cidr: Its range.
        private_subnets: Subnet of nodes and pods by zone.
        route_tables: Route tables of these subnets; none of an adopted VPC, whose owner sets the routes.
        routed: Resources that have to exist before a node can reach anything; depend on them.
    """

    id: pulumi.Output[str]
    cidr: str
    private_subnets: Mapping[str, pulumi.Output[str]]
    route_tables: list[pulumi.Output[str]]
    routed: list[pulumi.Resource]

    @checked
    def __init__(self, name: str, args: VpcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:Vpc", name, None, opts)
        self._name = name
        self._inside = pulumi.ResourceOptions(parent=self)
        self._tags = args.tags
        self.cidr = args.network.cidr
        match args.network:
            case ExistingAwsVpc(id=identifier, private_subnets=subnets):
                self.id = pulumi.Output.from_input(identifier)
                self.private_subnets = {zone: pulumi.Output.from_input(subnet) for zone, subnet in subnets.items()}
                self.route_tables = []
                self.routed = []
            case NewAwsVpc() as new:
                self._create(args.region, new)
        self.register_outputs({"id": self.id, "private_subnets": dict(self.private_subnets)})

    def _create(self, region: str, network: NewAwsVpc) -> None:
        vpc = aws.ec2.Vpc(
            self._name,
            cidr_block=network.cidr,
            enable_dns_support=True,
            # The private endpoint of the control plane gets a DNS name only in VPCs with DNS host names enabled.
            enable_dns_hostnames=True,
            tags=self._named(self._name),
            opts=self._inside,
        )
        self.id = vpc.id
        # The default group allows all traffic among its members; nothing uses it, so its rules are removed.
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default", vpc_id=vpc.id, tags=dict(self._tags) or None, opts=self._inside
        )
        zones = zone_subnets(network.cidr, network.zones)
        private = {
            subnets.zone: self._subnet(subnets.zone, str(subnets.private), role="internal-elb") for subnets in zones
        }
        self.private_subnets = {zone: subnet.id for zone, subnet in private.items()}
        self.routed = []
        tables = {zone: self._route_table(f"private-{zone}", subnet) for zone, subnet in private.items()}
        self.route_tables = [table.id for table in tables.values()]
        if network.nat is NatGateways.NONE:
            self._interface_endpoints(region)
        else:
            self._nat(zones, tables, single=network.nat is NatGateways.SINGLE)
        self._s3_endpoint(region, tables)
        if network.transit:
            self._transit(network.transit, tables)

    def _named(self, name: str) -> dict[str, pulumi.Input[str]]:
        return {**self._tags, "Name": name}

    def _subnet(self, zone: str, cidr: str, *, role: str) -> aws.ec2.Subnet:
        kind = "private" if role == "internal-elb" else "public"
        return aws.ec2.Subnet(
            f"{self._name}-{kind}-{zone}",
            vpc_id=self.id,
            availability_zone=zone,
            cidr_block=cidr,
            # By this tag the load balancer controller finds the subnets for internal and public balancers.
            tags={**self._named(f"{self._name}-{kind}-{zone}"), f"kubernetes.io/role/{role}": "1"},
            opts=self._inside,
        )

    def _route_table(self, label: str, subnet: aws.ec2.Subnet) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{self._name}-{label}", vpc_id=self.id, tags=self._named(f"{self._name}-{label}"), opts=self._inside
        )
        association = aws.ec2.RouteTableAssociation(
            f"{self._name}-{label}", route_table_id=table.id, subnet_id=subnet.id, opts=self._inside
        )
        # Nothing else refers to it: nodes would start without routes, and lose them first when the stack is destroyed.
        self.routed.append(association)
        return table

    def _nat(self, zones: tuple[ZoneSubnets, ...], tables: Mapping[str, aws.ec2.RouteTable], *, single: bool) -> None:
        gateway = aws.ec2.InternetGateway(self._name, vpc_id=self.id, tags=self._named(self._name), opts=self._inside)
        with_nat = zones[:1] if single else zones
        gateways = {subnets.zone: self._nat_gateway(subnets, gateway) for subnets in with_nat}
        for zone, table in tables.items():
            nat_gateway = gateways.get(zone) or gateways[with_nat[0].zone]
            self.routed.append(
                aws.ec2.Route(
                    f"{self._name}-private-{zone}",
                    route_table_id=table.id,
                    destination_cidr_block=ANYWHERE,
                    nat_gateway_id=nat_gateway.id,
                    opts=self._inside,
                )
            )

    def _nat_gateway(self, zone: ZoneSubnets, internet: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        public = self._subnet(zone.zone, str(zone.public), role="elb")
        table = self._route_table(f"public-{zone.zone}", public)
        out = aws.ec2.Route(
            f"{self._name}-public-{zone.zone}",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=internet.id,
            opts=self._inside,
        )
        address = aws.ec2.Eip(
            f"{self._name}-nat-{zone.zone}",
            domain="vpc",
            tags=self._named(f"{self._name}-nat-{zone.zone}"),
            opts=self._inside,
        )
        return aws.ec2.NatGateway(
            f"{self._name}-{zone.zone}",
            allocation_id=address.id,
            subnet_id=public.id,
            tags=self._named(f"{self._name}-{zone.zone}"),
            # Without an internet route the NAT gateway is created, but forwards nothing.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[out]),
        )

    def _s3_endpoint(self, region: str, tables: Mapping[str, aws.ec2.RouteTable]) -> None:
        """Image layers and checkpoints come from S3; NAT would charge for each of their bytes."""
        endpoint = aws.ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=self.id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables.values()],
            tags=self._named(f"{self._name}-s3"),
            opts=self._inside,
        )
        self.routed.append(endpoint)

    def _interface_endpoints(self, region: str) -> None:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            description="AWS services for the VPC",
            vpc_id=self.id,
            tags=self._named(f"{self._name}-endpoints"),
            opts=self._inside,
        )
        opened = aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-endpoints",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=self.cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags=dict(self._tags) or None,
            opts=self._inside,
        )
        self.routed.append(opened)
        for service in INTERFACE_ENDPOINTS:
            endpoint = aws.ec2.VpcEndpoint(
                f"{self._name}-{service}",
                vpc_id=self.id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=list(self.private_subnets.values()),
                security_group_ids=[group.id],
                tags=self._named(f"{self._name}-{service}"),
                opts=self._inside,
            )
            self.routed.append(endpoint)

    def _transit(self, transit: TransitGateway, tables: Mapping[str, aws.ec2.RouteTable]) -> None:
        attachment = aws.ec2transitgateway.VpcAttachment(
            f"{self._name}-transit",
            transit_gateway_id=transit.gateway,
            vpc_id=self.id,
            subnet_ids=list(self.private_subnets.values()),
            tags=self._named(self._name),
            opts=self._inside,
        )
        for zone, table in tables.items():
            for cidr in transit.routes:
                route = aws.ec2.Route(
                    f"{self._name}-transit-{zone}-{cidr}",
                    route_table_id=table.id,
                    destination_cidr_block=cidr,
                    transit_gateway_id=transit.gateway,
                    # A route to a gateway that the VPC is not attached to is refused.
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[attachment]),
                )
                self.routed.append(route)
