"""Wrong settings of an EKS cluster, one by one: each is refused with its field, before anything exists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.clusters.eks.rules import eks_problems
from components.clusters.eks.rules.network import service_range
from components.clusters.eks.settings import (
    EfsStorage,
    EksTarget,
    HostedZone,
    HostedZones,
    LustreStorage,
    Support,
)
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.pools import CpuPool, DriverOwner, GpuAdvertiser, GpuPool, NodePool, Taint
from components.contracts.quantities import ByteSize
from components.networks.aws.settings import CreatedVpc
from components.networks.nat import NatGateways

from .mistakes import (
    ADOPTED,
    BLOCK,
    GB200,
    MISTAKES,
    RESERVATION,
    RULES,
    Wrong,
    adopted,
    bought,
    cluster,
    gpus,
    transit,
)
from .pools import ZONES, gpu_pool, system_pool, target
from .storage_mistakes import STORAGE_MISTAKES, lustre

ALL_MISTAKES = {**MISTAKES, **STORAGE_MISTAKES}


@pytest.mark.parametrize("mistake", ALL_MISTAKES.values(), ids=ALL_MISTAKES)
def test_a_mistake_is_named_with_its_field_and_its_fix(mistake: Wrong) -> None:
    RULES.assert_refused(mistake)


CORRECT: dict[str, Callable[[], tuple[EksTarget, tuple[NodePool, ...]]]] = {
    "a VPC of its own": lambda: (target(), (system_pool(), gpu_pool())),
    "an adopted VPC": lambda: (cluster(network=ADOPTED), (system_pool(), gpu_pool())),
    "an adopted cluster with GPU pools only": lambda: (adopted(), (gpu_pool(),)),
    "extended support": lambda: (cluster(kubernetes_version="1.33", support=Support.EXTENDED), gpus()),
    "a private API server behind a transit gateway": lambda: (
        transit("10.0.0.0/8").model_copy(
            update={"api_access": PrivateAccess(kind="private", cidrs=("10.250.0.0/16",))}
        ),
        gpus(),
    ),
    "the internet through the transit gateway": lambda: (transit("0.0.0.0/0", nat=NatGateways.NONE), gpus()),
    "zones of one domain, a public and a private one": lambda: (
        cluster(
            dns=HostedZones(
                zones=(
                    HostedZone(id="Z0123456789ABCDEFGHIJ", domain="ai.example.com"),
                    HostedZone(id="Z0123456789ABCDEFGHIK", domain="ai.example.com"),
                )
            )
        ),
        gpus(),
    ),
    "a capacity block": lambda: (target(), bought(BLOCK)),
    "a reservation that two pools share": lambda: (
        target(),
        (*bought(RESERVATION), gpu_pool().model_copy(update={"name": "more", "capacity": RESERVATION})),
    ),
    "an UltraServer": lambda: (target(), bought(BLOCK, GB200, compute_domains=True, count=18)),
    "an UltraServer whose GPUs are claimed": lambda: (
        target(),
        bought(BLOCK, GB200, compute_domains=True, advertiser=GpuAdvertiser.DRA, count=18),
    ),
    "trays whose models fit one of them": lambda: (target(), bought(BLOCK, GB200, rdma=False, count=18)),
    "one EFA machine that may land in any zone": lambda: (target(), gpus("g6e.12xlarge", count=1, zones=ZONES)),
    "small GPUs in every zone": lambda: (target(), gpus("g6e.xlarge", zones=ZONES)),
    "Lustre over EFA": lambda: (lustre(efa=True), gpus()),
    "Arm nodes that ask for a toleration": lambda: (
        target(),
        (
            system_pool(),
            CpuPool(
                kind="cpu", name="arm", instance_type="m7g.2xlarge", count=1, zones=ZONES, taints=(Taint(key="arm"),)
            ),
        ),
    ),
    "pinned add-ons and images": lambda: (
        cluster(
            addon_versions={"vpc-cni": "v1.20.4-eksbuild.2", "kube-proxy": "v1.34.0-eksbuild.2"},
            node_release="1.35.2-20261101",
        ),
        gpus(),
    ),
    "labels and taints of one's own": lambda: (
        target(),
        gpus(labels={"example.com/team": "a"}, taints=(Taint(key="example.com/team", value="a"),)),
    ),
}


@pytest.mark.parametrize("name", CORRECT)
def test_what_works_is_let_through(name: str) -> None:
    RULES.assert_right(*CORRECT[name]())


def test_the_example_stack_has_no_problem(project: Path) -> None:
    RULES.assert_example_is_right(project, "aws")


def test_all_mistakes_come_at_once() -> None:
    wrong = cluster(
        kubernetes_version="1.29",
        admins=("arn:aws:iam::123456789012:root",),
        api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",)),
        shared_storage=LustreStorage(kind="lustre", zone="us-east-2b", capacity=ByteSize.gib(5000), throughput=250),
    )
    fields = {problem.field for problem in RULES.found(wrong, gpus(driver=DriverOwner.NONE, zones=("us-west-2a",)))}
    assert fields == {
        "target.kubernetes_version",
        "target.admins[0]",
        "target.api_access.cidrs[0]",
        "target.shared_storage.capacity",
        "target.shared_storage.zone",
        "node_pools[1].driver",
        "node_pools[1].zones[0]",
    }


def test_a_machine_that_the_catalog_does_not_know_is_left_to_the_check_that_refuses_it() -> None:
    RULES.assert_right(pools=gpus("p5.48xlagre"))


def test_a_good_version_today_is_refused_when_its_support_has_ended() -> None:
    last_day, day_after = datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)
    assert not list(eks_problems(target(), (system_pool(), gpu_pool()), last_day))
    (problem,) = eks_problems(target(), (system_pool(), gpu_pool()), day_after)
    assert problem.field == "target.kubernetes_version"


@pytest.mark.parametrize(("vpc", "services"), [("10.20.0.0/16", "172.20.0.0/16"), ("172.20.0.0/16", "10.100.0.0/16")])
def test_eks_keeps_the_addresses_of_services_out_of_the_vpc(vpc: str, services: str) -> None:
    created = CreatedVpc(kind="create", cidr=vpc, zones=ZONES)
    assert service_range(target().model_copy(update={"network": created})) == services
    own = target().model_copy(update={"network": created.model_copy(update={"services": "192.168.0.0/20"})})
    assert service_range(own) == "192.168.0.0/20"


def test_there_is_a_mistake_for_every_kind_of_shared_storage_and_capacity() -> None:
    assert isinstance(target().shared_storage, EfsStorage), "the correct cluster has to be the plain one"
    kinds = {pool.capacity.kind for mistake in MISTAKES.values() for pool in mistake.pools or RULES.pools}
    assert kinds == {"on-demand", "spot", "reservation", "capacity-block", "flex-start", "queued"}
    assert any(isinstance(pool, GpuPool) for mistake in MISTAKES.values() for pool in mistake.pools or RULES.pools)
