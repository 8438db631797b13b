"""A correct GKE stack that the tests take one thing from at a time."""

from __future__ import annotations

from components.clusters.gke.settings import GkeTarget, ManagedZone, ManagedZones, SecretManager
from components.contracts.api_access import PrivateAccess
from components.contracts.capacity import Reservation
from components.contracts.pools import CpuPool, GpuPool
from components.networks.gcp.settings import CreatedVpc

ZONES = ("us-central1-a", "us-central1-b")
SECRETS = SecretManager(prefix="genai-prod-")
ZONES_OF_DNS = ManagedZones(zones=(ManagedZone(name="ai-example-com", domain="ai.example.com"),))
NETWORK = CreatedVpc(
    kind="create",
    zones=ZONES,
    nodes="10.30.0.0/20",
    pods="10.32.0.0/14",
    services="10.36.0.0/20",
    hub="projects/acme-prod-1/locations/global/hubs/company",
)


def target() -> GkeTarget:
    """A private cluster in a VPC of its own that a hub joins to the company's."""
    return GkeTarget(
        kind="gke",
        name="prod",
        project="acme-prod-1",
        region="us-central1",
        kubernetes_version="1.34",
        network=NETWORK,
        api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",)),
        control_plane_cidr="10.37.0.0/28",
    )


def system_pool() -> CpuPool:
    """Nodes for DNS and operators."""
    return CpuPool(kind="cpu", name="system", instance_type="c3-standard-8", count=2, zones=ZONES)


def gpu_pool(instance_type: str = "a3-megagpu-8g") -> GpuPool:
    """Two reserved GPU nodes in one zone."""
    return GpuPool(
        kind="gpu",
        name="gpus",
        instance_type=instance_type,
        count=2,
        zones=ZONES[:1],
        capacity=Reservation(kind="reservation", id="projects/acme-prod-1/reservations/gpus"),
    )
