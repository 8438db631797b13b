"""What only the AWS account can tell is told at preview: reserved machines and zones without control planes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from components.clusters.eks.account import require_account
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.rules import eks_problems
from components.clusters.eks.settings import EksTarget, LustreStorage, StorageDriver
from components.clusters.rules.versions import VERSION_FIELD
from components.contracts.capacity import CapacityBlock, Reservation
from components.contracts.errors import Problem, StrataError
from components.contracts.pools import GpuPool, NodePool
from components.contracts.quantities import ByteSize
from components.networks.aws.settings import CreatedVpc, TransitAttachment
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import deny, place_reservation, seed_reservation, seed_transit_gateway
from simulation.clouds.aws.cloud import AWS
from simulation.clouds.aws.networks import accept_attachments
from simulation.clouds.aws.outside_changes import write_last_logs
from simulation.clouds.aws.versions import KUBERNETES
from simulation.provider.errors import ProviderError
from simulation.provider.store import Account
from simulation.provider.values import Object
from tests.simulation.clouds.aws_account import AwsAccount
from tests.simulation.clouds.aws_program import recorded, recorded_cluster
from tests.simulation.clouds.eks_account import EksAccount
from tests.simulation.clouds.eks_variants import POOLS, B, target

_RESERVED = "cr-0c1d2e3f405162738"
Seed = Callable[[Account], object]


def _seed(
    machine: str = "p5.48xlarge",
    zone: str = B,
    count: int = 2,
    state: str = "active",
    placement_group: str = "",
) -> Seed:
    def seed(account: Account) -> None:
        made = seed_reservation(account, _RESERVED, machine=machine, zone=zone, count=count, state=state)
        if placement_group:
            place_reservation(account, made, placement_group)

    return seed


def _nothing(_account: Account) -> None:
    """An account without the reservation."""


def _pool(count: int = 2, group: str | None = None) -> GpuPool:
    capacity = Reservation(kind="reservation", id=_RESERVED, placement_group=group)
    return GpuPool(kind="gpu", name="gpus", instance_type="p5.48xlarge", count=count, zones=(B,), capacity=capacity)


def _problems(folder: Path, *pools: NodePool, seed: Seed = _nothing, cluster: EksTarget | None = None) -> list[Problem]:
    """What a preview says of a cluster with these pools."""
    found: list[Problem] = []
    with AwsAccount(folder).store.transaction() as account:
        seed(account)

    def ask() -> None:
        try:
            require_account("prod", EksClusterArgs.of(cluster or target(), pools))
        except StrataError as error:
            found.extend(error.problems)

    assert recorded(folder, ask).problems == []
    return found


@pytest.mark.parametrize(
    ("seed", "pools", "field", "cause"),
    [
        (_seed(), (_pool(),), "", ""),
        (_seed(count=1), (_pool(),), "node_pools[0].count", "of the 1 machines of cr-0c1d2e3f405162738 1 are free"),
        (_seed(state="cancelled"), (_pool(),), "node_pools[0].capacity.id", "is cancelled"),
        (_seed(zone="us-east-2c"), (_pool(),), "node_pools[0].zones", "is in us-east-2c, the pool in us-east-2b"),
        (_seed(machine="p5en.48xlarge"), (_pool(),), "node_pools[0].instance_type", "of type p5en.48xlarge"),
        (_seed(placement_group="rack"), (_pool(),), "node_pools[0].capacity.placement_group", "group rack"),
        (_seed(), (_pool(group="rack"),), "node_pools[0].capacity.placement_group", "in no placement group"),
        (_seed(placement_group="rack"), (_pool(group="rack"),), "", ""),
        (_nothing, (_pool(),), "node_pools[0].capacity.id", "EC2 has no cr-0c1d2e3f405162738"),
    ],
)
def test_b15_a_reservation_is_read_before_anything_is_made(
    tmp_path: Path, seed: Seed, pools: Sequence[NodePool], field: str, cause: str
) -> None:
    found = _problems(tmp_path, *pools, seed=seed)
    assert [problem.field for problem in found] == ([field] if field else [])
    assert all(cause in problem.cause for problem in found)


@pytest.mark.parametrize(
    ("state", "starts", "field"),
    [("scheduled", 2, ""), ("scheduled", -2, "node_pools[0].capacity.starts"), ("active", -2, "")],
)
def test_b2_a_block_that_has_not_begun_is_told_from_one_that_has(
    tmp_path: Path, state: str, starts: int, field: str
) -> None:
    now = datetime.now(UTC)
    block = CapacityBlock(
        kind="capacity-block", id=_RESERVED, starts=now + timedelta(days=starts), ends=now + timedelta(days=9)
    )
    pool = _pool().model_copy(update={"capacity": block})
    found = _problems(tmp_path, pool, seed=_seed(state=state))
    assert [problem.field for problem in found] == ([field] if field else [])


@pytest.mark.parametrize(("state", "refused"), [("scheduled", True), ("active", False)])
def test_b2_the_simulated_ec2_starts_nothing_before_a_block_begins(
    tmp_path: Path, state: str, *, refused: bool
) -> None:
    aws = AwsAccount(tmp_path)
    with aws.store.transaction() as account:
        _seed(state=state)(account)
    subnet = aws.subnet(aws.vpc())
    target: Object = {"capacityReservationTarget": {"capacityReservationId": _RESERVED}}
    refusals = aws.launch("p5.48xlarge", subnet, capacityReservationSpecification=target)
    assert any("ReservationCapacityExceeded" in refusal for refusal in refusals) is refused


def test_b15_machines_that_the_pool_has_already_are_its_own(tmp_path: Path) -> None:
    with AwsAccount(tmp_path).store.transaction() as account:
        _seed()(account)
    made = recorded_cluster(tmp_path, target(), [_pool(), POOLS[0]])
    assert made.problems == []
    assert _problems(tmp_path, _pool(), POOLS[0]) == [], "the second preview would refuse what the first update made"
    assert [problem.field for problem in _problems(tmp_path, _pool(3), POOLS[0])] == ["node_pools[0].count"]


@pytest.mark.parametrize(("group", "fails"), [("rack", False), (None, True)])
def test_b15_machines_reserved_in_a_placement_group_start_only_there(
    tmp_path: Path, group: str | None, *, fails: bool
) -> None:
    with AwsAccount(tmp_path).store.transaction() as account:
        _seed(placement_group="rack")(account)
    found = recorded_cluster(tmp_path, target(), [_pool(group=group), POOLS[0]]).problems
    assert any("ReservationCapacityExceeded" in problem for problem in found) is fails


def test_b15_whoever_may_not_read_reservations_may_go_on(tmp_path: Path) -> None:
    def seed(account: Account) -> None:
        _seed(count=1)(account)
        deny(account, "cloudformation:GetResource")

    assert _problems(tmp_path, _pool(), seed=seed) == []


@pytest.mark.parametrize(("zones", "fields"), [("abe", ["target.network.zones[2]"]), ("abc", [])])
def test_b16_zones_without_control_planes_are_refused_by_their_id(
    tmp_path: Path, zones: str, fields: list[str]
) -> None:
    network = CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=tuple(f"us-east-1{letter}" for letter in zones))
    cluster = target(region="us-east-1", network=network)
    assert [problem.field for problem in _problems(tmp_path, cluster=cluster)] == fields


@pytest.mark.parametrize(("zone", "refused"), [("us-east-1e", True), ("us-east-1c", False)])
def test_b16_the_simulated_account_refuses_the_same_zones(tmp_path: Path, zone: str, *, refused: bool) -> None:
    aws = AwsAccount(tmp_path, region="us-east-1")
    vpc = aws.vpc()
    subnets = [aws.subnet(vpc, "10.0.0.0/20", "us-east-1a"), aws.subnet(vpc, "10.0.16.0/20", zone)]
    statement: Object = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = aws.create(v.ROLE, name="cluster", assumeRolePolicy=document)
    policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    aws.create(v.ROLE_POLICY_ATTACHMENT, role="cluster", policyArn=policy)
    inputs: Object = {
        "name": "prod",
        "version": "1.34",
        "roleArn": role.outputs["arn"],
        "vpcConfig": {"subnetIds": [subnet.identifier for subnet in subnets], "endpointPublicAccess": True},
    }
    with mock.patch.object(AWS.kinds[v.CLUSTER].effects, "created", return_value={}):
        if refused:
            with pytest.raises(ProviderError, match=r"UnsupportedAvailabilityZoneException: Cannot .* use1-az3"):
                aws.create(v.CLUSTER, **inputs)
        else:
            aws.create(v.CLUSTER, **inputs)


def test_b18_logs_that_eks_wrote_after_the_end_are_named_before_anything_is_made(tmp_path: Path) -> None:
    aws = AwsAccount(tmp_path)
    assert _problems(tmp_path) == []
    write_last_logs(aws.provider.operations, "prod")
    (problem,) = _problems(tmp_path)
    assert problem.field == "target.name"
    assert "aws logs delete-log-group --region us-east-2 --log-group-name /aws/eks/prod/cluster" in problem.fix
    with pytest.raises(ProviderError, match="ResourceAlreadyExistsException"):
        aws.create(v.LOG_GROUP, name="/aws/eks/prod/cluster")


def test_b18_a_cluster_that_is_there_or_was_about_to_be_keeps_its_logs(tmp_path: Path) -> None:
    made = recorded_cluster(tmp_path / "made", target(), [POOLS[0]])
    assert made.problems == []
    assert _problems(tmp_path / "made", POOLS[0]) == []
    aws = AwsAccount(tmp_path)
    aws.create(v.LOG_GROUP, name="/aws/eks/prod/cluster", retentionInDays=90)
    assert _problems(tmp_path) == [], "an update that broke off goes on"


def test_b5_a_gateway_of_another_account_stops_the_update_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("components.clusters.eks.account_transit.pulumi.warn", said.append)
    gateway = "tgw-0f1e2d3c4b5a69788"
    network = CreatedVpc(
        kind="create",
        cidr="10.20.0.0/16",
        zones=("us-east-2a", "us-east-2b"),
        transit=TransitAttachment(gateway=gateway, routes=("10.250.0.0/16",)),
    )
    shared = target(network=network)
    with AwsAccount(tmp_path).store.transaction() as account:
        seed_transit_gateway(account, gateway, owner="444455556666")
    assert _problems(tmp_path, cluster=shared) == []
    assert "belongs to the account 444455556666, which has to accept the attachment" in said.pop()
    vpc = AwsAccount(tmp_path)
    made = vpc.vpc("10.20.0.0/16")
    table = vpc.table(made)
    subnet = vpc.subnet(made, "10.20.0.0/20", "us-east-2a")
    vpc.create(
        v.VPC_ATTACHMENT,
        transitGatewayId=gateway,
        vpcId=made.identifier,
        subnetIds=[subnet.identifier],
        tags={"Name": "prod"},
    )
    route: Object = {
        "routeTableId": table.identifier,
        "destinationCidrBlock": "10.250.0.0/16",
        "transitGatewayId": gateway,
    }
    with pytest.raises(ProviderError, match=r"InvalidTransitGatewayID\.NotFound"):
        vpc.create(v.ROUTE, **route)
    with vpc.store.transaction() as account:
        accept_attachments(account, gateway)
    vpc.create(v.ROUTE, **route)
    assert _problems(tmp_path, cluster=shared) == []
    assert said == [], "it was accepted"


def test_b21_a_version_newer_than_ours_is_left_to_eks_and_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("components.clusters.eks.account_versions.pulumi.warn", said.append)
    newer = target(kubernetes_version="1.37")
    assert not any(problem.field == VERSION_FIELD for problem in eks_problems(newer, POOLS, datetime.now(UTC)))
    (problem,) = _problems(tmp_path, cluster=newer)
    assert problem.cause == "EKS offers no 1.37 in us-east-2 today"
    assert problem.fix.endswith("1.35 or 1.36")
    monkeypatch.setitem(KUBERNETES, "1.37", "1.37.1")
    assert _problems(tmp_path, cluster=newer) == []
    assert [text for text in said if "Strata's list of 2026-11-20" in text]
    old = target(kubernetes_version="1.53")
    assert any(problem.field == VERSION_FIELD for problem in eks_problems(old, POOLS, datetime.now(UTC)))


def test_b21_whoever_may_not_ask_for_versions_may_go_on(tmp_path: Path) -> None:
    def seed(account: Account) -> None:
        deny(account, "eks:DescribeClusterVersions")

    assert _problems(tmp_path, seed=seed, cluster=target(kubernetes_version="1.37")) == []


def test_b16_a_newer_image_is_told_of_and_an_older_one_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("components.clusters.eks.account_releases.pulumi.info", said.append)
    assert recorded_cluster(tmp_path, target(), [POOLS[0]]).problems == []
    assert _problems(tmp_path, POOLS[0]) == []
    assert said == [], "the newest image runs"
    monkeypatch.setitem(KUBERNETES, "1.34", "1.34.9")
    assert _problems(tmp_path, POOLS[0]) == []
    (line,) = said
    assert "run 1.34.2-20260401, and 1.34.9-20260401 is out" in line
    assert _problems(tmp_path, POOLS[0], cluster=target(node_release="1.34.9-20260401")) == []
    assert len(said) == 1, "it is on its way"
    (problem,) = _problems(tmp_path, POOLS[0], cluster=target(node_release="1.34.2-20260301"))
    assert problem.field == "target.node_release"
    assert "write node_release: 1.34.2-20260401" in problem.fix


def test_b6_a_cluster_that_exists_gets_no_class_without_its_driver(tmp_path: Path) -> None:
    eks = EksAccount(tmp_path)
    eks.cluster()
    adopted = target(adopt_cluster=True)
    disks, files = _problems(tmp_path, cluster=adopted)
    assert {disks.field, files.field} == {"target.storage_drivers"}
    assert disks.cause == "the cluster prod exists, and nothing shows that it has the driver ebs.csi.aws.com"
    assert "--addon-name aws-ebs-csi-driver" in disks.fix
    assert "efs.csi.aws.com" in files.cause
    eks.group()
    eks.add_on("aws-ebs-csi-driver")
    (files,) = _problems(tmp_path, cluster=adopted)
    assert "efs.csi.aws.com" in files.cause, "the other is found, and used"
    by_chart = target(adopt_cluster=True, storage_drivers=(StorageDriver.EFS,))
    assert _problems(tmp_path, cluster=by_chart) == []
    lustre = LustreStorage(kind="lustre", zone=B, capacity=ByteSize.gib(4800), throughput=250)
    (lustres,) = _problems(tmp_path, cluster=target(adopt_cluster=True, shared_storage=lustre))
    assert "fsx.csi.aws.com" in lustres.cause


def test_b6_a_cluster_that_is_not_there_is_told_before_its_drivers(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, cluster=target(adopt_cluster=True))
    assert problem.field == "target.name"
    assert problem.cause == "EKS has no cluster prod in us-east-2, and adopt_cluster says that it exists"


def test_b6_whoever_may_not_ask_for_add_ons_may_go_on(tmp_path: Path) -> None:
    EksAccount(tmp_path).cluster()

    def seed(account: Account) -> None:
        deny(account, "eks:DescribeAddon")

    assert _problems(tmp_path, seed=seed, cluster=target(adopt_cluster=True)) == []
