"""Every way in which the program makes an AKS cluster, as far as it sends Azure something else."""

from __future__ import annotations

from components.clusters.aks.settings import (
    Admin,
    AksTarget,
    DnsZones,
    FilesStorage,
    KeyVault,
    LustreStorage,
    PrincipalType,
    SystemPool,
)
from components.contracts.api_access import ApiAccess, PrivateAccess, PublicAccess
from components.contracts.capacity import Capacity, OnDemand, Reservation, Spot
from components.contracts.gpu_sharing import Mig
from components.contracts.maintenance import Maintenance, NodeUpgrades, Weekday
from components.contracts.pools import CpuPool, DriverOwner, GpuPool, NodePool, PoolRange
from components.contracts.quantities import ByteSize
from components.networks.azure.settings import CreatedVnet, Peering
from components.networks.nat import NatGateways
from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.account import CALLER, DNS_GROUP, DOMAIN, HUB, RESERVATION, VAULT, VAULT_GROUP

ZONES = ("eastus2-1", "eastus2-2")
CPU = CpuPool(kind="cpu", name="cpu", instance_type="Standard_D8ds_v6", count=2, zones=ZONES)
PUBLIC = PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",))
PRIVATE = PrivateAccess(kind="private", cidrs=("10.250.0.0/16",))


def target(access: ApiAccess = PUBLIC, **other: object) -> AksTarget:
    peering = Peering(network=HUB, routes=("10.250.0.0/16",)) if isinstance(access, PrivateAccess) else None
    return AksTarget(
        kind="aks",
        name="prod",
        subscription=v.SUBSCRIPTION,
        region="eastus2",
        resource_group="prod",
        kubernetes_version="1.35",
        network=CreatedVnet(kind="create", cidr="10.20.0.0/16", zones=ZONES, peering=peering),
        api_access=access,
        admins=(Admin(object_id=CALLER, type=PrincipalType.SERVICE_PRINCIPAL),),
        system_pool=SystemPool(zones=ZONES),
    ).model_copy(update=other)


def gpus(capacity: Capacity, driver: DriverOwner | None = None) -> GpuPool:
    return GpuPool(
        kind="gpu",
        name="h100",
        instance_type="Standard_ND96isr_H100_v5",
        count=2,
        zones=ZONES[1:],
        capacity=capacity,
        driver=driver,
    )


def _weekly(*days: Weekday) -> Maintenance:
    return Maintenance(days=days, node_upgrades=NodeUpgrades.AUTOMATIC)


CLUSTERS: dict[str, tuple[AksTarget, tuple[NodePool, ...]]] = {
    "private, with reserved machines": (target(PRIVATE), (gpus(Reservation(kind="reservation", id=RESERVATION)), CPU)),
    "public": (target(), (CPU,)),
    "spot machines": (target(), (gpus(Spot(kind="spot")), CPU)),
    "the GPU operator's driver": (target(), (gpus(OnDemand(), DriverOwner.GPU_OPERATOR), CPU)),
    "partitions": (target(), (gpus(OnDemand()).model_copy(update={"sharing": Mig(profile="1g.10gb")}), CPU)),
    "Lustre": (
        target(
            shared_storage=LustreStorage(kind="lustre", zone=ZONES[1], capacity=ByteSize.gib(16384), throughput=250)
        ),
        (gpus(OnDemand()), CPU),
    ),
    "volumes of local disks": (target(local_volumes=True), (gpus(OnDemand()), CPU)),
    "no way out": (
        target(
            PRIVATE,
            network=CreatedVnet(
                kind="create",
                cidr="10.20.0.0/16",
                zones=ZONES,
                nat=NatGateways.NONE,
                peering=Peering(network=HUB, routes=("10.250.0.0/16",)),
            ),
        ),
        (CPU,),
    ),
    "a share in every zone": (
        target(shared_storage=FilesStorage(kind="files", capacity=ByteSize.gib(1024), zone_redundant=True)),
        (CPU,),
    ),
    "a key of one's own": (
        target(kms_key="https://strata.vault.azure.net/keys/aks/0123456789abcdef0123456789abcdef"),
        (CPU,),
    ),
    "new node images on one day": (target(maintenance=_weekly(Weekday.SUNDAY)), (CPU,)),
    "new node images on every day": (target(maintenance=_weekly(*Weekday)), (CPU,)),
    "names in a zone": (target(dns=DnsZones(resource_group=DNS_GROUP, zones=(DOMAIN,))), (CPU,)),
    "secrets of a vault": (target(secrets=KeyVault(resource_group=VAULT_GROUP, name=VAULT)), (CPU,)),
    "pools that grow": (target(), (CPU.model_copy(update={"autoscaled": PoolRange(minimum=1, maximum=4)}),)),
}
