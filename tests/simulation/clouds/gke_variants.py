"""Every way in which the program makes a GKE cluster, as far as it sends Google Cloud something else."""

from __future__ import annotations

from pathlib import Path

from components.clusters.gke.settings import (
    ApiEndpoint,
    BucketStorage,
    GkeTarget,
    GpuNetworks,
    HyperdiskMlStorage,
    LustreStorage,
    ManagedZone,
    ManagedZones,
    SecretManager,
)
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import FlexStart, Queued, Reservation, Spot
from components.contracts.gpu_sharing import Mig, TimeSlicing
from components.contracts.pools import CpuPool, DriverOwner, GpuPool, NodePool, PoolRange
from components.contracts.quantities import ByteSize
from components.networks.gcp.settings import AdoptedVpc, CreatedVpc, NamedRange, Nat
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import (
    DOMAIN,
    HUB,
    RESERVATION,
    ZONE,
    seed_key,
    seed_network,
    seed_reservation,
    seed_subnet,
)
from tests.simulation.clouds.gke_account import GcpProject

A, B = "us-central1-a", "us-central1-b"
KEY = f"projects/{v.PROJECT}/locations/us-central1/keyRings/strata/cryptoKeys/gke"
NETWORK = CreatedVpc(
    kind="create", zones=(A, B), nodes="10.30.0.0/20", pods="10.32.0.0/14", services="10.36.0.0/20", hub=HUB
)
ADOPTED = AdoptedVpc(
    kind="adopt",
    zones=(A, B),
    network="company",
    subnet="gke",
    nodes="10.30.0.0/20",
    pods=NamedRange(name="pods", cidr="10.32.0.0/14"),
    services=NamedRange(name="services", cidr="10.36.0.0/20"),
)
SYSTEM = CpuPool(kind="cpu", name="system", instance_type="c3-standard-22", count=2, zones=(A, B))
RESERVED = Reservation(kind="reservation", id=f"projects/{v.PROJECT}/reservations/{RESERVATION}")
FROM_ZERO = PoolRange(minimum=0, maximum=4)


def target(**changes: object) -> GkeTarget:
    known = GkeTarget(
        kind="gke",
        name="prod",
        project=v.PROJECT,
        region="us-central1",
        kubernetes_version="1.34",
        network=NETWORK,
        api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",)),
        control_plane_cidr="10.37.0.0/28",
        admins=("group:platform@example.com",),
    )
    return known.model_copy(update=changes)


def gpus(instance_type: str, **changes: object) -> GpuPool:
    pool = GpuPool(kind="gpu", name="gpus", instance_type=instance_type, count=2, zones=(B,))
    return pool.model_copy(update=changes)


CASES: dict[str, tuple[GkeTarget, tuple[NodePool, ...]]] = {
    "reserved A3 Ultra": (target(), (gpus("a3-ultragpu-8g", capacity=RESERVED),)),
    "A3 Mega on demand": (target(), (gpus("a3-megagpu-8g"),)),
    "A3 High by spot": (target(), (gpus("a3-highgpu-8g", capacity=Spot(kind="spot")),)),
    "A3 Ultra on DRANET": (
        target(gpu_networks=GpuNetworks.DRANET),
        (gpus("a3-ultragpu-8g", capacity=RESERVED),),
    ),
    "A4 by flex-start": (
        target(),
        (gpus("a4-highgpu-8g", capacity=FlexStart(kind="flex-start"), autoscaled=FROM_ZERO),),
    ),
    "queued A3 High": (target(), (gpus("a3-highgpu-8g", capacity=Queued(kind="queued"), autoscaled=FROM_ZERO),)),
    "L4 with the GPU operator's driver": (
        target(),
        (gpus("g2-standard-12", driver=DriverOwner.GPU_OPERATOR, autoscaled=PoolRange(minimum=1, maximum=4)),),
    ),
    "G4": (target(), (gpus("g4-standard-96"),)),
    "L4 in turns": (target(), (gpus("g2-standard-12", sharing=TimeSlicing(replicas=4)),)),
    "partitions of A3 High": (target(), (gpus("a3-highgpu-8g", sharing=Mig(profile="1g.10gb")),)),
    "A4X": (
        target(),
        (gpus("a4x-highgpu-4g", zones=(A,), count=1, capacity=Reservation(kind="reservation", id="gb200")),),
    ),
    "Lustre": (
        target(shared_storage=LustreStorage(kind="lustre", zone=B, capacity=ByteSize.gib(36_000), throughput=500)),
        (gpus("g2-standard-48"),),
    ),
    "a bucket": (target(shared_storage=BucketStorage(kind="gcs-fuse")), (gpus("g2-standard-48"),)),
    "a disk of weights": (
        target(shared_storage=HyperdiskMlStorage(kind="hyperdisk-ml", zone=B, capacity=ByteSize.gib(500))),
        (gpus("a3-ultragpu-8g", capacity=RESERVED),),
    ),
    "reached by name": (
        target(api_endpoint=ApiEndpoint.DNS, api_access=PrivateAccess(kind="private"), control_plane_cidr=None),
        (),
    ),
    "reached from one public network": (
        target(api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",))),
        (),
    ),
    "no way to the internet": (target(network=NETWORK.model_copy(update={"nat": Nat.NONE})), ()),
    "an adopted network": (target(network=ADOPTED), ()),
    "a key of one's own": (target(kms_key=KEY), ()),
    "names in a zone": (target(dns=ManagedZones(zones=(ManagedZone(name=ZONE, domain=DOMAIN),))), ()),
    "secrets of a store": (target(secrets=SecretManager(prefix="genai-prod-")), ()),
}


def company(folder: Path) -> GcpProject:
    """A project that holds what the variants adopt."""
    made = GcpProject(folder)
    with made.account.store.transaction() as account:
        seed_reservation(account, "gb200", machine="a4x-highgpu-4g", zone=A, count=18)
        seed_network(account, "company")
        seed_subnet(
            account, "gke", "company", "10.30.0.0/20", "us-central1", pods="10.32.0.0/14", services="10.36.0.0/20"
        )
        seed_key(account, KEY)
    return made
