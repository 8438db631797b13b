"""Wrong settings of an AKS cluster, one by one, and the correct cluster that each is put into."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from components.clusters.aks.rules import aks_problems
from components.clusters.aks.settings import AksTarget, LustreStorage, OsDisk, Support, SystemPool
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import CapacityBlock, FlexStart, Queued, Reservation
from components.contracts.gpu_sharing import Mig
from components.contracts.machines import MachineNumbers
from components.contracts.pools import DriverOwner, GpuAdvertiser, PoolRange, Taint
from components.contracts.quantities import ByteSize
from components.networks.azure.settings import AdoptedVnet, CreatedVnet, Peering
from components.networks.nat import NatGateways
from tests.mistakes import Mistake, Rules

from .pools import ADMIN, SUBSCRIPTION, ZONES, azure_id, cpu_pool, gpu_pool, target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VNET = CreatedVnet(kind="create", cidr="10.20.0.0/16", zones=ZONES)
NETWORK = azure_id("Microsoft.Network/virtualNetworks/hub")
ADOPTED = AdoptedVnet(
    kind="adopt",
    id=NETWORK,
    cidr="10.20.0.0/16",
    private_subnets=dict.fromkeys(ZONES, f"{NETWORK}/subnets/nodes"),
    endpoints_subnet=f"{NETWORK}/subnets/endpoints",
)
RESERVATION = Reservation(
    kind="reservation", id=azure_id("Microsoft.Compute/capacityReservationGroups/h100", "capacity")
)
IDENTITY = azure_id("Microsoft.ManagedIdentity/userAssignedIdentities/aks")
A10, A100 = "Standard_NV36ads_A10_v5", "Standard_NC24ads_A100_v4"


RULES = Rules(
    problems=lambda cluster, pools: aks_problems(cluster, pools, NOW), target=target(), pools=(cpu_pool(), gpu_pool())
)
Wrong: TypeAlias = Mistake[AksTarget]
cluster, gpus, bought, cpus = RULES.cluster, RULES.gpus, RULES.bought, RULES.cpus
WITH_LUSTRE = ADOPTED.model_copy(update={"lustre_subnet": f"{NETWORK}/subnets/lustre"})
network, adopted = partial(RULES.part, "network"), partial(cluster, network=ADOPTED, adopt_cluster=True)


def private(*cidrs: str, routes: tuple[str, ...] = ("10.250.0.0/16",), **changes: object) -> AksTarget:
    joined = VNET.model_copy(update={"peering": Peering(network=NETWORK, routes=routes)})
    return cluster(network=joined, api_access=PrivateAccess(kind="private", cidrs=cidrs), **changes)


def lustre(zone: str = ZONES[0], capacity_tib: int = 16, throughput: int = 250) -> AksTarget:
    return cluster(
        shared_storage=LustreStorage.model_validate(
            {
                "kind": "lustre",
                "zone": zone,
                "capacity": f"{capacity_tib}Ti",
                "throughput": f"{throughput}MB/s/TiB",
            }
        )
    )


L40S = MachineNumbers(cpus=48, memory=ByteSize.gib(384), gpu="L40S", gpus=4)
MISTAKES: dict[str, Wrong] = {
    "a partition without a name at AKS": Wrong(
        blamed="node_pools[1].sharing.profile",
        said="use profile: 1g.10gb",
        pools=gpus(sharing=Mig(profile="1g.20gb")),
    ),
    "machines without their cards": Wrong(blamed="node_pools[1].rdma", said="on one fabric", pools=gpus(rdma=False)),
    # The control plane.
    "a version that AKS does not offer": Wrong(
        blamed="target.kubernetes_version", said="does not offer", target=cluster(kubernetes_version="1.29")
    ),
    "a version without long-term support that needs it": Wrong(
        blamed="target.kubernetes_version", said="support: extended", target=cluster(kubernetes_version="1.33")
    ),
    "an adopted cluster in a new network": Wrong(
        blamed="target.network.kind", said="could not reach the control plane", target=cluster(adopt_cluster=True)
    ),
    "a plan of support for an adopted cluster": Wrong(
        blamed="target.support", said="would be ignored", target=adopted(support=Support.EXTENDED)
    ),
    # Identities.
    "an administrator twice": Wrong(blamed="target.admins[1]", said="already", target=cluster(admins=(ADMIN, ADMIN))),
    "a virtual machine as identity": Wrong(
        blamed="target.cluster_identity",
        said="not a user-assigned managed identity",
        target=cluster(cluster_identity=azure_id("Microsoft.Compute/virtualMachines/build")),
    ),
    "nodes with the control plane's rights": Wrong(
        blamed="target.node_identity",
        said="change the network",
        target=cluster(cluster_identity=IDENTITY, node_identity=IDENTITY),
    ),
    "a key that a new identity cannot use": Wrong(
        blamed="target.kms_key",
        said="no rights on the key",
        target=cluster(kms_key=f"https://vault.vault.azure.net/keys/etcd/{'0' * 32}"),
    ),
    # The network.
    "a network that is too small": Wrong(
        blamed="target.network.cidr", said="/16 to /20", target=network(cidr="10.20.48.0/24")
    ),
    "a network of public addresses": Wrong(
        blamed="target.network.cidr", said="public addresses", target=network(cidr="20.20.0.0/16")
    ),
    "a zone of another region": Wrong(
        blamed="target.network.zones[2]",
        said="not a zone of eastus2",
        target=network(zones=(*ZONES, "westeurope-1")),
    ),
    "a zone in Azure's own short words": Wrong(
        blamed="target.network.zones[2]", said="eastus2-1", target=network(zones=(*ZONES, "3"))
    ),
    "services in the network": Wrong(
        blamed="target.network.services",
        said="of the virtual network",
        target=network(services="10.20.64.0/20", dns_service_ip="10.20.64.10"),
    ),
    "pods among the services": Wrong(
        blamed="target.network.services", said="of pods", target=network(pods="10.0.0.0/16")
    ),
    "a range that AKS uses itself": Wrong(
        blamed="target.network.pods", said="of AKS itself", target=network(pods="172.30.0.0/16")
    ),
    "more services than AKS takes": Wrong(
        blamed="target.network.services",
        said="/12",
        target=network(services="11.0.0.0/8", dns_service_ip="11.0.0.10"),
    ),
    "subnets of another virtual network": Wrong(
        blamed="target.network.private_subnets.eastus2-1",
        said="name subnets whose ids begin with",
        target=cluster(
            network=ADOPTED.model_copy(
                update={"private_subnets": dict.fromkeys(ZONES, f"{NETWORK}-other/subnets/nodes")}
            )
        ),
    ),
    "the system pool has a zone twice": Wrong(
        blamed="target.system_pool.zones[1]",
        said="listed already",
        target=RULES.part("system_pool", zones=("eastus2-1", "eastus2-1")),
    ),
    "services in two addresses": Wrong(
        blamed="target.network.services",
        said="holds 4 addresses",
        target=network(services="10.45.0.0/30", dns_service_ip="10.45.0.2"),
    ),
    "pods of public addresses": Wrong(
        blamed="target.network.pods", said="public addresses", target=network(pods="8.8.0.0/16")
    ),
    "cluster DNS outside of the services": Wrong(
        blamed="target.network.dns_service_ip", said="use 10.0.0.10", target=network(dns_service_ip="10.1.0.10")
    ),
    "cluster DNS on the API server's address": Wrong(
        blamed="target.network.dns_service_ip",
        said="taken by the API server",
        target=network(dns_service_ip="10.0.0.1"),
    ),
    "more nodes than ranges of pods": Wrong(
        blamed="target.network.pods",
        said="room for 16 nodes",
        target=network(pods="10.244.0.0/20"),
        pools=cpus(count=20),
    ),
    "a hub in another subscription": Wrong(
        blamed="target.network.peering.network",
        said="half a peering",
        target=network(
            peering=Peering(network=NETWORK.replace(SUBSCRIPTION, f"9{SUBSCRIPTION[1:]}"), routes=("10.250.0.0/16",))
        ),
    ),
    "a route into the network itself": Wrong(
        blamed="target.network.peering.routes[0]",
        said="virtual network",
        target=private("10.20.8.0/24", routes=("10.20.8.0/24",)),
    ),
    "an API server open to everyone": Wrong(
        blamed="target.api_access.cidrs[0]",
        said="everyone",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",))),
    ),
    "authorized ranges on a private cluster": Wrong(
        blamed="target.api_access.cidrs[1]",
        said="authorized ranges on a private cluster",
        target=private("10.250.0.0/16", "52.10.0.0/24", routes=("10.250.0.0/16", "52.10.0.0/24")),
    ),
    "a private API server that nothing is joined to": Wrong(
        blamed="target.api_access",
        said="joined to no other",
        target=cluster(api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",))),
    ),
    "a private zone of a public cluster": Wrong(
        blamed="target.private_dns_zone",
        said="without a private cluster",
        target=cluster(private_dns_zone=azure_id("Microsoft.Network/privateDnsZones/privatelink.eastus2.azmk8s.io")),
    ),
    "a private zone of another region": Wrong(
        blamed="target.private_dns_zone",
        said="privatelink.eastus2.azmk8s.io",
        target=private(
            "10.250.0.0/16",
            private_dns_zone=azure_id("Microsoft.Network/privateDnsZones/privatelink.westeurope.azmk8s.io"),
        ),
    ),
    "a public API server that nodes cannot reach": Wrong(
        blamed="target.network.nat", said="without a way out", target=network(nat=NatGateways.NONE)
    ),
    # AKS' own pool.
    "system nodes in a zone without a subnet": Wrong(
        blamed="target.system_pool.zones[0]",
        said="no subnet in 'eastus2-3'",
        target=cluster(system_pool=SystemPool(zones=("eastus2-3",))),
    ),
    "system nodes that are too small": Wrong(
        blamed="target.system_pool.instance_type",
        said="4 CPUs or more",
        target=cluster(system_pool=SystemPool(zones=ZONES, instance_type="Standard_D2ds_v6")),
    ),
    "system nodes with GPUs": Wrong(
        blamed="target.system_pool.instance_type",
        said="without GPUs",
        target=cluster(system_pool=SystemPool(zones=ZONES, instance_type=A10)),
    ),
    # Pools: names and numbers.
    "a pool's name of 13 characters": Wrong(
        blamed="node_pools[1].name", said="1 to 12", pools=gpus(name="h100reserved1")
    ),
    "a pool's name with a hyphen": Wrong(
        blamed="node_pools[1].name", said="use h100reserve", pools=gpus(name="h100-reserve")
    ),
    "a pool's name that begins with a digit": Wrong(
        blamed="node_pools[1].name", said="beginning with a letter", pools=gpus(name="8xh100")
    ),
    "a pool named like AKS' own": Wrong(blamed="node_pools[0].name", said="AKS' own pool", pools=cpus(name="system")),
    "a minimum above the maximum": Wrong(
        blamed="node_pools[0].autoscaled.minimum",
        said="at most 4",
        pools=cpus(autoscaled=PoolRange(minimum=5, maximum=4)),
    ),
    "more nodes than a pool holds": Wrong(
        blamed="node_pools[0].count",
        said="1000 nodes",
        target=network(pods="100.64.0.0/10"),
        pools=cpus(count=1001),
    ),
    "pods of more nodes than their range has room for": Wrong(
        blamed="target.network.pods", said="use a /14 or larger, such as 10.4.0.0/14", pools=cpus(count=1000)
    ),
    # Pools: InfiniBand.
    "InfiniBand across zones": Wrong(
        blamed="node_pools[1].zones", said="infiniband does not reach", pools=gpus(zones=ZONES)
    ),
    "more nodes than a placement group holds": Wrong(
        blamed="node_pools[1].count", said="holds 100 machines", pools=gpus(count=101)
    ),
    "machines in zones and in none": Wrong(
        blamed="node_pools[0].zones",
        said="in zones or in none",
        target=network(zones=(*ZONES, "0")),
        pools=cpus(zones=(ZONES[0], "0")),
    ),
    "a zone without a subnet": Wrong(
        blamed="node_pools[1].zones[0]", said="eastus2-1 or eastus2-2", pools=gpus(zones=("eastus2-3",))
    ),
    # Pools: machines and capacity.
    "a machine of another cloud": Wrong(
        blamed="node_pools[1].instance_type", said="a machine of aws", pools=gpus("p5.48xlarge")
    ),
    "flex-start": Wrong(
        blamed="node_pools[1].capacity.kind", said="not sold by Azure", pools=bought(FlexStart(kind="flex-start"))
    ),
    "a queue": Wrong(
        blamed="node_pools[1].capacity.kind", said="not sold by Azure", pools=bought(Queued(kind="queued"))
    ),
    "a capacity block": Wrong(
        blamed="node_pools[1].capacity.kind",
        said="not sold by Azure",
        pools=bought(
            CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=datetime(2027, 1, 1, tzinfo=UTC))
        ),
    ),
    "a reservation by a name of Amazon's": Wrong(
        blamed="node_pools[1].capacity.id",
        said="not an Azure capacity reservation group",
        pools=bought(Reservation(kind="reservation", id="cr-0123456789abcdef0")),
    ),
    "a reservation for two sizes": Wrong(
        blamed="node_pools[2].capacity.id",
        said="machines of one type",
        pools=(
            *bought(RESERVATION),
            gpu_pool("Standard_ND96isr_H200_v5").model_copy(update={"name": "h200", "capacity": RESERVATION}),
        ),
    ),
    # Pools: who owns the GPUs.
    "no driver": Wrong(blamed="node_pools[1].driver", said="for CPU pools", pools=gpus(driver=DriverOwner.NONE)),
    "a driver in the image": Wrong(
        blamed="node_pools[1].driver", said="does not exist on AKS", pools=gpus(driver=DriverOwner.NODE_IMAGE)
    ),
    "the operator's driver on vGPUs": Wrong(
        blamed="node_pools[1].driver", said="GRID", pools=gpus(A10, driver=DriverOwner.GPU_OPERATOR)
    ),
    "GPUs that a label has cut": Wrong(
        blamed="node_pools[1].labels.nvidia.com/mig.config",
        said="sharing.kind: mig",
        pools=gpus(A100, driver=DriverOwner.GPU_OPERATOR, labels={"nvidia.com/mig.config": "all-1g.10gb"}),
    ),
    "DRA on a Kubernetes without it": Wrong(
        blamed="node_pools[1].advertiser",
        said="1.34",
        target=cluster(kubernetes_version="1.33", support=Support.EXTENDED),
        pools=gpus(advertiser=GpuAdvertiser.DRA),
    ),
    # Pools: labels and taints.
    "a label of AKS": Wrong(
        blamed="node_pools[0].labels.kubernetes.azure.com/mode",
        said="reserved",
        pools=cpus(labels={"kubernetes.azure.com/mode": "system"}),
    ),
    "a label of feature discovery": Wrong(
        blamed="node_pools[1].labels.feature.node.kubernetes.io/pci-15b3.present",
        said="reserved",
        pools=gpus(labels={"feature.node.kubernetes.io/pci-15b3.present": "true"}),
    ),
    "the taint of spot nodes": Wrong(
        blamed="node_pools[1].taints[0].key",
        said="reserved",
        pools=gpus(taints=(Taint(key="kubernetes.azure.com/scalesetpriority", value="spot"),)),
    ),
    # Disks and files.
    "an OS disk larger than the machine's own": Wrong(
        blamed="node_pools[1].instance_type",
        said="has room for 64",
        target=cluster(os_disk=OsDisk(ephemeral=True)),
        pools=gpus(A100),
    ),
    "an ephemeral OS disk without any disk": Wrong(
        blamed="node_pools[0].instance_type",
        said="has room for 0",
        target=cluster(os_disk=OsDisk(ephemeral=True)),
        pools=cpus(instance_type="Standard_D8s_v6"),
    ),
    "an ephemeral OS disk without room for the smallest": Wrong(
        blamed="node_pools[1].instance_type",
        said="use a machine with 100Gi or more on its local disk",
        target=cluster(os_disk=OsDisk(ephemeral=True)),
        pools=gpus(A100),
    ),
    "an ephemeral OS disk on a machine whose numbers name no disk": Wrong(
        blamed="node_pools[1].instance_type",
        said="say so in machine.local_disks",
        target=cluster(os_disk=OsDisk(ephemeral=True)),
        pools=gpus("Standard_NC48ads_L40S_v9", machine=L40S),
    ),
    "an OS disk larger than AKS gives": Wrong(
        blamed="node_pools[1].root_disk", said="write 2Ti or less", pools=gpus(root_disk=ByteSize("4Ti"))
    ),
    "local volumes without local disks": Wrong(
        blamed="target.local_volumes",
        said="no machine of the pools has NVMe",
        target=cluster(local_volumes=True),
        pools=(cpu_pool().model_copy(update={"instance_type": "Standard_D8s_v6"}), gpu_pool(A10)),
    ),
    "NFS without a subnet for its endpoint": Wrong(
        blamed="target.network.endpoints_subnet",
        said="refuse every mount",
        target=cluster(network=ADOPTED.model_copy(update={"endpoints_subnet": None})),
    ),
    "A8: Lustre whose driver nobody installs": Wrong(
        blamed="target.shared_storage.has_driver",
        said="write shared_storage: {kind: files}",
        target=adopted(shared_storage=lustre().shared_storage, network=WITH_LUSTRE),
    ),
    "Lustre on machines that its driver is not built for": Wrong(
        blamed="node_pools[1].instance_type",
        said="published for amd64 alone",
        target=lustre(),
        pools=(
            cpu_pool(),
            gpu_pool(instance_type="Standard_ND128isr_NDR_GB200_v6").model_copy(update={"compute_domains": True}),
        ),
    ),
    "A8: Lustre without a way to Azure's own services": Wrong(
        blamed="target.network.nat",
        said="write nat: per-zone",
        target=private("10.250.0.0/16", shared_storage=lustre().shared_storage).model_copy(
            update={
                "network": VNET.model_copy(
                    update={
                        "nat": NatGateways.NONE,
                        "peering": Peering(network=NETWORK, routes=("10.250.0.0/16",)),
                    }
                )
            }
        ),
    ),
    "Lustre without a subnet": Wrong(
        blamed="target.network.lustre_subnet",
        said="a subnet of its own",
        target=lustre().model_copy(update={"network": ADOPTED}),
    ),
    "Lustre of a size that is not sold": Wrong(
        blamed="target.shared_storage.capacity", said="use 24", target=lustre(capacity_tib=20)
    ),
    "more Lustre than is sold": Wrong(
        blamed="target.shared_storage.capacity", said="up to 128", target=lustre(capacity_tib=136)
    ),
    "Lustre where no GPU is": Wrong(
        blamed="target.shared_storage.zone", said="no GPU pool is in", target=lustre(ZONES[1])
    ),
    "Lustre in a zone without a subnet": Wrong(
        blamed="target.shared_storage.zone", said="no subnet", target=lustre("eastus2-3")
    ),
}
