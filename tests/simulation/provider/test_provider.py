"""The provider as the engine meets it: names, previews, changes, drift, failures. AWS is the example."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.provider.errors import PartialFailureError, ProviderError
from simulation.provider.faults import Fault, Moment, recorded_calls
from simulation.provider.pace import PACE_VARIABLE
from simulation.provider.values import UNKNOWN, Value, from_wire, object_from_wire, to_wire
from tests.simulation.clouds.aws_account import AwsAccount, InputsRefusedError, Made

_CIDR = "10.0.0.0/16"


def _calls(aws: AwsAccount, operation: str) -> list[str]:
    with aws.store.transaction() as account:
        return [call.code for call in recorded_calls(account) if call.operation == operation]


def _changed_outside(aws: AwsAccount, made: Made, **inputs: Value) -> None:
    with aws.store.transaction() as account:
        record = account.get(made.token, made.identifier)
        assert record is not None
        account.put(replace(record, inputs={**record.inputs, **inputs}))


@pytest.mark.parametrize("value", ["text", 3, 0.5, True, ["a", {"b": 1}], {"c": UNKNOWN}, UNKNOWN])
def test_values_survive_the_way_to_the_engine_and_back(value: Value) -> None:
    wire = to_wire(value)
    wire.marshal()
    assert from_wire(wire.unmarshal(wire.marshal())) == value


def test_inputs_of_another_type_are_refused_with_their_path(aws: AwsAccount) -> None:
    with pytest.raises(InputsRefusedError, match="cidrBlock: expected type 'string', got number 10"):
        aws.check(v.VPC, {"cidrBlock": 10})
    with pytest.raises(InputsRefusedError, match=r"subnetIds: Missing required argument"):
        aws.check(v.VPC_ATTACHMENT, {"transitGatewayId": "tgw-0", "vpcId": "vpc-0"})


def test_a_type_without_a_table_is_refused_with_the_nearest(aws: AwsAccount) -> None:
    with pytest.raises(ProviderError, match=r"no resource type aws:ec2/vpcs:Vpc \(nearest: aws:ec2/vpc:Vpc\)"):
        aws.check("aws:ec2/vpcs:Vpc", {})


def test_what_has_no_name_gets_one_and_keeps_it(aws: AwsAccount) -> None:
    vpc = aws.vpc().identifier
    made = aws.create(v.SECURITY_GROUP, vpcId=vpc)
    name = made.outputs["name"]
    assert isinstance(name, str)
    assert name.startswith("it-")
    again = aws.check(v.SECURITY_GROUP, {"vpcId": vpc, "tags": {"a": "b"}}, old=made.wire)
    assert object_from_wire(again)["name"] == name


def test_a_preview_knows_what_was_asked_for_and_nothing_that_the_cloud_chooses(aws: AwsAccount) -> None:
    seen = aws.preview(v.SECURITY_GROUP, vpcId=UNKNOWN, name="nodes")
    assert (seen["name"], seen["description"]) == ("nodes", "Managed by Pulumi")
    assert (seen["vpcId"], seen["arn"]) == (UNKNOWN, UNKNOWN)
    assert not aws.records(v.SECURITY_GROUP)


def test_a_preview_does_not_know_what_the_cloud_chooses_inside_of_what_is_set(aws: AwsAccount) -> None:
    template = aws.preview(v.LAUNCH_TEMPLATE, metadataOptions={"httpTokens": "required"})
    options = template["metadataOptions"]
    assert isinstance(options, dict)
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", UNKNOWN)
    cluster = aws.preview(v.CLUSTER, name="prod", roleArn=UNKNOWN, vpcConfig={"subnetIds": [UNKNOWN]})
    network = cluster["vpcConfig"]
    assert isinstance(network, dict)
    assert network["clusterSecurityGroupId"] == UNKNOWN, "the program opens ports in it"


def test_an_object_has_its_defaults_its_tags_and_its_region(aws: AwsAccount) -> None:
    aws.configure(region="us-east-2", defaultTags={"tags": {"team": "ai", "stage": "dev"}})
    made = aws.create(v.VPC, cidrBlock=_CIDR, tags={"stage": "prod"})
    assert made.identifier.startswith("vpc-")
    assert made.outputs["arn"] == f"arn:aws:ec2:us-east-2:111122223333:vpc/{made.identifier}"
    assert made.outputs["tagsAll"] == {"team": "ai", "stage": "prod"}
    assert (made.outputs["enableDnsSupport"], made.outputs["region"]) == (True, "us-east-2")


def test_equal_inputs_change_nothing(aws: AwsAccount) -> None:
    made = aws.create(v.VPC, cidrBlock=_CIDR, enableDnsHostnames=True)
    assert not aws.diff(made, cidrBlock=_CIDR, enableDnsHostnames=True).changes
    assert not aws.diff(made, cidrBlock=_CIDR, enableDnsHostnames=True, enableDnsSupport=True).changes, "the default"


def test_the_order_of_a_set_changes_nothing(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    tables: list[Value] = [aws.table(vpc).identifier for _ in range(2)]
    service = "com.amazonaws.us-east-2.s3"
    made = aws.create(v.VPC_ENDPOINT, vpcId=vpc.identifier, serviceName=service, routeTableIds=tables)
    other = aws.diff(made, vpcId=vpc.identifier, serviceName=service, routeTableIds=tables[::-1])
    assert not other.changes


def test_a_tag_is_updated_and_a_range_of_addresses_is_replaced(aws: AwsAccount) -> None:
    made = aws.create(v.VPC, cidrBlock=_CIDR)
    tagged = aws.diff(made, cidrBlock=_CIDR, tags={"a": "b"})
    assert tagged.changes
    assert not tagged.replaces
    moved = aws.diff(made, cidrBlock="10.1.0.0/16")
    assert moved.replaces == ["cidrBlock"]


def test_a_replacement_with_the_same_name_waits_until_the_name_is_free(aws: AwsAccount) -> None:
    vpc, other = aws.vpc(), aws.vpc("10.1.0.0/16")
    named = aws.group(vpc)
    assert aws.diff(named, name="nodes", vpcId=other.identifier).delete_before_replace
    unnamed = aws.create(v.SECURITY_GROUP, vpcId=vpc.identifier)
    assert not aws.diff(unnamed, vpcId=other.identifier).delete_before_replace


def test_an_input_that_is_not_known_yet_counts_as_a_change(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    found = aws.diff(subnet, vpcId=UNKNOWN, cidrBlock="10.0.0.0/24", availabilityZone="us-east-2b")
    assert found.replaces == ["vpcId"]


def test_an_object_is_updated_in_place(aws: AwsAccount) -> None:
    made = aws.create(v.VPC, cidrBlock=_CIDR)
    changed = aws.update(made, cidrBlock=_CIDR, enableDnsHostnames=True)
    assert changed.identifier == made.identifier
    assert aws.read(made) == changed.outputs
    assert changed.outputs["enableDnsHostnames"] is True


def test_a_deleted_object_is_gone_and_may_be_deleted_again(aws: AwsAccount) -> None:
    made = aws.vpc()
    aws.delete(made)
    assert aws.read(made) is None
    aws.delete(made)
    with pytest.raises(ProviderError, match=r"InvalidVpcID\.NotFound: The vpc ID"):
        aws.update(made, cidrBlock=_CIDR, tags={"a": "b"})


def test_a_route_does_not_keep_its_target(aws: AwsAccount) -> None:
    """AWS leaves such a route in place and drops what it gets."""
    vpc = aws.vpc()
    gateway, table = aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier), aws.table(vpc)
    destination = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.identifier}
    aws.create(v.ROUTE, routeTableId=table.identifier, **destination)
    aws.delete(gateway)
    assert aws.read(gateway) is None


def test_what_somebody_else_change_is_read_and_put_back(aws: AwsAccount) -> None:
    made = aws.create(v.VPC, cidrBlock=_CIDR, tags={"team": "ai"})
    _changed_outside(aws, made, tags={"team": "nobody"})
    seen = aws.read(made)
    assert seen is not None
    assert seen["tags"] == {"team": "nobody"}
    aws.update(made, cidrBlock=_CIDR, tags={"team": "ai"})
    assert aws.read(made) == made.outputs


def test_some_things_take_their_time(aws: AwsAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PACE_VARIABLE, "0.1")
    vpc = aws.vpc()
    aws.create(v.INTERNET_GATEWAY, vpcId=vpc.identifier)
    address, subnet = aws.create(v.EIP, domain="vpc"), aws.subnet(vpc)
    began = time.monotonic()
    nat = aws.create(v.NAT_GATEWAY, subnetId=subnet.identifier, allocationId=address.identifier)
    assert time.monotonic() - began >= 0.2, "two minutes of the real one"
    aws.delete(nat)
    assert time.monotonic() - began >= 0.3, "and one to go"


def test_a_failure_before_the_call_leaves_nothing(aws: AwsAccount) -> None:
    aws.will_fail(Fault(operation="create", kind="aws:ec2/*", code="UnauthorizedOperation", message="not you"))
    with pytest.raises(ProviderError, match=r"creating EC2 VPC .*CreateVpc.* UnauthorizedOperation: not you"):
        aws.vpc()
    assert not aws.records(v.VPC)
    aws.vpc()


def test_a_failure_after_the_call_leaves_an_object_that_the_program_knows(aws: AwsAccount) -> None:
    aws.will_fail(Fault(operation="create", kind=v.VPC, code="InternalError", moment=Moment.AFTER))
    with pytest.raises(PartialFailureError, match="InternalError") as failure:
        aws.vpc()
    (record,) = aws.records(v.VPC)
    assert failure.value.identifier == record.identifier
    assert failure.value.outputs["cidrBlock"] == _CIDR


def test_a_lost_answer_leaves_an_object_that_the_program_does_not_know(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    aws.will_fail(Fault(operation="create", kind=v.SECURITY_GROUP, code="connection reset", moment=Moment.LOST))
    with pytest.raises(ProviderError, match="request send failed: connection reset"):
        aws.group(vpc)
    with pytest.raises(ProviderError, match=r"InvalidGroup\.Duplicate"):
        aws.group(vpc)


def test_a_failure_strikes_as_often_as_asked_and_only_its_object(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    fault = Fault(operation="create", kind="*", name="nodes", code="UnauthorizedOperation", times=2)
    aws.will_fail(fault)
    aws.group(vpc, "other")
    for _ in range(2):
        with pytest.raises(ProviderError, match="UnauthorizedOperation"):
            aws.group(vpc, "nodes")
    aws.group(vpc, "nodes")


def test_an_update_and_a_deletion_that_fail_change_nothing(aws: AwsAccount) -> None:
    made = aws.create(v.VPC, cidrBlock=_CIDR)
    for operation in ("update", "delete"):
        aws.will_fail(Fault(operation=operation, kind=v.VPC, code="UnauthorizedOperation"))
    with pytest.raises(ProviderError):
        aws.update(made, cidrBlock=_CIDR, enableDnsHostnames=True)
    with pytest.raises(ProviderError):
        aws.delete(made)
    assert aws.read(made) == made.outputs


def test_throttled_calls_are_tried_again(aws: AwsAccount) -> None:
    aws.will_fail(Fault(operation="create", kind=v.VPC, code="RequestLimitExceeded", times=3))
    aws.vpc()
    assert _calls(aws, "create") == ["RequestLimitExceeded"] * 3 + [""]


def test_throttling_without_end_is_given_up(aws: AwsAccount) -> None:
    aws.will_fail(Fault(operation="create", kind=v.VPC, code="RequestLimitExceeded", times=99))
    with pytest.raises(ProviderError, match=r"exceeded maximum number of attempts, 25, .*RequestLimitExceeded"):
        aws.vpc()
    assert len(_calls(aws, "create")) == 25


def test_two_accounts_know_nothing_of_each_other(aws: AwsAccount, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = AwsAccount(tmp_path_factory.mktemp("other"))
    assert other.read(aws.vpc()) is None


def test_a_program_without_a_region_is_refused(aws: AwsAccount) -> None:
    aws.configure()
    with pytest.raises(ProviderError, match="Missing region configuration"):
        aws.vpc()
