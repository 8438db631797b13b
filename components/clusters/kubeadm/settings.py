"""A kubeadm cluster as users write it: an inventory of hosts, and what is to run on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...contracts.addresses import Address, HostAddress
from ...contracts.api_access import Cidr
from ...contracts.api_groups import ApiGroups
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import ObjectName
from ...contracts.rates import DataRate
from ...contracts.sequences import Items
from ...contracts.sources import ImageMirror
from .hosts import Host, Ssh, Worker

_SHARE = r"/[^\s\x00-\x1f\x7f\"'`\\$;&|<>(){}\[\]*?!]*"
Url = Annotated[
    str, Form(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~:/+%=-]*)?", "https://packages.example.com")
]
"""An address without what a shell or a list of package sources would read as more than text."""


class VirtualAddress(Contract):
    """An address that kube-vip moves among the control plane hosts."""

    address: Address
    """A free address of the hosts' network; programs and kubelets find the API server there."""
    interface: Annotated[str, Form(r"[a-zA-Z0-9_.-]{1,15}", "eth0")]
    """Network interface of the hosts that carries it."""


class ControlPlaneHosts(Contract):
    """Where etcd and the API servers run."""

    hosts: Annotated[Items[Host], Field(min_length=1, max_length=7)]
    """One host, or an odd number of them: etcd needs a majority."""
    endpoint: VirtualAddress


class Networks(Contract):
    """Address ranges; none may overlap another, nor any network that is joined to the site."""

    nodes: Cidr
    """Network of the hosts."""
    pods: Cidr = "10.244.0.0/16"
    """Addresses of the pods."""
    services: Cidr = "10.96.0.0/16"
    """Addresses of the services."""
    pods_per_node: Annotated[int, Field(ge=16, le=500)] = 110
    """Most pods that kubelet starts on a node."""
    mtu: Annotated[int, Field(ge=1280, le=9216)] = 1500
    """Largest packet of the hosts' network, bytes."""
    load_balancers: Annotated[Items[Cidr], Field(min_length=1, max_length=16)]
    """Ranges inside ``nodes`` that MetalLB gives to services; nobody else may use them."""

    @property
    def node_prefix(self) -> int:
        """Prefix of a node's part of the pod network: twice the addresses, so that those of old pods can rest."""
        return 32 - (2 * self.pods_per_node - 1).bit_length()


class NfsStorage(Contract):
    """Shared files on an NFS server of the site."""

    kind: Literal["nfs"] = "nfs"
    server: HostAddress
    """Name or address of the server."""
    share: Annotated[str, Form(_SHARE, "/export/models"), Field(max_length=1024)]
    """Path that it exports, without spaces and what a shell would read as more than text."""
    read_bandwidth: DataRate
    """What one node reads from it, such as ``5GB/s``; the planner computes start-up times from it."""


class Mirrors(Contract):
    """Where hosts get their software from."""

    packages: Url = "https://pkgs.k8s.io/core:/stable:"
    """Debian packages of Kubernetes; ``/v1.34/deb`` is added to it."""
    images: ImageMirror = "registry.k8s.io"
    """Registry of the control plane's images."""
    manifests: Url | None = None
    """Mirror of the add-ons' manifests; their projects' own addresses where left out."""


class KubeadmTarget(Contract):
    """Kubernetes on hosts of one's own."""

    kind: Literal["kubeadm"] = "kubeadm"
    name: ObjectName
    """Name of the cluster."""
    kubernetes_version: Annotated[str, Form(r"1\.\d{2}\.\d{1,3}", "1.34.2")]
    """Version, such as ``1.34.2``; raise the minor version by one at a time."""
    control_plane: ControlPlaneHosts
    workers: Annotated[tuple[Worker, ...], Field(min_length=1, max_length=5000)]
    """Hosts of the node pools: as many for each pool as its ``count``."""
    ssh: Ssh
    networks: Networks
    shared_storage: NfsStorage
    mirrors: Mirrors = Mirrors()
    workers_at_once: Annotated[int, Field(ge=1, le=50)] = 2
    """Hosts of a pool that join, or are emptied for an upgrade, at the same time."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
    protect: bool = False
    """Whether control plane and workers refuse to be reset."""

    @property
    def minor_version(self) -> str:
        """The version without its last number."""
        return self.kubernetes_version.rpartition(".")[0]
