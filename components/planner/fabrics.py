"""The fabric profile of a machine type.

Owns which device resource, settings and rights a pod needs to reach other nodes' GPUs, by the machine's network
hardware, and by what users say of fabrics that they cable themselves. What depends on how a cloud attaches cards, such
as annotations, the environment adds. Published sources are named beside each value, and all of them in docs/fabric.md.
"""

from __future__ import annotations

from ..contracts.claims import CLIQUE_LABEL
from ..contracts.fabric import FabricProfile, NixlBackend, Transport, Variables
from ..contracts.own_fabrics import OwnFabric, RoceFabric
from .catalogs.clouds import clouds
from .catalogs.efa_cards import efa_cards
from .catalogs.expert_backends import NVLINK_DOMAIN, expert_backends
from .catalogs.instances import InstanceType

EFA_RESOURCE = "vpc.amazonaws.com/efa"
"""Resource of the chart aws-efa-k8s-device-plugin."""

_MULTI_NODE_NVLINK = (("NCCL_CUMEM_ENABLE", "1"), ("NCCL_MNNVL_ENABLE", "1"), ("UCX_CUDA_IPC_ENABLE_MNNVL", "y"))
# Without rc in the list UCX falls back from NVLink to TCP, not to the RDMA card.
_UCX_VERBS = (("UCX_TLS", "cuda_copy,cuda_ipc,rc,tcp"), ("UCX_MEMTYPE_CACHE", "n"))
_UCX_TCP = (("UCX_TLS", "cuda_copy,cuda_ipc,tcp"),)
# Ranks find each other over the pod's first interface, or they hang on one of the fabric's (vLLM documentation,
# serving/expert_parallel_deployment, "InfiniBand Clusters"); every pod network calls it eth0.
_MEETING = (("GLOO_SOCKET_IFNAME", "eth0"), ("NCCL_SOCKET_IFNAME", "eth0"))
# EC2 documentation, "How Amazon EC2 instance topology works": the third layer is the nearest.
_EC2_LAYERS = tuple(f"topology.k8s.aws/network-node-layer-{layer}" for layer in (1, 2, 3))


def fabric_of(machine: InstanceType, own: OwnFabric | None = None, *, joined: bool = False) -> FabricProfile:
    """The fabric of a node of that machine type.

    Args:
        machine: The machine, with the cards that its pool uses.
        own: What users say of a fabric that they cabled.
        joined: Whether pods on several nodes share memory over NVLink.
    """
    builders = {
        Transport.NONE: _no_fabric,
        Transport.EFA: _efa,
        Transport.INFINIBAND: _verbs,
        Transport.ROCE: _verbs,
        Transport.GPUDIRECT_TCPX: _gpudirect_tcp,
        Transport.GPUDIRECT_TCPXO: _gpudirect_tcp,
    }
    found = builders[machine.rdma](machine)
    if not machine.gpus:
        return found
    changes: dict[str, object] = {
        "expert_backends": expert_backends()[NVLINK_DOMAIN if joined else machine.rdma.value],
        "environment": (*found.environment, *_lossless(own), *_MEETING),
    }
    if joined:
        changes["near"] = (*found.near, CLIQUE_LABEL)
    return found.model_copy(update=changes)


def _no_fabric(machine: InstanceType) -> FabricProfile:
    if not machine.gpus:
        return FabricProfile(transport=Transport.NONE)
    return FabricProfile(transport=Transport.NONE, nixl_backend=NixlBackend.UCX, environment=_UCX_TCP)


def _efa(machine: InstanceType) -> FabricProfile:
    cards = efa_cards()[machine.name]
    # Without huge pages of libfabric, which pods would have to request and which let forks of a server fail
    # (aws/aws-ofi-nccl, doc/efa-env-var.md, 2026-08-21); it costs little.
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
        near=_EC2_LAYERS,
    )


def _verbs(machine: InstanceType) -> FabricProfile:
    nodes = clouds()[machine.cloud]
    return FabricProfile(
        transport=machine.rdma,
        resource_name=nodes.rdma_resource,
        devices_per_node=nodes.rdma_slots or machine.rdma_nics if nodes.rdma_resource else 0,
        devices_per_pod=1 if nodes.rdma_slots else None,
        gbps_per_node=machine.rdma_gbps,
        nixl_backend=NixlBackend.UCX,
        environment=(*_UCX_VERBS, *nodes.rdma_environment, *_rack_scale(machine)),
        capabilities=("IPC_LOCK",),
    )


def _gpudirect_tcp(machine: InstanceType) -> FabricProfile:
    return FabricProfile(transport=machine.rdma, gbps_per_node=machine.rdma_gbps, nixl_backend=NixlBackend.UCCL)


def _rack_scale(machine: InstanceType) -> Variables:
    return _MULTI_NODE_NVLINK if machine.nvlink_domain > machine.gpus else ()


def _lossless(own: OwnFabric | None) -> Variables:
    """In which class packets travel, and from which address.

    NCCL, UCX and NVSHMEM each ask a variable of their own, and one that is left out rides a class that switches drop:
    NCCL's default is 0 and UCX's 106 (NVIDIA/nccl v2.31.2, src/transport/net_ib/connect.cc; openucx/ucx,
    docs/source/faq.md).
    """
    if not isinstance(own, RoceFabric):
        return ()
    classes = () if own.traffic_class is None else _alike("TC", "TRAFFIC_CLASS", own.traffic_class)
    addresses = () if own.gid_index is None else _alike("GID_INDEX", "GID_INDEX", own.gid_index)
    return (*classes, *addresses)


def _alike(nccl: str, others: str, value: int) -> Variables:
    return (
        (f"NCCL_IB_{nccl}", str(value)),
        (f"UCX_IB_{others}", str(value)),
        (f"NVSHMEM_IB_{others}", str(value)),
    )
