"""The fabric profile of a machine type.

Owns which device resource, settings and rights a pod needs to reach other nodes' GPUs, by the
machine's network hardware. It does not decide how many devices one pod asks for, nor how the
devices are exposed: packages above do. Measured sources are named beside each table.
"""

from __future__ import annotations

from ..contracts.fabric import FabricProfile, NixlBackend, Transport
from .catalogs.clouds import clouds
from .catalogs.efa_cards import efa_cards
from .catalogs.instances import InstanceType

EFA_RESOURCE = "vpc.amazonaws.com/efa"
"""Resource of the chart aws-efa-k8s-device-plugin."""

_MULTI_NODE_NVLINK = (("NCCL_CUMEM_ENABLE", "1"), ("NCCL_MNNVL_ENABLE", "1"), ("UCX_CUDA_IPC_ENABLE_MNNVL", "y"))
# Without rc in the list UCX falls back from NVLink to TCP, not to the RDMA card.
_UCX_VERBS = (("UCX_TLS", "cuda_copy,cuda_ipc,rc,tcp"), ("UCX_MEMTYPE_CACHE", "n"))
_UCX_TCP = (("UCX_TLS", "cuda_copy,cuda_ipc,tcp"),)


def fabric_of(machine: InstanceType) -> FabricProfile:
    """The fabric of a node of that machine type."""
    builders = {
        Transport.NONE: _no_fabric,
        Transport.EFA: _efa,
        Transport.INFINIBAND: _verbs,
        Transport.ROCE: _verbs,
        Transport.GPUDIRECT_TCPX: _gpudirect_tcp,
        Transport.GPUDIRECT_TCPXO: _gpudirect_tcp,
    }
    return builders[machine.rdma](machine)


def _no_fabric(machine: InstanceType) -> FabricProfile:
    if not machine.gpus:
        return FabricProfile(transport=Transport.NONE)
    return FabricProfile(transport=Transport.NONE, nixl_backend=NixlBackend.UCX, environment=_UCX_TCP)


def _efa(machine: InstanceType) -> FabricProfile:
    cards = efa_cards()[machine.name]
    # The plugin would otherwise want huge pages that pods then have to request.
    environment = [("FI_PROVIDER", "efa"), ("FI_EFA_USE_HUGE_PAGE", "0")]
    if cards.device_rdma:
        environment.append(("FI_EFA_USE_DEVICE_RDMA", "1"))
    if cards.privileged:
        environment += [("FI_EFA_ENABLE_SHM_TRANSFER", "0"), ("FI_HMEM", "cuda")]
    return FabricProfile(
        transport=Transport.EFA,
        resource_name=EFA_RESOURCE,
        devices_per_node=machine.rdma_nics,
        gbps_per_node=machine.rdma_gbps,
        nixl_backend=NixlBackend.LIBFABRIC,
        environment=(*environment, *_rack_scale(machine)),
        capabilities=("IPC_LOCK",),
        privileged=cards.privileged,
    )


def _verbs(machine: InstanceType) -> FabricProfile:
    nodes = clouds()[machine.cloud]
    return FabricProfile(
        transport=machine.rdma,
        resource_name=nodes.rdma_resource,
        devices_per_node=machine.rdma_nics if nodes.rdma_resource else 0,
        gbps_per_node=machine.rdma_gbps,
        nixl_backend=NixlBackend.UCX,
        environment=(*_UCX_VERBS, *nodes.fabric_environment, *_rack_scale(machine)),
        capabilities=("IPC_LOCK",),
    )


def _gpudirect_tcp(machine: InstanceType) -> FabricProfile:
    return FabricProfile(transport=machine.rdma, gbps_per_node=machine.rdma_gbps, nixl_backend=NixlBackend.UCCL)


def _rack_scale(machine: InstanceType) -> tuple[tuple[str, str], ...]:
    return _MULTI_NODE_NVLINK if machine.nvlink_domain > machine.gpus else ()
