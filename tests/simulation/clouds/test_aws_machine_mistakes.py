"""Mistakes in launch templates: most are taken when the template is made, and refused when a machine starts from it."""

from __future__ import annotations

import pytest

from components.clusters.eks.efa import network_interfaces
from components.clusters.eks.settings import EfaLayout
from components.planner.catalogs.efa_cards import efa_cards
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import RESERVATION, seed_reservation
from simulation.clouds.aws.machine_types import cards
from simulation.provider.errors import ProviderError
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import AwsAccount, InputsRefusedError, Made


@pytest.fixture
def vpc(aws: AwsAccount) -> Made:
    return aws.vpc()


@pytest.fixture
def subnet(aws: AwsAccount, vpc: Made) -> Made:
    return aws.subnet(vpc, zone="us-east-2b")


def _interface(card: int, device: int, kind: str = "interface", **more: Value) -> Object:
    return {"networkCardIndex": card, "deviceIndex": device, "interfaceType": kind, **more}


def _reserved(identifier: str = RESERVATION) -> Object:
    return {
        "capacityReservationPreference": "capacity-reservations-only",
        "capacityReservationTarget": {"capacityReservationId": identifier},
    }


@pytest.mark.parametrize("layout", EfaLayout)
@pytest.mark.parametrize("machine", sorted(efa_cards()))
def test_ec2_takes_the_interfaces_that_the_program_asks_for(aws: AwsAccount, machine: str, layout: EfaLayout) -> None:
    wanted: list[Value] = [
        _interface(interface.card, interface.device, interface.kind.value)
        for interface in network_interfaces(machine, layout)
    ]
    assert aws.launch(machine, networkInterfaces=wanted) == []


@pytest.mark.parametrize(
    ("machine", "interfaces", "refusal"),
    [
        ("p5.48xlarge", [_interface(0, 0), _interface(32, 1)], "InvalidParameterValue: .*card index '32'"),
        ("p5.48xlarge", [_interface(0, 0), _interface(1, 2)], "InvalidParameterValue: .*'2' for the device index"),
        ("p4d.24xlarge", [_interface(0, 0), _interface(1, 2)], "InvalidParameterValue: .*'2' for the device index"),
        ("p5.48xlarge", [_interface(0, 1)], "InvalidParameterValue: .*device at index 0"),
        ("p5.48xlarge", [_interface(0, 0), _interface(0, 0)], "InvalidParameterValue: .*unique device index"),
        ("p5.48xlarge", [_interface(0, 0, "efa-only")], "InvalidParameterCombination: The primary"),
        ("p6-b300.48xlarge", [_interface(0, 0, "efa")], "InvalidParameterCombination: Network card 0 .*'efa'"),
        ("m7i.8xlarge", [_interface(0, 0, "efa")], "InvalidParameterCombination: Network card 0 .*'efa'"),
        ("p5.48xlarge", [_interface(0, 0, "efa"), _interface(0, 1, "efa-only")], "AttachmentLimitExceeded: .*card 0"),
        (
            "p5.48xlarge",
            [_interface(0, 0, associatePublicIpAddress="true"), _interface(1, 1)],
            "InvalidParameterCombination: The associatePublicIPAddress",
        ),
    ],
    ids=[
        "card-that-is-not-there",
        "device-beyond-the-card",
        "device-on-a-secondary-card",
        "no-primary",
        "place-taken-twice",
        "efa-only-primary",
        "card-without-efa",
        "machine-without-efa",
        "two-efa-on-a-card",
        "public-address",
    ],
)
def test_interfaces_that_no_machine_starts_with(
    aws: AwsAccount, machine: str, interfaces: list[Value], refusal: str
) -> None:
    (found,) = aws.launch(machine, networkInterfaces=interfaces)
    with pytest.raises(ValueError, match=refusal):
        raise ValueError(found)


def test_unknown_machine(aws: AwsAccount, subnet: Made) -> None:
    assert aws.launch("p5.49xlarge", subnet) == ["InvalidParameterValue: Invalid value 'p5.49xlarge' for InstanceType."]


def test_machine_that_the_zone_has_not(aws: AwsAccount, vpc: Made) -> None:
    (refusal,) = aws.launch("p5.48xlarge", aws.subnet(vpc, zone="us-east-2a"))
    assert refusal.startswith("Unsupported: Your requested instance type (p5.48xlarge) is not supported")
    assert "choosing us-east-2b" in refusal


def test_groups_of_another_vpc_on_the_template_and_on_an_interface(aws: AwsAccount, subnet: Made) -> None:
    other = aws.group(aws.vpc("10.1.0.0/16"))
    groups: list[Value] = [other.identifier]
    expected = f"InvalidParameter: Security group {other.identifier} and subnet {subnet.identifier} belong to different"
    (refusal,) = aws.launch("m7i.8xlarge", subnet, vpcSecurityGroupIds=groups)
    assert refusal.startswith(expected)
    interfaces: list[Value] = [_interface(0, 0, securityGroups=groups)]
    (refusal,) = aws.launch("m7i.8xlarge", subnet, networkInterfaces=interfaces)
    assert refusal.startswith(expected)


def test_groups_on_interfaces_and_on_the_template_at_once(aws: AwsAccount, vpc: Made, subnet: Made) -> None:
    groups: list[Value] = [aws.group(vpc).identifier]
    interfaces: list[Value] = [_interface(0, 0, securityGroups=groups)]
    (refusal,) = aws.launch("m7i.8xlarge", subnet, networkInterfaces=interfaces, vpcSecurityGroupIds=groups)
    assert refusal.startswith("InvalidParameterCombination: Network interfaces and an instance-level security groups")


def test_group_that_is_not_there(aws: AwsAccount, subnet: Made) -> None:
    groups: list[Value] = ["sg-0123456789abcdef0"]
    (refusal,) = aws.launch("m7i.8xlarge", subnet, vpcSecurityGroupIds=groups)
    assert refusal.startswith("InvalidGroup.NotFound: ")


def test_placement_group_that_is_not_there(aws: AwsAccount, subnet: Made) -> None:
    (refusal,) = aws.launch("p5.48xlarge", subnet, placement={"groupName": "close"})
    assert refusal.startswith("InvalidPlacementGroup.Unknown: ")
    aws.create(v.PLACEMENT_GROUP, name="close", strategy="cluster")
    assert aws.launch("p5.48xlarge", subnet, placement={"groupName": "close"}) == []


def test_the_reserved_machines_start(aws: AwsAccount, subnet: Made) -> None:
    assert aws.launch("p5.48xlarge", subnet, count=2, capacityReservationSpecification=_reserved()) == []


def test_reservation_that_is_not_there(aws: AwsAccount, subnet: Made) -> None:
    spec = _reserved("cr-0123456789abcdef0")
    (refusal,) = aws.launch("p5.48xlarge", subnet, capacityReservationSpecification=spec)
    assert refusal.startswith("InvalidCapacityReservationId.NotFound: ")


def test_reservation_of_another_type_zone_or_size(aws: AwsAccount, vpc: Made, subnet: Made) -> None:
    spec = _reserved()
    elsewhere = aws.subnet(vpc, "10.0.1.0/24", "us-east-2c")
    for refusals in (
        aws.launch("p5en.48xlarge", subnet, capacityReservationSpecification=spec),
        aws.launch("p5.48xlarge", elsewhere, capacityReservationSpecification=spec),
        aws.launch("p5.48xlarge", subnet, count=3, capacityReservationSpecification=spec),
    ):
        assert [refusal.partition(":")[0] for refusal in refusals] == ["ReservationCapacityExceeded"]


def test_a_capacity_block_needs_its_market_type(aws: AwsAccount, subnet: Made) -> None:
    block = "cr-0b10c0b10c0b10c00"
    with aws.store.transaction() as account:
        seed_reservation(account, block, machine="p5.48xlarge", zone="us-east-2b", count=4, block=True)
    (refusal,) = aws.launch("p5.48xlarge", subnet, capacityReservationSpecification=_reserved(block))
    assert refusal.startswith("ReservationCapacityExceeded: ")
    market: Object = {"marketType": "capacity-block"}
    assert (
        aws.launch(
            "p5.48xlarge", subnet, capacityReservationSpecification=_reserved(block), instanceMarketOptions=market
        )
        == []
    )


def test_user_data_that_is_not_base64(aws: AwsAccount) -> None:
    with pytest.raises(ProviderError, match=r"api error InvalidUserData\.Malformed"):
        aws.create(v.LAUNCH_TEMPLATE, userData="#!/bin/sh")


def test_two_templates_or_placement_groups_of_one_name(aws: AwsAccount) -> None:
    aws.create(v.LAUNCH_TEMPLATE, name="nodes")
    with pytest.raises(ProviderError, match=r"InvalidLaunchTemplateName\.AlreadyExistsException"):
        aws.create(v.LAUNCH_TEMPLATE, name="nodes")
    aws.create(v.PLACEMENT_GROUP, name="nodes", strategy="cluster")
    with pytest.raises(ProviderError, match=r"InvalidPlacementGroup\.Duplicate"):
        aws.create(v.PLACEMENT_GROUP, name="nodes", strategy="cluster")


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("metadataOptions.httpTokens", {"metadataOptions": {"httpTokens": "needed"}}),
        ("metadataOptions.httpPutResponseHopLimit", {"metadataOptions": {"httpPutResponseHopLimit": 65}}),
        ("networkInterfaces[0].interfaceType", {"networkInterfaces": [{"interfaceType": "ena"}]}),
        ("blockDeviceMappings[0].ebs.volumeType", {"blockDeviceMappings": [{"ebs": {"volumeType": "ssd"}}]}),
        ("instanceMarketOptions.marketType", {"instanceMarketOptions": {"marketType": "reserved"}}),
        ("blockDeviceMappings[0].ebs.encrypted", {"blockDeviceMappings": [{"ebs": {"encrypted": True}}]}),
        ("tagSpecifications[0].resourceType", {"tagSpecifications": [{"resourceType": "node", "tags": {"a": "b"}}]}),
    ],
)
def test_values_that_the_provider_refuses_by_itself(aws: AwsAccount, path: str, template: Object) -> None:
    with pytest.raises(InputsRefusedError) as refused:
        aws.check(v.LAUNCH_TEMPLATE, template)
    assert str(refused.value).startswith(f"{path}: ")


def test_each_change_makes_a_version_and_tags_do_not(aws: AwsAccount) -> None:
    made = aws.create(v.LAUNCH_TEMPLATE, name="nodes", updateDefaultVersion=True, tags={"a": "b"})
    assert (made.outputs["latestVersion"], made.outputs["defaultVersion"]) == (1, 1)
    made = aws.update(made, name="nodes", updateDefaultVersion=True, tags={"a": "c"})
    assert made.outputs["latestVersion"] == 1
    made = aws.update(made, name="nodes", updateDefaultVersion=True, instanceType="m7i.8xlarge", tags={"a": "c"})
    assert (made.outputs["latestVersion"], made.outputs["defaultVersion"]) == (2, 2)


def test_what_running_machines_stand_on_cannot_be_deleted(aws: AwsAccount, vpc: Made) -> None:
    group, placement = aws.group(vpc), aws.create(v.PLACEMENT_GROUP, name="close", strategy="cluster")
    groups: list[Value] = [group.identifier]
    template = aws.create(v.LAUNCH_TEMPLATE, vpcSecurityGroupIds=groups, placement={"groupName": "close"})
    with aws.store.transaction() as account:
        account.seed(v.NODE_GROUP, "prod:h100", {"launchTemplate": {"id": template.identifier, "version": "1"}})
    with pytest.raises(ProviderError, match="DependencyViolation"):
        aws.delete(group)
    with pytest.raises(ProviderError, match=r"InvalidPlacementGroup\.InUse"):
        aws.delete(placement)
    with aws.store.transaction() as account:
        account.remove(v.NODE_GROUP, "prod:h100")
    aws.delete(group)
    aws.delete(placement)


def test_cards_agree_with_the_catalog_of_the_program() -> None:
    """Both are written down apart; where they differ, one of them is wrong."""
    for name, row in efa_cards().items():
        assert cards(name).count == row.cards, name
        assert not cards(name).without_efa & set(row.efa), name
