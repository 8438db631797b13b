"""Everything that the program sets has an entry in the tables, in every way in which a cluster can be had."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws
import pytest

from components.clusters.eks.account import require_account
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.settings import EfaLayout, EksTarget, LustreStorage
from components.contracts.api_access import PrivateAccess
from components.contracts.capacity import Reservation, Spot
from components.contracts.pools import CpuPool, GpuPool, PoolRange
from components.networks.aws.settings import CreatedVpc, TransitAttachment
from components.networks.nat import NatGateways
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import CALLER, RESERVATION, TRANSIT_GATEWAY
from simulation.clouds.aws.cloud import AWS
from tests.simulation.clouds.aws_account import AwsAccount, InputsRefusedError
from tests.simulation.clouds.aws_program import recorded, recorded_cluster

_A, _B, _C = "us-east-2a", "us-east-2b", "us-east-2c"


def _target(**changes: object) -> EksTarget:
    target = EksTarget(
        kind="eks",
        name="prod",
        region="us-east-2",
        kubernetes_version="1.34",
        network=CreatedVpc(
            kind="create",
            cidr="10.20.0.0/16",
            zones=(_A, _B, _C),
            transit=TransitAttachment(gateway=TRANSIT_GATEWAY, routes=("10.250.0.0/16",)),
        ),
        api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",)),
        admins=("arn:aws:iam::111122223333:role/strata-deployer",),
    )
    return target.model_copy(update=changes)


_POOLS = (
    CpuPool(kind="cpu", name="cpu", instance_type="m7i.8xlarge", count=3, zones=(_A, _B)),
    GpuPool(
        kind="gpu",
        name="h100",
        instance_type="p5.48xlarge",
        count=2,
        zones=(_B,),
        capacity=Reservation(kind="reservation", id=RESERVATION),
    ),
    GpuPool(
        kind="gpu",
        name="l40s",
        instance_type="g6e.12xlarge",
        count=1,
        zones=(_A,),
        autoscaled=PoolRange(minimum=1, maximum=4),
        capacity=Spot(kind="spot"),
    ),
    GpuPool(kind="gpu", name="h200", instance_type="p5en.48xlarge", count=2, zones=(_A,)),
)
_CLUSTERS = {
    "private-with-efs": _target(),
    "lustre-and-both-kinds-of-interfaces": _target(
        shared_storage=LustreStorage(kind="lustre", zone=_B, capacity_gib=4800, throughput=1000, efa=True),
        efa_layout=EfaLayout.BANDWIDTH_OPTIMISED,
    ),
    "without-nat": _target(
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=(_A, _B), nat=NatGateways.NONE),
    ),
    "one-nat": _target(
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=(_A, _B), nat=NatGateways.SINGLE),
    ),
}


@pytest.mark.parametrize("target", _CLUSTERS.values(), ids=_CLUSTERS.keys())
def test_the_program_sets_nothing_that_the_tables_lack(tmp_path: Path, target: EksTarget) -> None:
    zones = target.network.zones if isinstance(target.network, CreatedVpc) else ()
    pools = [pool for pool in _POOLS if set(pool.zones) <= set(zones)]
    recorder = recorded_cluster(tmp_path, target, pools)
    assert recorder.made, "the program made nothing"
    assert not recorder.problems, "\n".join(recorder.problems)


def test_what_the_program_asks_is_answered(tmp_path: Path) -> None:
    recorder = recorded(tmp_path, lambda: require_account("prod", EksClusterArgs.of(_target(), _POOLS)))
    assert recorder.asked == {
        token for token in AWS.functions if "getSubnet" not in token and "getCluster" not in token
    }


def test_a_property_that_no_table_has_is_refused_with_its_name(aws: AwsAccount) -> None:
    with pytest.raises(InputsRefusedError, match="no entry for property 'ipv4IpamPoolId' of aws:ec2/vpc:Vpc"):
        aws.check(v.VPC, {"cidrBlock": "10.0.0.0/16", "ipv4IpamPoolId": "ipam-pool-0a1b2c3d"})


def test_a_property_that_the_sdk_has_not_is_refused_with_the_nearest(aws: AwsAccount) -> None:
    with pytest.raises(InputsRefusedError, match="did you mean 'cidrBlock'"):
        aws.check(v.VPC, {"cidrBlok": "10.0.0.0/16"})


def test_every_entry_of_a_table_is_a_property_of_the_sdk(aws: AwsAccount) -> None:
    """A table with a misspelled entry would refuse the right one."""
    for kind in AWS.kinds.values():
        wrong = [path for path in kind.properties if not aws.knows(kind.token, path)]
        assert wrong == [], kind.token


def test_the_caller_is_an_administrator_of_the_example(aws: AwsAccount) -> None:
    answer = aws.ask("aws:index/getCallerIdentity:getCallerIdentity")
    assert answer["arn"] == CALLER
    assert (answer["accountId"], answer["id"]) == ("111122223333", "111122223333")


def test_answers_reach_the_program(tmp_path: Path) -> None:
    seen: list[str] = []

    def program() -> None:
        provider = pulumi_aws.Provider("aws", region="us-east-2")
        ask = pulumi.InvokeOptions(provider=provider)
        seen.append(pulumi_aws.get_caller_identity(opts=ask).account_id)
        quota = pulumi_aws.servicequotas.get_service_quota(service_code="ec2", quota_code="L-417A185B", opts=ask)
        seen.append(f"{quota.value:g} of {quota.quota_name}")
        only = pulumi_aws.ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=["p5.48xlarge"])
        offered = pulumi_aws.ec2.get_instance_type_offerings(
            filters=[only], location_type="availability-zone", opts=ask
        )
        seen.extend(offered.locations)

    recorded(tmp_path, program)
    assert seen == ["111122223333", "768 of Running On-Demand P instances", _B, _C]
