"""How nodes of one cloud differ from those of another: a row for each cloud of the instance catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .eni_pods import max_pods
from .reservations import GIB, Offer, Reserved, aks_reserved, eks_reserved, gke_reserved, nothing_reserved


def _usual_pods(_instance_type: str, _vcpus: int) -> int:
    """Kubelet's default, and that of GKE and AKS."""
    return 110


@dataclass(frozen=True, kw_only=True)
class CloudNodes:
    """The nodes of one cloud.

    Attributes:
        reserved: What their kubelets keep of a machine.
        max_pods: Most pods of a node, by machine type and number of its vCPUs.
        rdma_resource: Resource by which a device plugin counts InfiniBand and RoCE cards; empty where none does.
        rdma_slots: How many of it a node has, where that is no matter of its cards.
        local_disk_unit: Bytes in one GB of a local disk as the instance catalog states it.
        firmware_name: What the firmware calls the machine; empty where it says the machine type.
    """

    reserved: Callable[[Offer], Reserved]
    max_pods: Callable[[str, int], int] = _usual_pods
    rdma_resource: str = ""
    rdma_slots: int = 0
    local_disk_unit: float = 1e9
    firmware_name: str = ""


CLOUD_NODES: Mapping[str, CloudNodes] = {
    "aws": CloudNodes(reserved=eks_reserved, max_pods=max_pods),
    # Compute Engine counts local disks in GiB, everyone else in 10^9 bytes.
    "gcp": CloudNodes(reserved=gke_reserved, local_disk_unit=float(GIB), firmware_name="Google-Compute-Engine"),
    # Azure/aks-rdma-infiniband names the resource.
    "azure": CloudNodes(reserved=aks_reserved, rdma_resource="rdma/ib", firmware_name="Virtual-Machine"),
    # Mellanox/network-operator-docs, docs/customizations/cr-full-example.rst: the shared device plugin, 63 slots.
    "onprem": CloudNodes(reserved=nothing_reserved, rdma_resource="rdma/rdma_shared_device_a", rdma_slots=63),
}
"""The nodes by name of the cloud in the instance catalog."""
