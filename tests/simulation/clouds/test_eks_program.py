"""The EKS component as it is, made in a simulated account: AWS takes every resource, in the order given."""

# The SDK's mocks carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.rpc_manager import RPCManager
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from components.clusters.eks.cluster import EksClusterArgs, eks_cluster
from components.clusters.eks.settings import EfsStorage, EksTarget, LustreStorage, SharedStorage
from components.contracts.api_access import PublicAccess
from components.contracts.capacity import CapacityBlock, OnDemand, Reservation
from components.contracts.pools import CpuPool, GpuPool, NodePool
from components.networks.aws.settings import CreatedVpc
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import seed_reservation
from simulation.clouds.values import Object

from .eks_account import EksAccount

_ADMIN = "arn:aws:iam::111122223333:role/strata-deployer"
_ZONES = ("us-east-2a", "us-east-2b")
_SYSTEM = CpuPool(kind="cpu", name="system", instance_type="m7i.2xlarge", count=2, zones=_ZONES)


class _Runtime(Protocol):
    """What the SDK keeps of a run, also of one that failed."""

    rpc_manager: RPCManager
    outputs: set[object]


class _Engine(Mocks):
    """Hands every resource of AWS to the simulated provider."""

    def __init__(self, eks: EksAccount) -> None:
        self._aws = eks.aws
        self.refused: list[str] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[object, object]]:
        if not args.typ.startswith("aws:"):
            return f"{args.name}-id", args.inputs
        try:
            made = self._aws.create_named(args.typ, args.name, cast("Object", args.inputs))
        except Exception as error:
            self.refused.append(f"{args.typ} {args.name}: {error}")
            raise
        return made.identifier, cast("dict[object, object]", made.outputs)

    def call(self, args: MockCallArgs) -> tuple[dict[object, object], list[tuple[str, str]] | None]:
        return cast("dict[object, object]", self._aws.ask(args.token, **cast("Object", args.args))), None


def _target(storage: SharedStorage) -> EksTarget:
    return EksTarget(
        kind="eks",
        name="prod",
        region="us-east-2",
        kubernetes_version="1.35",
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=_ZONES),
        api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",)),
        admins=(_ADMIN,),
        shared_storage=storage,
    )


def _made(eks: EksAccount, target: EksTarget, *pools: NodePool) -> list[str]:
    """Make the cluster; what AWS refused."""
    engine = _Engine(eks)
    runtime = cast("_Runtime", SETTINGS)
    runtime.rpc_manager.clear()
    runtime.outputs.clear()
    # The SDK looks for the loop before there is one that runs.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    set_mocks(engine, preview=False)

    def program() -> None:
        eks_cluster("prod", EksClusterArgs(target=target, pools=pools))

    try:
        loop.run_until_complete(run_pulumi_func(program))
    except Exception:
        if not engine.refused:
            raise
    finally:
        loop.close()
        asyncio.set_event_loop(asyncio.new_event_loop())  # for programs of other tests
    return engine.refused


def _gpus(instance_type: str, capacity: OnDemand | Reservation | CapacityBlock, zone: str) -> GpuPool:
    return GpuPool(kind="gpu", name="gpus", instance_type=instance_type, count=2, zones=(zone,), capacity=capacity)


@pytest.fixture
def eks(tmp_path: Path) -> EksAccount:
    made = EksAccount(tmp_path)
    with made.aws.store.transaction() as account:
        account.seed(v.ROLE, "strata-deployer", {"name": "strata-deployer"}, {"arn": _ADMIN})
    return made


def test_a_cluster_with_efs_and_reserved_machines(eks: EksAccount) -> None:
    reserved = Reservation(kind="reservation", id="cr-0a1b2c3d4e5f60718")
    refused = _made(eks, _target(EfsStorage(kind="efs")), _gpus("p5.48xlarge", reserved, "us-east-2b"), _SYSTEM)
    assert refused == []
    assert {group: len(machines) for group, machines in eks.plane.groups.items()} == {"gpus": 2, "system": 2}
    assert {each.devices["vpc.amazonaws.com/efa"] for each in eks.plane.groups["gpus"]} == {32}
    assert set(eks.plane.drivers) == {"ebs.csi.aws.com", "efs.csi.aws.com"}


def test_a_cluster_with_lustre_over_efa(eks: EksAccount) -> None:
    lustre = LustreStorage(kind="lustre", zone="us-east-2b", capacity_gib=19200, throughput=250, efa=True)
    refused = _made(eks, _target(lustre), _gpus("p5.48xlarge", OnDemand(kind="on-demand"), "us-east-2b"), _SYSTEM)
    assert refused == []
    assert set(eks.plane.drivers) == {"ebs.csi.aws.com", "fsx.csi.aws.com"}


def test_a_cluster_without_efa_anywhere(eks: EksAccount) -> None:
    refused = _made(eks, _target(EfsStorage(kind="efs")), _SYSTEM)
    assert refused == []


def test_a_cluster_with_a_capacity_block(eks: EksAccount) -> None:
    with eks.aws.store.transaction() as account:
        seed_reservation(
            account, "cr-0b1c2d3e4f5061728", machine="p5en.48xlarge", zone="us-east-2b", count=2, block=True
        )
    block = CapacityBlock(
        kind="capacity-block", id="cr-0b1c2d3e4f5061728", ends=datetime(2027, 1, 1, 11, 30, tzinfo=UTC)
    )
    refused = _made(eks, _target(EfsStorage(kind="efs")), _gpus("p5en.48xlarge", block, "us-east-2b"), _SYSTEM)
    assert refused == []
    assert len(eks.plane.groups["gpus"]) == 2
