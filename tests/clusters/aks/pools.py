"""A correct AKS stack that the tests take one thing from at a time."""

from __future__ import annotations

from components.clusters.aks.settings import Admin, AksTarget, DnsZones, KeyVault, PrincipalType, SystemPool
from components.contracts.api_access import PublicAccess
from components.contracts.pools import CpuPool, GpuPool
from components.networks.azure.settings import CreatedVnet

SUBSCRIPTION = "11112222-3333-4444-5555-666677778888"
ZONES = ("eastus2-1", "eastus2-2")
ZONES_OF_DNS = DnsZones(resource_group="dns", zones=("ai.example.com",))
SECRETS = KeyVault(resource_group="secrets", name="genai-prod")
ADMIN = Admin(object_id="aaaa1111-2222-3333-4444-555566667777", type=PrincipalType.SERVICE_PRINCIPAL)


def azure_id(provider: str, group: str = "shared") -> str:
    """A resource id in the subscription of the tests."""
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{provider}"


def target() -> AksTarget:
    """A cluster in a network of its own, reached from one public network."""
    return AksTarget(
        kind="aks",
        name="prod",
        subscription=SUBSCRIPTION,
        region="eastus2",
        resource_group="prod",
        kubernetes_version="1.35",
        network=CreatedVnet(kind="create", cidr="10.20.0.0/16", zones=ZONES),
        api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",)),
        admins=(ADMIN,),
        system_pool=SystemPool(zones=ZONES),
    )


def cpu_pool() -> CpuPool:
    """Nodes for jobs and operators."""
    return CpuPool(kind="cpu", name="cpu", instance_type="Standard_D8ds_v6", count=2, zones=ZONES)


def gpu_pool(instance_type: str = "Standard_ND96isr_H100_v5") -> GpuPool:
    """Two GPU nodes in one zone."""
    return GpuPool(kind="gpu", name="h100", instance_type=instance_type, count=2, zones=ZONES[:1])
