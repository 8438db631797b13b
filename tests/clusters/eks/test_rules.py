"""Wrong settings of an EKS cluster, one by one: each is refused with its field, before anything exists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.clusters.eks.rules import eks_problems
from components.clusters.eks.rules.network import service_range
from components.clusters.eks.settings import EfaLayout, EfsStorage, EksTarget, LustreStorage, Support
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import Capacity, CapacityBlock, FlexStart, Queued, Reservation, Spot
from components.contracts.errors import Problem
from components.contracts.pools import CpuPool, DriverOwner, GpuAdvertiser, GpuPool, NodePool, PoolRange, Taint
from components.contracts.quantities import Duration
from components.networks.aws.settings import AdoptedVpc, CreatedVpc, NatGateways, TransitAttachment
from stacks.reading import read_stack
from stacks.settings import Settings

from .pools import ZONES, gpu_pool, system_pool, target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BLOCK = CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=NOW + timedelta(days=14))
RESERVATION = Reservation(kind="reservation", id="cr-0123456789abcdef0")
ADMIN = "arn:aws:iam::123456789012:role/platform"
VPC = CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=ZONES)
ADOPTED = AdoptedVpc(
    kind="adopt",
    id="vpc-0123456789abcdef0",
    cidr="10.20.0.0/16",
    private_subnets={"us-east-2a": "subnet-0123456789abcdef0", "us-east-2b": "subnet-0123456789abcdef1"},
)
SYSTEM, GPU = 0, 1
"""Places of the pools in the settings."""


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One wrong setting, and what the problem has to say."""

    blamed: str
    said: str
    target: EksTarget = field(default_factory=target)
    pools: tuple[NodePool, ...] = (system_pool(), gpu_pool())


def cluster(**changes: object) -> EksTarget:
    return target().model_copy(update=changes)


def network(**changes: object) -> EksTarget:
    return cluster(network=VPC.model_copy(update=changes))


def adopted(**changes: object) -> EksTarget:
    return cluster(network=ADOPTED, adopt_cluster=True, **changes)


def transit(*routes: str, **changes: object) -> EksTarget:
    joined = TransitAttachment(gateway="tgw-0123456789abcdef0", routes=routes)
    return network(transit=joined, **changes)


def lustre(zone: str = "us-east-2a", capacity_gib: int = 4800, *, efa: bool = False) -> EksTarget:
    storage = LustreStorage(kind="lustre", zone=zone, capacity_gib=capacity_gib, throughput=1000, efa=efa)
    return cluster(shared_storage=storage)


def gpus(instance_type: str = "p5.48xlarge", **changes: object) -> tuple[NodePool, ...]:
    return system_pool(), gpu_pool(instance_type).model_copy(update=changes)


def bought(capacity: Capacity, instance_type: str = "p5.48xlarge", **changes: object) -> tuple[NodePool, ...]:
    return gpus(instance_type, capacity=capacity, **changes)


def system(**changes: object) -> tuple[NodePool, ...]:
    return system_pool().model_copy(update=changes), gpu_pool()


GB200 = "p6e-gb200.36xlarge"
MISTAKES: dict[str, Mistake] = {
    # The control plane.
    "a version that EKS does not offer": Mistake(
        blamed="target.kubernetes_version", said="does not offer", target=cluster(kubernetes_version="1.29")
    ),
    "a version that does not exist yet": Mistake(
        blamed="target.kubernetes_version", said="use one of", target=cluster(kubernetes_version="1.99")
    ),
    "a version out of standard support": Mistake(
        blamed="target.kubernetes_version", said="2026-07-29", target=cluster(kubernetes_version="1.33")
    ),
    "a node image of another minor version": Mistake(
        blamed="target.node_release", said="another minor version", target=cluster(node_release="1.34.2-20261101")
    ),
    "a node image of a day that is none": Mistake(
        blamed="target.node_release", said="20261341", target=cluster(node_release="1.35.2-20261341")
    ),
    "a node image of the future": Mistake(
        blamed="target.node_release", said="no image was released", target=cluster(node_release="1.35.2-20270101")
    ),
    "an unknown add-on": Mistake(
        blamed="target.addon_versions.vpc-cnl",
        said="did you mean 'vpc-cni'?",
        target=cluster(addon_versions={"vpc-cnl": "v1.20.4-eksbuild.2"}),
    ),
    "an add-on that is not installed": Mistake(
        blamed="target.addon_versions.aws-fsx-csi-driver",
        said="shared_storage.kind: efs",
        target=cluster(addon_versions={"aws-fsx-csi-driver": "v1.8.0-eksbuild.1"}),
    ),
    "an add-on version without its build": Mistake(
        blamed="target.addon_versions.coredns", said="v1.11.4", target=cluster(addon_versions={"coredns": "v1.11.4"})
    ),
    "a network plugin older than EFA-only interfaces": Mistake(
        blamed="target.addon_versions.vpc-cni",
        said="v1.18.4",
        target=cluster(addon_versions={"vpc-cni": "v1.18.3-eksbuild.3"}),
    ),
    "a kube-proxy newer than the control plane": Mistake(
        blamed="target.addon_versions.kube-proxy",
        said="never newer",
        target=cluster(addon_versions={"kube-proxy": "v1.36.0-eksbuild.1"}),
    ),
    "an adopted cluster in a new VPC": Mistake(
        blamed="target.network.kind", said="could not reach the control plane", target=cluster(adopt_cluster=True)
    ),
    "a key for an adopted cluster": Mistake(
        blamed="target.kms_key",
        said="would be ignored",
        target=adopted(kms_key="arn:aws:kms:us-east-2:123456789012:key/1"),
    ),
    "extended support for an adopted cluster": Mistake(
        blamed="target.support", said="would be ignored", target=adopted(support=Support.EXTENDED)
    ),
    # Identities.
    "an administrator twice": Mistake(blamed="target.admins[1]", said="already", target=cluster(admins=(ADMIN, ADMIN))),
    "a session as administrator": Mistake(
        blamed="target.admins[0]",
        said="arn:aws:iam::123456789012:role/platform",
        target=cluster(admins=("arn:aws:sts::123456789012:assumed-role/platform/jane",)),
    ),
    "a pattern of administrators": Mistake(
        blamed="target.admins[0]",
        said="letter by letter",
        target=cluster(admins=("arn:aws:iam::123456789012:role/platform-*",)),
    ),
    "a service-linked role as administrator": Mistake(
        blamed="target.admins[0]",
        said="service-linked",
        target=cluster(admins=("arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRole",)),
    ),
    "the account's root as administrator": Mistake(
        blamed="target.admins[0]",
        said="neither an IAM role nor a user",
        target=cluster(admins=("arn:aws:iam::123456789012:root",)),
    ),
    "the nodes' role as administrator": Mistake(
        blamed="target.admins[0]", said="role of the nodes", target=cluster(node_role=ADMIN)
    ),
    "a user as the control plane's role": Mistake(
        blamed="target.cluster_role",
        said="not an IAM role",
        target=cluster(cluster_role="arn:aws:iam::123456789012:user/eks"),
    ),
    "a key as the nodes' role": Mistake(
        blamed="target.node_role",
        said="not an IAM role",
        target=cluster(node_role="arn:aws:kms:us-east-2:123456789012:key/1"),
    ),
    "a key of another region": Mistake(
        blamed="target.kms_key",
        said="no KMS key in us-east-2",
        target=cluster(kms_key="arn:aws:kms:us-east-1:123456789012:key/1"),
    ),
    "a region of another partition": Mistake(
        blamed="target.region", said="partition", target=cluster(region="us-gov-west-1")
    ),
    # The network.
    "a VPC that is too small": Mistake(
        blamed="target.network.cidr", said="10.20.0.0/16", target=network(cidr="10.20.48.0/24")
    ),
    "a VPC that is too large": Mistake(
        blamed="target.network.cidr", said="/16 to /28", target=network(cidr="10.0.0.0/8")
    ),
    "a VPC of public addresses": Mistake(
        blamed="target.network.cidr", said="public addresses", target=network(cidr="8.8.0.0/16")
    ),
    "a VPC on a range of AWS's own": Mistake(
        blamed="target.network.cidr", said="172.17.0.0/16", target=network(cidr="172.17.0.0/16")
    ),
    "an adopted VPC of an impossible size": Mistake(
        blamed="target.network.cidr",
        said="not what the VPC has",
        target=cluster(network=ADOPTED.model_copy(update={"cidr": "10.0.0.0/8"})),
    ),
    "one zone, twice": Mistake(
        blamed="target.network.zones", said="two availability zones", target=network(zones=(ZONES[0], ZONES[0]))
    ),
    "a zone twice": Mistake(blamed="target.network.zones[2]", said="already", target=network(zones=(*ZONES, ZONES[0]))),
    "a zone of another region": Mistake(
        blamed="target.network.zones[2]", said="no zone of us-east-2", target=network(zones=(*ZONES, "us-west-2a"))
    ),
    "a local zone": Mistake(
        blamed="target.network.zones[2]", said="local zone", target=network(zones=(*ZONES, "us-east-2-chi-1a"))
    ),
    "one adopted subnet for two zones": Mistake(
        blamed="target.network.private_subnets.us-east-2b",
        said="two of them",
        target=cluster(
            network=ADOPTED.model_copy(update={"private_subnets": dict.fromkeys(ZONES, "subnet-0123456789abcdef0")})
        ),
    ),
    "a route into the VPC itself": Mistake(
        blamed="target.network.transit.routes[0]", said="of the VPC", target=transit("10.20.128.0/20")
    ),
    "a route to the addresses of services": Mistake(
        blamed="target.network.transit.routes[1]",
        said="Kubernetes services",
        target=transit("10.250.0.0/16", "172.20.8.0/24"),
    ),
    "a route twice": Mistake(
        blamed="target.network.transit.routes[1]", said="already", target=transit("10.250.0.0/16", "10.250.0.0/16")
    ),
    "two ways to the internet": Mistake(
        blamed="target.network.transit.routes[0]", said="nat: none", target=transit("0.0.0.0/0")
    ),
    "nodes that outgrow their subnets": Mistake(
        blamed="target.network.cidr",
        said="pool h100",
        target=network(cidr="10.20.0.0/20"),
        pools=gpus(count=12),
    ),
    "interfaces that eat the addresses": Mistake(
        blamed="target.network.cidr",
        said="the subnet of us-east-2a has 512 addresses",
        target=network(cidr="10.20.0.0/19").model_copy(update={"efa_layout": EfaLayout.BANDWIDTH_OPTIMISED}),
        pools=gpus(count=18),
    ),
    "an API server open to everyone": Mistake(
        blamed="target.api_access.cidrs[0]",
        said="everyone",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",))),
    ),
    "an API server in an adopted VPC open to everyone": Mistake(
        blamed="target.api_access.cidrs[0]",
        said="everyone",
        target=cluster(network=ADOPTED, api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",))),
    ),
    "private addresses on the internet": Mistake(
        blamed="target.api_access.cidrs[0]",
        said="private network",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("10.0.0.0/8",))),
    ),
    "a network that may connect twice": Mistake(
        blamed="target.api_access.cidrs[1]",
        said="already",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24", "198.51.100.0/24"))),
    ),
    "a private API server that nothing is joined to": Mistake(
        blamed="target.api_access",
        said="joined to no other",
        target=cluster(api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",))),
    ),
    "a private API server that lets nobody in": Mistake(
        blamed="target.api_access.cidrs",
        said="such as 10.250.0.0/16",
        target=transit("10.250.0.0/16").model_copy(update={"api_access": PrivateAccess(kind="private")}),
    ),
    "a private network without a way back": Mistake(
        blamed="target.api_access.cidrs[0]",
        said="no route leads back",
        target=transit("10.250.0.0/16").model_copy(
            update={"api_access": PrivateAccess(kind="private", cidrs=("10.251.0.0/16",))}
        ),
    ),
    # Pools: machines and capacity.
    "a machine of another cloud": Mistake(
        blamed="node_pools[1].instance_type", said="a machine of gcp", pools=gpus("a3-highgpu-8g")
    ),
    "flex-start": Mistake(
        blamed="node_pools[1].capacity.kind", said="not sold by AWS", pools=bought(FlexStart(kind="flex-start"))
    ),
    "a queue": Mistake(
        blamed="node_pools[1].capacity.kind", said="not sold by AWS", pools=bought(Queued(kind="queued"))
    ),
    "flex-start for a month": Mistake(
        blamed="node_pools[1].capacity.longest_run",
        said="7 days",
        pools=bought(FlexStart(kind="flex-start", longest_run=Duration(30 * 86_400))),
    ),
    "a reservation by a name of Google's": Mistake(
        blamed="node_pools[1].capacity.id",
        said="no capacity reservation of EC2",
        pools=bought(Reservation(kind="reservation", id="projects/p/reservations/r")),
    ),
    "a reservation in two zones": Mistake(
        blamed="node_pools[1].zones", said="in one zone", pools=bought(RESERVATION, "g6e.xlarge", zones=ZONES)
    ),
    "a block in two zones": Mistake(blamed="node_pools[1].zones", said="in one zone", pools=bought(BLOCK, zones=ZONES)),
    "a reservation for two types": Mistake(
        blamed="node_pools[2].capacity.id",
        said="machines of one type",
        pools=(*bought(RESERVATION), gpu_pool("p5en.48xlarge").model_copy(update={"capacity": RESERVATION})),
    ),
    "a block of machines that are not sold in blocks": Mistake(
        blamed="node_pools[1].capacity.kind", said="no capacity blocks of", pools=bought(BLOCK, "g6e.48xlarge")
    ),
    "a block that has ended": Mistake(
        blamed="node_pools[1].capacity.ends",
        said="ended at 2026-11-20T11:30",
        pools=bought(BLOCK.model_copy(update={"ends": NOW - timedelta(minutes=30)})),
    ),
    "a block that is about to end": Mistake(
        blamed="node_pools[1].capacity.ends",
        said="less than 40 minutes",
        pools=bought(BLOCK.model_copy(update={"ends": NOW + timedelta(minutes=35)})),
    ),
    "a block that lasts for years": Mistake(
        blamed="node_pools[1].capacity.ends",
        said="no block lasts that long",
        pools=bought(BLOCK.model_copy(update={"ends": NOW + timedelta(days=400)})),
    ),
    "more nodes than a block holds": Mistake(
        blamed="node_pools[1].count", said="64 machines", pools=bought(BLOCK, count=65)
    ),
    "an UltraServer on demand": Mistake(
        blamed="node_pools[1].capacity.kind",
        said="capacity blocks only",
        pools=gpus(GB200, advertiser=GpuAdvertiser.DRA),
    ),
    "spot machines that may not be deleted": Mistake(
        blamed="node_pools[1].protect", said="taken away", pools=bought(Spot(kind="spot"), protect=True)
    ),
    # Pools: numbers and places.
    "a pool that nobody scales": Mistake(
        blamed="node_pools[0].autoscaled",
        said="nobody is said to run a cluster autoscaler",
        target=cluster(has_autoscaler=False),
        pools=system(autoscaled=PoolRange(minimum=1, maximum=4)),
    ),
    "a minimum above the maximum": Mistake(
        blamed="node_pools[0].autoscaled.minimum",
        said="at most 4",
        pools=system(autoscaled=PoolRange(minimum=5, maximum=4)),
    ),
    "a count outside the autoscaler's range": Mistake(
        blamed="node_pools[0].count", said="from 3 to 9", pools=system(autoscaled=PoolRange(minimum=3, maximum=9))
    ),
    "a zone without a subnet": Mistake(
        blamed="node_pools[1].zones[0]", said="us-east-2a or us-east-2b", pools=gpus(zones=("us-east-2c",))
    ),
    "the default zone of local clusters": Mistake(
        blamed="node_pools[1].zones[0]", said="zone-a", pools=gpus(zones=("zone-a",))
    ),
    "a zone twice in a pool": Mistake(
        blamed="node_pools[0].zones[2]", said="already", pools=system(zones=(*ZONES, ZONES[0]))
    ),
    "EFA across zones": Mistake(blamed="node_pools[1].zones", said="efa does not reach", pools=gpus(zones=ZONES)),
    "EFA across zones once it has grown": Mistake(
        blamed="node_pools[1].zones",
        said="4 nodes",
        pools=gpus(zones=ZONES, count=1, autoscaled=PoolRange(minimum=1, maximum=4)),
    ),
    "more trays than an NVLink domain": Mistake(
        blamed="node_pools[1].count",
        said="18 share an NVLink domain",
        pools=bought(BLOCK, GB200, advertiser=GpuAdvertiser.DRA, count=19),
    ),
    "nothing for CoreDNS to run on": Mistake(blamed="node_pools", said="CoreDNS", pools=(gpu_pool(),)),
    "x86 and Arm for the same pods": Mistake(
        blamed="node_pools[1].instance_type",
        said="exec format error",
        pools=(system_pool(), system_pool().model_copy(update={"name": "arm", "instance_type": "m7g.2xlarge"})),
    ),
    # Pools: who owns the GPUs.
    "no driver": Mistake(blamed="node_pools[1].driver", said="for CPU pools", pools=gpus(driver=DriverOwner.NONE)),
    "a driver of the platform's": Mistake(
        blamed="node_pools[1].driver", said="does not exist on EKS", pools=gpus(driver=DriverOwner.PLATFORM)
    ),
    "a driver of the GPU operator's": Mistake(
        blamed="node_pools[1].driver", said="Amazon Linux 2023", pools=gpus(driver=DriverOwner.GPU_OPERATOR)
    ),
    "DRA on a Kubernetes without it": Mistake(
        blamed="node_pools[1].advertiser",
        said="1.34",
        target=cluster(kubernetes_version="1.33", support=Support.EXTENDED),
        pools=gpus(advertiser=GpuAdvertiser.DRA),
    ),
    "a rack of NVLink behind the device plugin": Mistake(
        blamed="node_pools[1].advertiser", said="IMEX", pools=bought(BLOCK, GB200)
    ),
    # Pools: labels and taints.
    "a label of Kubernetes": Mistake(
        blamed="node_pools[0].labels.node-role.kubernetes.io/system",
        said="example.com/system",
        pools=system(labels={"node-role.kubernetes.io/system": ""}),
    ),
    "a label of EKS": Mistake(
        blamed="node_pools[0].labels.eks.amazonaws.com/tier",
        said="reserved",
        pools=system(labels={"eks.amazonaws.com/tier": "a"}),
    ),
    "a label of Strata": Mistake(
        blamed="node_pools[0].labels.strata.dev/pool",
        said="set by Strata itself",
        pools=system(labels={"strata.dev/pool": "other"}),
    ),
    "a label that GPU nodes carry anyway": Mistake(
        blamed="node_pools[1].labels.nvidia.com/gpu.present",
        said="set by Strata itself",
        pools=gpus(labels={"nvidia.com/gpu.present": "false"}),
    ),
    "a taint of Kubernetes": Mistake(
        blamed="node_pools[1].taints[0].key",
        said="reserved",
        pools=gpus(taints=(Taint(key="node.kubernetes.io/not-ready"),)),
    ),
    "a taint twice": Mistake(
        blamed="node_pools[1].taints[1]",
        said="one taint for each key and effect",
        pools=gpus(taints=(Taint(key="team", value="a"), Taint(key="team", value="b"))),
    ),
    "the taint of GPU nodes once more": Mistake(
        blamed="node_pools[1].taints[0]", said="already", pools=gpus(taints=(Taint(key="nvidia.com/gpu", value="yes"),))
    ),
    "more taints than EKS takes": Mistake(
        blamed="node_pools[1].taints",
        said="51 taints, with those of Strata",
        pools=gpus(taints=tuple(Taint(key=f"taint-{place}") for place in range(50))),
    ),
    "a taint with a long prefix": Mistake(
        blamed="node_pools[1].taints[0].key",
        said="63",
        pools=gpus(taints=(Taint(key=f"{'a' * 60}.example/team"),)),
    ),
    # Shared files.
    "a size of Lustre that is not sold": Mistake(
        blamed="target.shared_storage.capacity_gib", said="use 7200", target=lustre(capacity_gib=5000)
    ),
    "a size of Lustre that is not sold with EFA": Mistake(
        blamed="target.shared_storage.capacity_gib",
        said="multiples of 4800",
        target=lustre(capacity_gib=7200, efa=True),
    ),
    "Lustre outside the network": Mistake(
        blamed="target.shared_storage.zone", said="no subnet", target=lustre(zone="us-east-2c")
    ),
    "Lustre away from the GPUs": Mistake(
        blamed="target.shared_storage.zone", said="no GPU pool", target=lustre(zone="us-east-2b")
    ),
    "Lustre over EFA for machines without": Mistake(
        blamed="target.shared_storage.efa", said="fall back to TCP", target=lustre(efa=True), pools=gpus("g6e.xlarge")
    ),
}


def found(cluster: EksTarget, pools: Iterable[NodePool]) -> list[Problem]:
    return list(eks_problems(cluster, tuple(pools), NOW))


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_field_and_mended(mistake: Mistake) -> None:
    problems = found(mistake.target, mistake.pools)
    blamed = [problem for problem in problems if problem.field == mistake.blamed]
    assert any(mistake.said in str(problem) for problem in blamed), [str(problem) for problem in problems]
    for problem in problems:
        assert problem.cause
        assert problem.consequence
        assert problem.fix


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
    "a capacity block": lambda: (target(), bought(BLOCK)),
    "a reservation that two pools share": lambda: (
        target(),
        (*bought(RESERVATION), gpu_pool().model_copy(update={"name": "more", "capacity": RESERVATION})),
    ),
    "an UltraServer": lambda: (target(), bought(BLOCK, GB200, advertiser=GpuAdvertiser.DRA, count=18)),
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
    assert [str(problem) for problem in found(*CORRECT[name]())] == []


def test_the_example_stack_has_no_problem() -> None:
    settings = read_stack(Path(__file__).parents[3], "aws").settings
    assert isinstance(settings, Settings)
    assert isinstance(settings.target, EksTarget)
    assert [str(problem) for problem in found(settings.target, settings.node_pools)] == []


def test_all_mistakes_come_at_once() -> None:
    wrong = cluster(
        kubernetes_version="1.29",
        admins=("arn:aws:iam::123456789012:root",),
        api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",)),
        shared_storage=LustreStorage(kind="lustre", zone="us-east-2b", capacity_gib=5000, throughput=250),
    )
    fields = {problem.field for problem in found(wrong, gpus(driver=DriverOwner.NONE, zones=("us-west-2a",)))}
    assert fields == {
        "target.kubernetes_version",
        "target.admins[0]",
        "target.api_access.cidrs[0]",
        "target.shared_storage.capacity_gib",
        "target.shared_storage.zone",
        "node_pools[1].driver",
        "node_pools[1].zones[0]",
    }


def test_a_machine_that_the_catalog_does_not_know_is_left_to_the_check_that_refuses_it() -> None:
    assert found(target(), gpus("p5.48xlagre")) == []


def test_a_good_version_today_is_refused_when_its_support_has_ended() -> None:
    last_day, day_after = datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)
    assert not list(eks_problems(target(), (system_pool(), gpu_pool()), last_day))
    (problem,) = eks_problems(target(), (system_pool(), gpu_pool()), day_after)
    assert problem.field == "target.kubernetes_version"


@pytest.mark.parametrize(("vpc", "services"), [("10.20.0.0/16", "172.20.0.0/16"), ("172.20.0.0/16", "10.100.0.0/16")])
def test_eks_keeps_the_addresses_of_services_out_of_the_vpc(vpc: str, services: str) -> None:
    assert service_range(vpc) == services


def test_there_is_a_mistake_for_every_kind_of_shared_storage_and_capacity() -> None:
    assert isinstance(target().shared_storage, EfsStorage), "the correct cluster has to be the plain one"
    kinds = {pool.capacity.kind for mistake in MISTAKES.values() for pool in mistake.pools}
    assert kinds == {"on-demand", "spot", "reservation", "capacity-block", "flex-start", "queued"}
    assert any(isinstance(pool, GpuPool) for mistake in MISTAKES.values() for pool in mistake.pools)
