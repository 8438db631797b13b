"""Everything that the program sets has an entry in the tables, in every way in which a cluster can be had."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws
import pytest

from components.clusters.eks.account import require_account
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.settings import EksTarget
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import CALLER
from simulation.clouds.aws.cloud import AWS
from tests.simulation.clouds.aws_account import AwsAccount, InputsRefusedError
from tests.simulation.clouds.aws_program import recorded, recorded_cluster
from tests.simulation.clouds.eks_variants import CLUSTERS, POOLS, B, C, company, pools_of, target


@pytest.mark.parametrize("cluster", CLUSTERS.values(), ids=CLUSTERS.keys())
def test_the_program_sets_nothing_that_the_tables_lack(tmp_path: Path, cluster: EksTarget) -> None:
    recorder = recorded_cluster(company(tmp_path), cluster, pools_of(cluster))
    assert recorder.made, "the program made nothing"
    assert not recorder.problems, "\n".join(recorder.problems)


_WHERE_THERE_IS_MORE = (
    ":getAddon",
    ":getSubnet",
    ":getCluster",
    ":getInstances",
    ":getNodeGroups",
    ":getNodeGroup",
    ":getParameter",
    ":getLogGroup",
    ":getVpcAttachments",
)
"""Questions that are asked only where something is adopted, a reservation is used or logs are left over."""


def test_what_the_program_asks_is_answered(tmp_path: Path) -> None:
    recorder = recorded(tmp_path, lambda: require_account("prod", EksClusterArgs.of(target(), POOLS)))
    assert recorder.asked == {token for token in AWS.functions if not token.endswith(_WHERE_THERE_IS_MORE)}


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
    assert seen == ["111122223333", "768 of Running On-Demand P instances", B, C]
