"""Mistakes in networks that AWS refuses, made one at a time: the simulated account refuses each with AWS's code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import TRANSIT_GATEWAY, set_quota
from simulation.provider.errors import ProviderError
from simulation.provider.values import Value
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.clouds.mistakes import cases

_ANYWHERE = "0.0.0.0/0"


def _subnet_outside_of_the_vpc(aws: AwsAccount) -> None:
    aws.subnet(aws.vpc(), "10.1.0.0/24")


def _subnets_that_overlap(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    aws.subnet(vpc, "10.0.0.0/24")
    aws.subnet(vpc, "10.0.0.128/25", "us-east-2a")


def _subnet_too_small(aws: AwsAccount) -> None:
    aws.subnet(aws.vpc(), "10.0.0.0/29")


def _zone_of_another_region(aws: AwsAccount) -> None:
    aws.subnet(aws.vpc(), zone="eu-west-1a")


def _zone_that_the_region_has_not(aws: AwsAccount) -> None:
    aws.subnet(aws.vpc(), zone="us-east-2f")


def _subnet_of_no_vpc(aws: AwsAccount) -> None:
    aws.create(v.SUBNET, vpcId="vpc-0123456789abcdef0", cidrBlock="10.0.0.0/24")


def _one_vpc_too_many(aws: AwsAccount) -> None:
    for number in range(6):
        aws.vpc(f"10.{number}.0.0/16")


def _one_subnet_too_many(aws: AwsAccount) -> None:
    with aws.store.transaction() as account:
        set_quota(account, "L-407747CB", 1)
    vpc = aws.vpc()
    aws.subnet(vpc, "10.0.0.0/24")
    aws.subnet(vpc, "10.0.1.0/24")


def _vpc_deleted_with_its_subnets(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    aws.subnet(vpc)
    aws.delete(vpc)


def _second_internet_gateway(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    for _ in range(2):
        aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier)


def _one_address_too_many(aws: AwsAccount) -> None:
    for _ in range(6):
        aws.create(v.EIP, domain="vpc")


def _nat(aws: AwsAccount, subnet: Made, address: Made | None = None) -> Made:
    made = address or aws.create(v.EIP, domain="vpc")
    return aws.create(v.NAT_GATEWAY, subnetId=subnet.identifier, allocationId=made.identifier)


def _nat_without_a_way_out(aws: AwsAccount) -> None:
    _nat(aws, aws.subnet(aws.vpc()))


def _public_nat_without_address(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier)
    aws.create(v.NAT_GATEWAY, subnetId=aws.subnet(vpc).identifier)


def _with_nat(aws: AwsAccount) -> tuple[Made, Made, Made]:
    vpc = aws.vpc()
    gateway = aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier)
    return gateway, aws.subnet(vpc), aws.create(v.EIP, domain="vpc")


def _two_nats_with_one_address(aws: AwsAccount) -> None:
    _, subnet, address = _with_nat(aws)
    for _ in range(2):
        _nat(aws, subnet, address)


def _subnet_deleted_under_its_nat(aws: AwsAccount) -> None:
    _, subnet, address = _with_nat(aws)
    _nat(aws, subnet, address)
    aws.delete(subnet)


def _way_out_deleted_under_a_nat(aws: AwsAccount) -> None:
    gateway, subnet, address = _with_nat(aws)
    _nat(aws, subnet, address)
    aws.delete(gateway)


def _route(aws: AwsAccount, table: Made, destination: str = _ANYWHERE, **target: Value) -> Made:
    return aws.create(v.ROUTE, routeTableId=table.identifier, destinationCidrBlock=destination, **target)


def _route_to_no_gateway(aws: AwsAccount) -> None:
    _route(aws, aws.table(aws.vpc()), natGatewayId="nat-0123456789abcdef0")


def _route_to_the_gateway_of_another_vpc(aws: AwsAccount) -> None:
    other = aws.create(v.INTERNET_GATEWAY, vpcId=aws.vpc("10.1.0.0/16").identifier)
    _route(aws, aws.table(aws.vpc()), gatewayId=other.identifier)


def _route_for_addresses_of_the_vpc(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    gateway = aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier)
    _route(aws, aws.table(vpc), "10.0.1.0/24", gatewayId=gateway.identifier)


def _two_routes_to_one_destination(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    gateway, table = aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier), aws.table(vpc)
    for _ in range(2):
        _route(aws, table, gatewayId=gateway.identifier)


def _route_to_a_transit_gateway_that_is_not_attached(aws: AwsAccount) -> None:
    _route(aws, aws.table(aws.vpc()), "10.250.0.0/16", transitGatewayId=TRANSIT_GATEWAY)


def _attach(aws: AwsAccount, vpc: Made, *subnets: Made, gateway: str = TRANSIT_GATEWAY) -> Made:
    return aws.create(
        v.VPC_ATTACHMENT,
        transitGatewayId=gateway,
        vpcId=vpc.identifier,
        subnetIds=[subnet.identifier for subnet in subnets],
    )


def _attachment_to_no_transit_gateway(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    _attach(aws, vpc, aws.subnet(vpc), gateway="tgw-0123456789abcdef0")


def _attachment_with_two_subnets_of_a_zone(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    _attach(aws, vpc, aws.subnet(vpc, "10.0.0.0/24"), aws.subnet(vpc, "10.0.1.0/24"))


def _second_attachment(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    for _ in range(2):
        _attach(aws, vpc, subnet)


def _route_table_of_another_vpc(aws: AwsAccount) -> None:
    table, subnet = aws.table(aws.vpc("10.1.0.0/16")), aws.subnet(aws.vpc())
    aws.create(v.ROUTE_TABLE_ASSOCIATION, routeTableId=table.identifier, subnetId=subnet.identifier)


def _subnet_in_two_route_tables(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    for table in (aws.table(vpc), aws.table(vpc)):
        aws.create(v.ROUTE_TABLE_ASSOCIATION, routeTableId=table.identifier, subnetId=subnet.identifier)


def _two_groups_of_one_name(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    for _ in range(2):
        aws.group(vpc)


def _rule(aws: AwsAccount, group: Made, **peer: Value) -> Made:
    return aws.create(
        v.INGRESS_RULE, securityGroupId=group.identifier, ipProtocol="tcp", fromPort=443, toPort=443, **peer
    )


def _rule_from_a_group_of_another_vpc(aws: AwsAccount) -> None:
    other = aws.group(aws.vpc("10.1.0.0/16"), "clients")
    _rule(aws, aws.group(aws.vpc()), referencedSecurityGroupId=other.identifier)


def _rule_from_no_group(aws: AwsAccount) -> None:
    _rule(aws, aws.group(aws.vpc()), referencedSecurityGroupId="sg-0123456789abcdef0")


def _one_rule_twice(aws: AwsAccount) -> None:
    group = aws.group(aws.vpc())
    for _ in range(2):
        _rule(aws, group, cidrIpv4="10.0.0.0/16")


def _one_rule_too_many(aws: AwsAccount) -> None:
    with aws.store.transaction() as account:
        set_quota(account, "L-0EA8095F", 2)
    group = aws.group(aws.vpc())
    for number in range(3):
        _rule(aws, group, cidrIpv4=f"10.{number}.0.0/16")


def _group_deleted_that_a_rule_names(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    clients = aws.group(vpc, "clients")
    _rule(aws, aws.group(vpc), referencedSecurityGroupId=clients.identifier)
    aws.delete(clients)


def _endpoint(aws: AwsAccount, vpc: Made, service: str, **more: Value) -> Made:
    return aws.create(v.VPC_ENDPOINT, vpcId=vpc.identifier, serviceName=service, **more)


def _endpoint_of_another_region(aws: AwsAccount) -> None:
    _endpoint(aws, aws.vpc(), "com.amazonaws.eu-west-1.s3", vpcEndpointType="Gateway")


def _endpoint_of_a_misspelled_service(aws: AwsAccount) -> None:
    _endpoint(aws, aws.vpc(), "com.amazonaws.us-east-2.ecr-api", vpcEndpointType="Interface")


def _gateway_endpoint_twice(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    tables: list[Value] = [aws.table(vpc).identifier]
    for _ in range(2):
        _endpoint(aws, vpc, "com.amazonaws.us-east-2.s3", vpcEndpointType="Gateway", routeTableIds=tables)


def _private_names_in_a_vpc_without_names(aws: AwsAccount) -> None:
    vpc = aws.create(v.VPC, cidrBlock="10.0.0.0/16")
    _endpoint(aws, vpc, "com.amazonaws.us-east-2.sts", vpcEndpointType="Interface", privateDnsEnabled=True)


def _endpoint_with_a_group_of_another_vpc(aws: AwsAccount) -> None:
    vpc, other = aws.vpc(), aws.group(aws.vpc("10.1.0.0/16"))
    groups: list[Value] = [other.identifier]
    _endpoint(aws, vpc, "com.amazonaws.us-east-2.sts", vpcEndpointType="Interface", securityGroupIds=groups)


_MISTAKES: dict[str, tuple[Callable[[AwsAccount], None], ...]] = {
    "InvalidSubnet.Range": (_subnet_outside_of_the_vpc, _subnet_too_small),
    "InvalidSubnet.Conflict": (_subnets_that_overlap,),
    "InvalidParameterValue": (
        _zone_of_another_region,
        _zone_that_the_region_has_not,
        _second_internet_gateway,
        _route_to_the_gateway_of_another_vpc,
        _route_for_addresses_of_the_vpc,
        _route_table_of_another_vpc,
    ),
    "InvalidVpcID.NotFound": (_subnet_of_no_vpc,),
    "VpcLimitExceeded": (_one_vpc_too_many,),
    "SubnetLimitExceeded": (_one_subnet_too_many,),
    "AddressLimitExceeded": (_one_address_too_many,),
    "RulesPerSecurityGroupLimitExceeded": (_one_rule_too_many,),
    "DependencyViolation": (
        _vpc_deleted_with_its_subnets,
        _subnet_deleted_under_its_nat,
        _way_out_deleted_under_a_nat,
        _group_deleted_that_a_rule_names,
    ),
    "Gateway.NotAttached": (_nat_without_a_way_out,),
    "MissingParameter": (_public_nat_without_address,),
    "Resource.AlreadyAssociated": (_two_nats_with_one_address, _subnet_in_two_route_tables),
    "InvalidNatGatewayID.NotFound": (_route_to_no_gateway,),
    "RouteAlreadyExists": (_two_routes_to_one_destination, _gateway_endpoint_twice),
    "InvalidTransitGatewayID.NotFound": (
        _route_to_a_transit_gateway_that_is_not_attached,
        _attachment_to_no_transit_gateway,
    ),
    "DuplicateSubnetsInSameZone": (_attachment_with_two_subnets_of_a_zone,),
    "DuplicateTransitGatewayAttachment": (_second_attachment,),
    "InvalidGroup.Duplicate": (_two_groups_of_one_name,),
    "InvalidGroup.NotFound": (
        _rule_from_a_group_of_another_vpc,
        _rule_from_no_group,
        _endpoint_with_a_group_of_another_vpc,
    ),
    "InvalidPermission.Duplicate": (_one_rule_twice,),
    "InvalidServiceName": (_endpoint_of_another_region, _endpoint_of_a_misspelled_service),
    "InvalidParameter": (_private_names_in_a_vpc_without_names,),
}


@pytest.mark.parametrize(
    ("code", "mistake"),
    cases(_MISTAKES),
)
def test_refused_as_aws_refuses_it(aws: AwsAccount, code: str, mistake: Callable[[AwsAccount], None]) -> None:
    with pytest.raises(ProviderError, match=f"api error {code}: "):
        mistake(aws)


def test_what_is_refused_leaves_nothing_behind(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    with pytest.raises(ProviderError):
        aws.subnet(vpc, "10.1.0.0/24")
    assert not aws.records(v.SUBNET)
    aws.delete(vpc)
    assert not aws.records(v.VPC)
