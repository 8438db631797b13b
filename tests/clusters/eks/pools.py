"""A correct EKS stack that the tests take one thing from at a time."""

from __future__ import annotations

from components.clusters.eks.settings import EksTarget, HostedZone, HostedZones, SecretsManager
from components.contracts.api_access import PublicAccess
from components.contracts.pools import CpuPool, GpuPool
from components.networks.aws.settings import CreatedVpc

ZONES = ("us-east-2a", "us-east-2b")
SECRETS = SecretsManager(prefix="genai/prod/", kms_keys=("arn:aws:kms:us-east-2:111122223333:key/1234abcd",))
ZONES_OF_DNS = HostedZones(zones=(HostedZone(id="Z0123456789ABCDEFGHIJ", domain="ai.example.com"),))


def target() -> EksTarget:
    """A cluster in a VPC of its own, reached from one public network."""
    return EksTarget(
        kind="eks",
        name="prod",
        region="us-east-2",
        kubernetes_version="1.35",
        network=CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=ZONES),
        api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",)),
        admins=("arn:aws:iam::123456789012:role/platform",),
        has_autoscaler=True,
    )


def system_pool() -> CpuPool:
    """Nodes for CoreDNS and operators."""
    return CpuPool(kind="cpu", name="system", instance_type="m7i.2xlarge", count=2, zones=ZONES)


def gpu_pool(instance_type: str = "p5.48xlarge") -> GpuPool:
    """Two GPU nodes in one zone."""
    return GpuPool(kind="gpu", name="h100", instance_type=instance_type, count=2, zones=ZONES[:1])
