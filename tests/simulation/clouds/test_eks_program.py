"""The EKS component as it is, made in a simulated account: which machines and drivers come of it, and when they go."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.clusters.eks.settings import EfsStorage, EksTarget, GroupAccess, LustreStorage, SharedStorage
from components.contracts.api_access import PublicAccess
from components.contracts.capacity import Capacity, CapacityBlock, OnDemand, Reservation
from components.contracts.pools import CpuPool, GpuPool, NodePool
from components.contracts.quantities import ByteSize
from components.networks.aws.args import vpc_of
from components.networks.aws.settings import CreatedVpc
from components.networks.aws.vpc import Vpc, VpcArgs
from components.networks.nat import NatGateways
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import RESERVATION, seed_reservation
from simulation.provider.values import text, texts, whole
from tests.simulation.clouds.aws_account import AwsAccount
from tests.simulation.clouds.aws_program import recorded, recorded_cluster
from tests.simulation.clouds.recording import Recorder

_ZONES = ("us-east-2a", "us-east-2b")
_EFS = EfsStorage(kind="efs")
_SYSTEM = CpuPool(kind="cpu", name="system", instance_type="m7i.2xlarge", count=2, zones=_ZONES)
_BLOCK = "cr-0b1c2d3e4f5061728"


def _target(storage: SharedStorage) -> EksTarget:
    return EksTarget(
        kind="eks",
        name="prod",
        region="us-east-2",
        kubernetes_version="1.35",
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=_ZONES),
        api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",)),
        admins=("arn:aws:iam::111122223333:role/strata-deployer",),
        shared_storage=storage,
    )


def _gpus(instance_type: str, capacity: Capacity) -> GpuPool:
    return GpuPool(
        kind="gpu", name="gpus", instance_type=instance_type, count=2, zones=("us-east-2b",), capacity=capacity
    )


def _made(folder: Path, storage: SharedStorage, *pools: NodePool) -> Recorder:
    recorder = recorded_cluster(folder, _target(storage), pools)
    assert recorder.problems == []
    return recorder


def _in_a_block(folder: Path, ends: datetime, *, starts: datetime | None = None, state: str = "active") -> Recorder:
    with AwsAccount(folder).store.transaction() as account:
        seed_reservation(account, _BLOCK, machine="p5en.48xlarge", zone="us-east-2b", count=2, block=True, state=state)
    block = CapacityBlock(kind="capacity-block", id=_BLOCK, starts=starts, ends=ends)
    return recorded_cluster(folder, _target(_EFS), [_gpus("p5en.48xlarge", block), _SYSTEM])


def test_reserved_machines_have_all_their_efa_devices(tmp_path: Path) -> None:
    plane = _made(tmp_path, _EFS, _gpus("p5.48xlarge", Reservation(kind="reservation", id=RESERVATION)), _SYSTEM).plane
    assert {group: len(machines) for group, machines in plane.groups.items()} == {"gpus": 2, "system": 2}
    assert {machine.devices["vpc.amazonaws.com/efa"] for machine in plane.groups["gpus"]} == {32}


def test_a1_nodes_join(tmp_path: Path) -> None:
    assert recorded_cluster(tmp_path, _target(_EFS), [_SYSTEM]).problems == []


def test_b19_a_team_s_entry_has_groups_and_no_policy(tmp_path: Path) -> None:
    team = GroupAccess(principal="arn:aws:iam::111122223333:role/platform-engineers", groups=("search-engineers",))
    made = recorded_cluster(tmp_path, _target(_EFS).model_copy(update={"group_access": (team,)}), [_SYSTEM])
    assert made.problems == []
    groups = {text(entry, "principalArn"): texts(entry, "kubernetesGroups") for entry in made.sent[v.ACCESS_ENTRY]}
    assert groups[team.principal] == ["search-engineers"]
    admins = {text(policy, "principalArn") for policy in made.sent[v.ACCESS_POLICY]}
    assert admins == {"arn:aws:iam::111122223333:role/strata-deployer"}


def test_each_kind_of_shared_storage_has_its_driver(tmp_path: Path) -> None:
    lustre = LustreStorage(kind="lustre", zone="us-east-2b", capacity=ByteSize.gib(19200), throughput=250, efa=True)
    over_efa = _made(tmp_path / "lustre", lustre, _gpus("p5.48xlarge", OnDemand()), _SYSTEM)
    assert set(over_efa.plane.drivers) == {"ebs.csi.aws.com", "fsx.csi.aws.com"}
    without_efa = _made(tmp_path / "efs", _EFS, _SYSTEM)
    assert set(without_efa.plane.drivers) == {"ebs.csi.aws.com", "efs.csi.aws.com"}


@pytest.mark.parametrize("efa", [False, True])
def test_b4_lustre_and_the_nodes_reach_each_other_in_both_directions(tmp_path: Path, *, efa: bool) -> None:
    lustre = LustreStorage(kind="lustre", zone="us-east-2b", capacity=ByteSize.gib(19200), throughput=250, efa=efa)
    made = _made(tmp_path, lustre, _gpus("p5.48xlarge", OnDemand()), _SYSTEM)
    (files,) = made.sent[v.LUSTRE]
    (servers,) = texts(files, "securityGroupIds")
    wanted = {("-1", 0, 0)} if efa else {("tcp", 988, 988), ("tcp", 1018, 1023)}
    for kind in (v.INGRESS_RULE, v.EGRESS_RULE):
        rules = made.sent[kind]
        with_clients = {
            text(rule, "referencedSecurityGroupId") for rule in rules if text(rule, "securityGroupId") == servers
        } - {servers}
        assert len(with_clients) == 2, "the cluster's group, and the one of EFA"
        mirrored: dict[str, set[tuple[str, int, int]]] = {}
        for rule in rules:
            if text(rule, "referencedSecurityGroupId") == servers != text(rule, "securityGroupId"):
                opened = (text(rule, "ipProtocol"), whole(rule, "fromPort"), whole(rule, "toPort"))
                mirrored.setdefault(text(rule, "securityGroupId"), set()).add(opened)
        assert mirrored == dict.fromkeys(with_clients, wanted), kind


def test_machines_of_a_capacity_block_come_and_their_leaving_is_scheduled(tmp_path: Path) -> None:
    ends = (datetime.now(UTC) + timedelta(days=7)).replace(hour=11, minute=30, second=0, microsecond=0)
    recorder = _in_a_block(tmp_path, ends)
    assert recorder.problems == []
    assert len(recorder.plane.groups["gpus"]) == 2
    (action,) = recorder.sent[v.SCHEDULE]
    assert str(action["autoscalingGroupName"]).startswith("eks-gpus-")
    assert action["startTime"] == f"{ends:%Y-%m-%d}T10:50:00Z", "EC2 ends the machines from 11:00 on"
    assert (action["minSize"], action["desiredCapacity"]) == (0, 0)
    assert action["maxSize"] == -1, "left out it would become 0, which no node group has"


def test_b2_a_pool_may_be_declared_before_its_block_begins(tmp_path: Path) -> None:
    starts = (datetime.now(UTC) + timedelta(days=2)).replace(hour=11, minute=30, second=0, microsecond=0)
    ends = starts + timedelta(days=7)
    recorder = _in_a_block(tmp_path / "empty", ends, starts=starts, state="scheduled")
    assert recorder.problems == []
    assert not recorder.plane.groups.get("gpus")
    sizes = {text(action, "startTime"): whole(action, "desiredCapacity") for action in recorder.sent[v.SCHEDULE]}
    assert sizes == {f"{starts:%Y-%m-%dT%H:%M:%SZ}": 2, f"{ends - timedelta(minutes=40):%Y-%m-%dT%H:%M:%SZ}": 0}


def test_nothing_is_scheduled_for_machines_that_stay(tmp_path: Path) -> None:
    made = _made(tmp_path, _EFS, _gpus("p5.48xlarge", Reservation(kind="reservation", id=RESERVATION)), _SYSTEM).made
    assert v.SCHEDULE not in made


def test_a_block_that_is_almost_over_is_refused_where_the_rules_were_not_asked(tmp_path: Path) -> None:
    (problem,) = _in_a_block(tmp_path, datetime.now(UTC) + timedelta(minutes=30)).problems
    assert "creating Auto Scaling Scheduled Action" in problem
    assert "PutScheduledUpdateGroupAction" in problem
    assert "ValidationError: Given start time is in the past" in problem


@pytest.mark.parametrize("nat", list(NatGateways))
def test_nodes_wait_for_all_of_their_way_out_and_go_before_it(tmp_path: Path, nat: NatGateways) -> None:
    settings = CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=_ZONES, nat=nat)
    made: list[Vpc] = []
    recorder = recorded(
        tmp_path, lambda: made.append(Vpc("prod", VpcArgs(region="us-east-2", network=vpc_of(settings))))
    )
    assert recorder.problems == []
    awaited = Counter(type(question).__name__ for question in made[0].routed)
    public = {NatGateways.NONE: 0, NatGateways.SINGLE: 1, NatGateways.PER_ZONE: 2}[nat]
    assert awaited["RouteTableAssociation"] == len(_ZONES) + public, "a subnet without its table has no way out"
    assert awaited["SecurityGroupIngressRule"] == (nat is NatGateways.NONE), "endpoints let nobody in without it"
