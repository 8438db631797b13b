"""A kubeadm cluster as users write it: an inventory of hosts, and what is to run on them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from ...contracts.addresses import Address, HostAddress
from ...contracts.api_access import Cidr
from ...contracts.api_groups import ApiGroups
from ...contracts.dns import NameServer
from ...contracts.forms import Form
from ...contracts.http_proxy import HttpProxy
from ...contracts.model import Contract
from ...contracts.names import ObjectName
from ...contracts.old_arguments import OldArgument
from ...contracts.rates import DataRate
from ...contracts.sequences import Items
from ...contracts.shown_text import excerpt
from ...contracts.sources import ImageMirror
from .hosts import Host, Port, Ssh, Worker

_SHARE = r"/[^\s\x00-\x1f\x7f\"'`\\$;&|<>(){}\[\]*?!]*"


def _encrypted(text: str) -> str:
    if text.startswith("http://"):
        raise ValueError(
            f"{excerpt(text)!r} is not encrypted, and hosts run what comes from it; write it with https://"
        )
    return text


Url = Annotated[
    str,
    AfterValidator(_encrypted),
    Form(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~:/+%=-]*)?", "https://packages.example.com"),
]
"""An address without what a shell or a list of package sources would read as more than text."""


API_PORT = 6443
"""Where the API server of each control plane host listens."""


def _without_port(text: object) -> object:
    if isinstance(text, str) and (found := re.fullmatch(r"([^:/]+):(\d{1,5})", text)):
        raise ValueError(f"{excerpt(text)!r} names a port as well; write address: {found[1][:60]} and port: {found[2]}")
    return text


def _api_name(text: str) -> str:
    # kubeadm takes an IP address or an RFC 1123 subdomain (cmd/kubeadm/app/util/endpoint.go, ParseHostPort, and
    # ValidateCertSANs); nodes, pods and services have IPv4 addresses.
    if ":" in text:
        raise ValueError(f"{text!r} is an IPv6 address, and nodes have IPv4 addresses; write a name or an IPv4 address")
    if text != text.lower() or "_" in text or text.endswith("."):
        plain = text.lower().replace("_", "-").rstrip(".")
        raise ValueError(
            f"{text!r} is not a name that kubeadm takes: lower-case letters, digits, - and dots between them; "
            f"give the load balancer a name such as {plain}"
        )
    return text


class VirtualAddress(Contract):
    """An address that kube-vip moves among the control plane hosts."""

    address: Address
    """A free address of the hosts' network; programs and kubelets find the API server there."""
    interface: Annotated[str, Form(r"[a-zA-Z0-9_.-]{1,15}", "eth0")]
    """Network interface of the hosts that carries it."""

    @property
    def port(self) -> int:
        """Where the API servers are found at it."""
        return API_PORT


class LoadBalancer(Contract):
    """A load balancer of the site that passes TCP, also of the hosts behind it, on to port 6443 of control plane hosts.

    It exists before the cluster, and leaves out hosts whose ``/readyz`` does not answer.
    """

    address: Annotated[HostAddress, BeforeValidator(_without_port), AfterValidator(_api_name)]
    """Name or IPv4 address of the API server, in certificates and kubeconfigs too; it cannot be changed afterwards."""
    port: Port = API_PORT
    """Port on which it listens."""


class ControlPlaneHosts(Contract):
    """Where etcd and the API servers run."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["endpoint"]}, {"required": ["load_balancer"]}]}
    )

    hosts: Annotated[Items[Host], Field(min_length=1, max_length=7)]
    """One host, or an odd number of them: etcd needs a majority."""
    endpoint: VirtualAddress | None = None
    """Address that moves among the hosts, which share a subnet; left out where ``load_balancer`` is written."""
    load_balancer: LoadBalancer | None = None
    """A load balancer of the site in place of the moving address; hosts may be in several subnets then."""

    @model_validator(mode="after")
    def _one_way_in(self) -> ControlPlaneHosts:
        if self.endpoint and self.load_balancer:
            raise ValueError(
                "names both endpoint and load_balancer, and the API server has one address; remove one of them"
            )
        if not self.endpoint and not self.load_balancer:
            raise ValueError(
                "does not say where the API server is found; write `endpoint:` with a free address of the hosts' "
                "network and an interface, or `load_balancer:` with the address of one that exists"
            )
        return self

    @property
    def api(self) -> VirtualAddress | LoadBalancer:
        """Where kubelets and programs find the API server."""
        found = self.endpoint or self.load_balancer
        if found is None:
            raise AssertionError("refused when it was made")
        return found


class Networks(Contract):
    """Address ranges; none may overlap another, nor any network that is joined to the site."""

    nodes: Cidr
    """Subnet of the hosts."""
    other_subnets: Annotated[Items[Cidr], Field(max_length=64)] = ()
    """Further subnets of hosts, joined to ``nodes`` and to each other by routers without NAT."""
    pods: Cidr = "10.244.0.0/16"
    """Addresses of the pods."""
    services: Cidr = "10.96.0.0/16"
    """Addresses of the services."""
    pods_per_node: Annotated[int, Field(ge=16, le=500)] = 110
    """Most pods that kubelet starts on a node."""
    mtu: Annotated[int, Field(ge=1280, le=9216)] = 1500
    """Largest packet of the hosts' network, bytes."""
    load_balancers: Annotated[Items[Cidr], Field(min_length=1, max_length=16)]
    """Ranges inside the hosts' subnets that MetalLB gives to services; nobody else may use them."""

    @property
    def subnets(self) -> tuple[str, ...]:
        """Every subnet of the hosts, ``nodes`` first."""
        return (self.nodes, *self.other_subnets)

    @property
    def node_prefix(self) -> int:
        """Prefix of a node's part of the pod network: twice the addresses, so that those of old pods can rest."""
        return 32 - (2 * self.pods_per_node - 1).bit_length()


class NfsStorage(Contract):
    """Shared files on an NFS server of the site."""

    old_arguments = (OldArgument("read_mb_per_second", "read_bandwidth", lambda mb: DataRate(mb * 1e6)),)
    kind: Literal["nfs"] = "nfs"
    server: HostAddress
    """Name or address of the server."""
    share: Annotated[str, Form(_SHARE, "/export/models"), Field(max_length=1024)]
    """Path that it exports, without spaces and what a shell would read as more than text."""
    read_bandwidth: DataRate
    """What one node reads from it, such as ``5GB/s``; the planner computes start-up times from it."""


def _base_of_packages(text: str) -> str:
    base = re.sub(r"/v\d+\.\d+/deb/*$", "", text)
    if base != text:
        raise ValueError(f"{excerpt(text)!r} ends in a version's folder, which is added to it; write {base}")
    return text


class Mirrors(Contract):
    """Where hosts get their software from."""

    packages: Annotated[Url, AfterValidator(_base_of_packages)] = "https://pkgs.k8s.io/core:/stable:"
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
    proxy: HttpProxy | None = None
    """HTTP proxy between the hosts and the internet."""
    ca_bundle: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """Path in the project of a PEM file: certificates of private authorities that hosts and containerd then trust."""
    workers_at_once: Annotated[int, Field(ge=1, le=50)] = 2
    """Hosts of a pool that join, or are emptied for an upgrade, at the same time."""
    dns: NameServer | None = None
    """Where names of Services are written."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
    protect: bool = False
    """Whether control plane and workers refuse to be reset."""

    @property
    def minor_version(self) -> str:
        """The version without its last number."""
        return self.kubernetes_version.rpartition(".")[0]
