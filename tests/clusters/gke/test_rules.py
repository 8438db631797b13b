"""Wrong settings of a GKE cluster, one by one: each is refused with its field, before anything exists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import TypeAdapter, ValidationError

from components.clusters.gke.rules import gke_problems
from components.clusters.gke.rules.network import slice_prefix
from components.clusters.gke.settings import (
    ApiEndpoint,
    BucketStorage,
    FilestoreStorage,
    FilestoreTier,
    GkeTarget,
    GpuNetworks,
    HyperdiskMlStorage,
    LustreStorage,
    Member,
    ReleaseChannel,
    SharedStorage,
    Support,
)
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.gpu_sharing import Mig, MigStrategy, Mps
from components.contracts.machines import MachineNumbers
from components.contracts.pools import DriverOwner, GpuAdvertiser, GpuPool, NodePool, PoolRange, Taint
from components.contracts.quantities import ByteSize, Duration
from components.networks.gcp.settings import AdoptedVpc, CreatedVpc, NamedRange
from tests.mistakes import Mistake, Rules

from .pools import NETWORK, ZONES, gpu_pool, system_pool, target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADOPTED = AdoptedVpc(
    kind="adopt",
    zones=ZONES,
    network="company",
    subnet="gke",
    nodes="10.30.0.0/20",
    pods=NamedRange(name="pods", cidr="10.32.0.0/14"),
    services=NamedRange(name="services", cidr="10.36.0.0/20"),
)
L40S = MachineNumbers(cpus=48, memory=ByteSize.gib(384), gpu="L40S", gpus=4)
RESERVATION = Reservation(kind="reservation", id="gpus")
ELSEWHERE = Reservation(kind="reservation", id="gpus-b")
FROM_ZERO = PoolRange(minimum=0, maximum=4)
RULES = Rules(
    problems=lambda cluster, pools: gke_problems(cluster, pools, NOW),
    target=target(),
    pools=(system_pool(), gpu_pool()),
)
Wrong: TypeAlias = Mistake[GkeTarget]
cluster, gpus, bought, system = RULES.cluster, RULES.gpus, RULES.bought, RULES.cpus
network = partial(RULES.part, "network")
adopted = partial(cluster, network=ADOPTED, adopt_cluster=True, control_plane_cidr=None)


def stored(storage: SharedStorage) -> GkeTarget:
    return cluster(shared_storage=storage)


MISTAKES: dict[str, Wrong] = {
    "MPS of GKE": Wrong(blamed="node_pools[1].sharing.kind", said="hostIPC", pools=gpus(sharing=Mps(replicas=4))),
    "partitions by their name": Wrong(
        blamed="node_pools[1].sharing.strategy",
        said="write strategy: single",
        pools=gpus(sharing=Mig(profile="1g.10gb", strategy=MigStrategy.MIXED)),
    ),
    "a partition of another GPU": Wrong(
        blamed="node_pools[1].sharing.profile", said="has no partition", pools=gpus(sharing=Mig(profile="1g.18gb"))
    ),
    "a size that GKE cuts smaller": Wrong(
        blamed="node_pools[1].sharing.profile",
        said="use one of 1g.5gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb",
        pools=gpus("a2-highgpu-1g", sharing=Mig(profile="1g.10gb")),
    ),
    "a size that GKE does not know": Wrong(
        blamed="node_pools[1].sharing.profile",
        said="GKE does not cut 1g.70gb",
        pools=gpus("a4x-maxgpu-4g-metal", sharing=Mig(profile="1g.70gb")),
    ),
    "machines without their cards": Wrong(
        blamed="node_pools[1].rdma", said="GPU networks of a machine", pools=gpus(rdma=False)
    ),
    # The control plane.
    "a zone of another region": Wrong(
        blamed="target.network.zones[1]",
        said="not a zone of us-central1",
        target=network(zones=("us-central1-a", "us-east4-b")),
    ),
    "a version nobody offers": Wrong(
        blamed="target.kubernetes_version", said="older than", target=cluster(kubernetes_version="1.27")
    ),
    "networks for a DNS endpoint, which looks at none": Wrong(
        blamed="target.api_access.cidrs",
        said="admits identities",
        target=cluster(api_endpoint=ApiEndpoint.DNS, control_plane_cidr=None),
    ),
    "a range for a control plane that is reached by name": Wrong(
        blamed="target.control_plane_cidr",
        said="DNS endpoint",
        target=cluster(api_endpoint=ApiEndpoint.DNS, api_access=PrivateAccess(kind="private")),
    ),
    "a private API in a VPC that is joined to nothing": Wrong(
        blamed="target.api_access", said="joined to no other", target=network(hub=None)
    ),
    "a public API that is open to everyone": Wrong(
        blamed="target.api_access.cidrs[0]",
        said="lets everyone in",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",))),
    ),
    "an adopted cluster in a new VPC": Wrong(
        blamed="target.network.kind", said="no node is in", target=cluster(adopt_cluster=True, control_plane_cidr=None)
    ),
    "a release channel besides that of extended support": Wrong(
        blamed="target.release_channel",
        said="extended support is a release channel of its own, and this is RAPID",
        target=cluster(release_channel=ReleaseChannel.RAPID, support=Support.EXTENDED),
    ),
    "extended support for an adopted cluster": Wrong(
        blamed="target.support", said="would be ignored", target=adopted(support=Support.EXTENDED)
    ),
    "a release channel for an adopted cluster": Wrong(
        blamed="target.release_channel",
        said="would be ignored",
        target=adopted(release_channel=ReleaseChannel.RAPID),
    ),
    # The network.
    "pods that overlap the nodes": Wrong(
        blamed="target.network.pods", said="overlaps 10.30.0.0/20 of the nodes", target=network(pods="10.28.0.0/14")
    ),
    "services inside the pods": Wrong(
        blamed="target.network.services", said="of the pods", target=network(services="10.33.0.0/20")
    ),
    "a control plane inside the services": Wrong(
        blamed="target.control_plane_cidr", said="of the services", target=cluster(control_plane_cidr="10.36.1.0/28")
    ),
    "a control plane that is not a /28": Wrong(
        blamed="target.control_plane_cidr", said="is not a /28", target=cluster(control_plane_cidr="10.37.0.0/24")
    ),
    "pods and services in one secondary range": Wrong(
        blamed="target.network.services.name",
        said="of the pods too",
        target=adopted(network=ADOPTED.model_copy(update={"services": NamedRange(name="pods", cidr="10.36.0.0/20")})),
    ),
    "more networks than GKE admits": Wrong(
        blamed="target.api_access.cidrs",
        said="GKE takes 100",
        target=cluster(
            api_access=PrivateAccess(kind="private", cidrs=tuple(f"10.60.{index}.0/24" for index in range(101)))
        ),
    ),
    "a control plane of public addresses": Wrong(
        blamed="target.control_plane_cidr", said="public addresses", target=cluster(control_plane_cidr="8.8.8.0/28")
    ),
    "GPU networks of public addresses": Wrong(
        blamed="target.gpu_cidr", said="public addresses", target=cluster(gpu_cidr="8.8.0.0/16")
    ),
    "pods of public addresses": Wrong(
        blamed="target.network.pods", said="public addresses", target=network(pods="8.8.0.0/16")
    ),
    "a range of services that is too small": Wrong(
        blamed="target.network.services", said="/16 to /27", target=network(services="10.36.0.0/28")
    ),
    "more nodes than slices of the pods' range": Wrong(
        blamed="target.network.pods",
        said="IP_SPACE_EXHAUSTED",
        target=network(pods="10.32.0.0/21"),
        pools=gpus(count=8),
    ),
    "more pods on a node than the range has room for": Wrong(
        blamed="target.network.pods",
        said="slices of /23",
        target=network(pods_per_node=256, pods="10.32.0.0/21"),
        pools=gpus(count=4),
    ),
    "more nodes than the nodes' range has addresses": Wrong(
        blamed="target.network.nodes",
        said="addresses for 11 nodes",
        target=network(nodes="10.30.0.0/28"),
        pools=gpus(count=12),
    ),
    # Networks of GPU cards.
    "GPU networks on top of the pods": Wrong(
        blamed="target.gpu_cidr", said="overlaps 10.32.0.0/14", target=cluster(gpu_cidr="10.34.0.0/16")
    ),
    "A3 Mega with too small a range for its eight networks": Wrong(
        blamed="target.gpu_cidr",
        said="addresses for 4 nodes",
        target=cluster(gpu_cidr="192.168.0.0/24"),
        pools=gpus(count=5),
    ),
    "A4X Max on networks of ours": Wrong(
        blamed="target.gpu_networks",
        said="takes no subnets of users",
        target=cluster(kubernetes_version="1.35"),
        pools=gpus("a4x-maxgpu-4g-metal"),
    ),
    "DRANET on a version that has none": Wrong(
        blamed="target.kubernetes_version",
        said="1.34.1-gke.1829001",
        target=cluster(gpu_networks=GpuNetworks.DRANET, kubernetes_version="1.34.0-gke.1662000"),
    ),
    "RDMA networks in two zones": Wrong(
        blamed="node_pools[2].zones",
        said="is one of us-central1-a",
        pools=(
            *gpus("a3-ultragpu-8g"),
            gpu_pool("a4-highgpu-8g").model_copy(update={"name": "b200", "zones": ZONES[1:], "capacity": ELSEWHERE}),
        ),
    ),
    # Node pools.
    "a name that Google gives to no machine": Wrong(
        blamed="node_pools[1].instance_type", said="not a name that gcp gives", pools=gpus("foo", machine=L40S)
    ),
    "a GPU that Google does not sell": Wrong(
        blamed="node_pools[1].machine.gpu", said="L4, RTX-PRO-6000, T4", pools=gpus("g9-standard-48", machine=L40S)
    ),
    "a machine of another cloud": Wrong(
        blamed="node_pools[1].instance_type", said="machine of aws", pools=gpus("p5.48xlarge", capacity=RESERVATION)
    ),
    "nodes that do not divide by their zones": Wrong(
        blamed="node_pools[0].count", said="counts nodes of each zone", pools=system(count=3)
    ),
    "no pool for ordinary pods": Wrong(blamed="node_pools", said="every pool has a taint", pools=(gpu_pool(),)),
    "ordinary pods on machines for some days only": Wrong(
        blamed="node_pools", said="takes away", pools=system(capacity=Queued(kind="queued"), autoscaled=FROM_ZERO)
    ),
    "compact placement over two zones": Wrong(
        blamed="node_pools[1].zones",
        said="placement",
        pools=bought(Spot(kind="spot"), zones=ZONES),
    ),
    "queued machines with a minimum": Wrong(
        blamed="node_pools[1].autoscaled.minimum",
        said="minimum of 1",
        pools=bought(Queued(kind="queued"), autoscaled=PoolRange(minimum=1, maximum=4)),
    ),
    "queued machines of a fixed number": Wrong(
        blamed="node_pools[1].autoscaled", said="fixed number", pools=bought(Queued(kind="queued"))
    ),
    "flex-start machines with a minimum": Wrong(
        blamed="node_pools[1].autoscaled.minimum",
        said="minimum of 2",
        pools=bought(FlexStart(kind="flex-start"), autoscaled=PoolRange(minimum=2, maximum=4)),
    ),
    "flex-start for more than a week": Wrong(
        blamed="node_pools[1].capacity.longest_run",
        said="8 days",
        pools=bought(FlexStart(kind="flex-start", longest_run=Duration(8 * 86_400)), autoscaled=FROM_ZERO),
    ),
    "flex-start before GKE knew it": Wrong(
        blamed="node_pools[1].capacity.kind",
        said="1.33.0-gke.1712000",
        target=cluster(kubernetes_version="1.32"),
        pools=bought(FlexStart(kind="flex-start"), autoscaled=FROM_ZERO),
    ),
    "flex-start of machines without GPUs": Wrong(
        blamed="node_pools[0].capacity.kind",
        said="has no GPU",
        pools=system(capacity=FlexStart(kind="flex-start"), autoscaled=FROM_ZERO),
    ),
    "flex-start of A4X": Wrong(
        blamed="node_pools[1].capacity.kind",
        said="reservations only",
        pools=bought(FlexStart(kind="flex-start"), "a4x-highgpu-4g", autoscaled=FROM_ZERO),
    ),
    "single H100s on demand": Wrong(
        blamed="node_pools[1].capacity.kind",
        said="not sold on demand",
        pools=(system_pool(), GpuPool(kind="gpu", name="one", instance_type="a3-highgpu-1g", count=1, zones=ZONES[:1])),
    ),
    "a capacity block": Wrong(
        blamed="node_pools[1].capacity.kind",
        said="not sold by Google Cloud",
        pools=bought(
            CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=datetime(2026, 12, 24, tzinfo=UTC))
        ),
    ),
    "a reservation of AWS": Wrong(
        blamed="node_pools[1].capacity.id",
        said="not a Compute Engine reservation",
        pools=bought(Reservation(kind="reservation", id="arn:aws:ec2:cr-0123456789abcdef0")),
    ),
    "a reservation for two zones": Wrong(
        blamed="node_pools[1].zones",
        said="in one zone",
        pools=bought(RESERVATION, "g2-standard-48", zones=ZONES),
    ),
    "G4 before GKE knew it": Wrong(
        blamed="node_pools[1].instance_type",
        said="1.34.0-gke.1662000",
        target=cluster(kubernetes_version="1.33"),
        pools=gpus("g4-standard-384"),
    ),
    "A4 before GKE knew it": Wrong(
        blamed="node_pools[1].instance_type",
        said="1.32.2-gke.1475000",
        target=cluster(kubernetes_version="1.32.1-gke.1729000"),
        pools=gpus("a4-highgpu-8g"),
    ),
    "GPUs without a driver": Wrong(
        blamed="node_pools[1].driver", said="without a driver", pools=gpus(driver=DriverOwner.NONE)
    ),
    "the GPU operator's driver beside GPUDirect": Wrong(
        blamed="node_pools[1].driver", said="Container-Optimized OS only", pools=gpus(driver=DriverOwner.GPU_OPERATOR)
    ),
    "DRA beside GKE's own device plugin": Wrong(
        blamed="node_pools[1].advertiser", said="two pods at once", pools=gpus(advertiser=GpuAdvertiser.DRA)
    ),
    "a label of GKE's": Wrong(
        blamed="node_pools[0].labels.cloud.google.com/gke-spot",
        said="cloud.google.com are reserved",
        pools=system(labels={"cloud.google.com/gke-spot": "true"}),
    ),
    # Shared storage.
    "a Filestore of an odd size": Wrong(
        blamed="target.shared_storage.capacity",
        said="steps of 256",
        target=stored(FilestoreStorage(kind="filestore", capacity=ByteSize.gib(2000))),
    ),
    "a basic Filestore that is too small": Wrong(
        blamed="target.shared_storage.capacity",
        said="from 2560",
        target=stored(FilestoreStorage(kind="filestore", tier=FilestoreTier.BASIC_SSD, capacity=ByteSize.gib(1024))),
    ),
    "a zone for a Filestore that is in three": Wrong(
        blamed="target.shared_storage.zone",
        said="in three zones",
        target=stored(FilestoreStorage(kind="filestore", zone=ZONES[0])),
    ),
    "a Lustre of an odd size": Wrong(
        blamed="target.shared_storage.capacity",
        said="multiples of 18000",
        target=stored(LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(27_000), throughput=500)),
    ),
    "a Lustre far from every GPU": Wrong(
        blamed="target.shared_storage.zone",
        said="no GPU pool",
        target=stored(LustreStorage(kind="lustre", zone=ZONES[1], capacity=ByteSize.gib(36_000), throughput=500)),
    ),
    "a disk that cannot be written while it is read": Wrong(
        blamed="target.shared_storage.kind",
        said="one writer or many readers",
        target=stored(HyperdiskMlStorage(kind="hyperdisk-ml", zone=ZONES[0], capacity=ByteSize.gib(1000))),
    ),
    "a bucket that pods would need a sidecar for": Wrong(
        blamed="target.shared_storage.kind", said="sidecar", target=stored(BucketStorage(kind="gcs-fuse"))
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_blamed_on_its_setting_without_a_flood_of_others(mistake: Wrong) -> None:
    RULES.assert_refused(mistake, most=3)


CORRECT: dict[str, Callable[[], tuple[GkeTarget, tuple[NodePool, ...]]]] = {
    "reserved A3 Mega": lambda: (target(), gpus()),
    "reserved A3 Ultra on DRANET": lambda: (cluster(gpu_networks=GpuNetworks.DRANET), gpus("a3-ultragpu-8g")),
    "T4s that are attached to an N1": lambda: (
        target(),
        bought(OnDemand(), "n1-standard-8", machine=MachineNumbers(cpus=8, memory=ByteSize.gib(30), gpu="T4", gpus=1)),
    ),
    "one A4X node": lambda: (target(), gpus("a4x-highgpu-4g", count=1)),
    "A4 by flex-start": lambda: (
        target(),
        bought(FlexStart(kind="flex-start"), "a4-highgpu-8g", autoscaled=FROM_ZERO),
    ),
    "queued A3 High": lambda: (target(), bought(Queued(kind="queued"), "a3-highgpu-8g", autoscaled=FROM_ZERO)),
    "ordinary pods on spot machines, as on every cloud": lambda: (target(), system(capacity=Spot(kind="spot"))),
    "spot L4 in two zones": lambda: (target(), bought(Spot(kind="spot"), "g2-standard-12", zones=ZONES)),
    "the GPU operator's driver on L4": lambda: (target(), gpus("g2-standard-12", driver=DriverOwner.GPU_OPERATOR)),
    "the taint of Spot VMs that Google documents": lambda: (
        target(),
        bought(Spot(kind="spot"), "g2-standard-12", taints=(Taint(key="cloud.google.com/gke-spot", value="true"),)),
    ),
    "a private API by its name": lambda: (
        cluster(api_endpoint=ApiEndpoint.DNS, api_access=PrivateAccess(kind="private"), control_plane_cidr=None),
        gpus(),
    ),
    "a public API for one network": lambda: (
        cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",))),
        gpus(),
    ),
    "an adopted cluster": lambda: (adopted(), gpus()),
    "Lustre beside the GPUs": lambda: (
        stored(LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(36_000), throughput=500)),
        gpus(),
    ),
}


@pytest.mark.parametrize("case", CORRECT.values(), ids=CORRECT.keys())
def test_what_is_right_is_taken(case: Callable[[], tuple[GkeTarget, tuple[NodePool, ...]]]) -> None:
    RULES.assert_right(*case())


def test_the_stack_of_the_project_is_right(project: Path) -> None:
    RULES.assert_example_is_right(project, "gcp")


@pytest.mark.parametrize(
    ("most_pods", "prefix"), [(8, 28), (16, 27), (32, 26), (64, 25), (110, 24), (128, 24), (256, 23)]
)
def test_a_node_takes_twice_as_many_addresses_as_pods(most_pods: int, prefix: int) -> None:
    assert slice_prefix(most_pods) == prefix


# What cannot be written down at all: key, value, and what the answer names.
UNWRITABLE: dict[str, tuple[dict[str, object], str]] = {
    "Autopilot": ({"autopilot": True}, "autopilot"),
    "a zonal control plane": ({"region": "us-central1-a"}, "region"),
    "a node pool version of its own": ({"node_version": "1.34"}, "node_version"),
    "a reservation of flex-start machines": ({"capacity": {"kind": "flex-start", "id": "gpus"}}, "capacity"),
    "spot machines that queue": ({"capacity": {"kind": "spot", "queued": True}}, "capacity"),
    "packets larger than Google carries": ({"network": {**NETWORK.model_dump(), "mtu": 9000}}, "mtu"),
    "a thousand pods on a node": ({"network": {**NETWORK.model_dump(), "pods_per_node": 1000}}, "pods_per_node"),
}


@pytest.mark.parametrize("mistake", UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_some_mistakes_have_no_words(mistake: tuple[dict[str, object], str]) -> None:
    change, named = mistake
    model, right = (GpuPool, gpu_pool()) if named == "capacity" else (GkeTarget, target())
    assert model.model_validate(right.model_dump()) == right, "the mistake has to be the only one"
    with pytest.raises(ValidationError, match=named):
        model.model_validate({**right.model_dump(), **change})


def test_a_network_may_be_made_or_adopted() -> None:
    assert isinstance(target().network, CreatedVpc)
    assert isinstance(adopted().network, AdoptedVpc)


@pytest.mark.parametrize("member", ["user:bob", "group:@example.com", "domain:", "principal:x", "bob@example.com"])
def test_a_member_without_an_address_is_refused(member: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[str](Member).validate_python(member)


@pytest.mark.parametrize(
    "member",
    [
        "user:ada@example.com",
        "serviceAccount:a@p.iam.gserviceaccount.com",
        "domain:example.com",
        "principalSet://iam.googleapis.com/locations/global/workforcePools/p/*",
    ],
)
def test_members_of_iam_are_right(member: str) -> None:
    assert TypeAdapter[str](Member).validate_python(member) == member
