"""A kubeadm cluster as users write it: an inventory of hosts, and what is to run on them."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from ...contracts.addresses import Address, HostAddress
from ...contracts.api_access import Cidr
from ...contracts.api_groups import ApiGroups
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import LabelValue, ObjectName
from ...contracts.sequences import Items
from ...contracts.sources import ImageMirror

_KEY_FORM = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|rsa-sha2-512|ssh-rsa) ([A-Za-z0-9+/]{40,}={0,2})")
_KEY_EXAMPLE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx0Zm9vYmFyYmF6MTIzNDU2Nzg5MGFiY2RlZg"
_FINGERPRINT = re.compile(r"(SHA256|MD5):.*|[0-9a-f]{2}(:[0-9a-f]{2}){15}")


def _host_key(text: str) -> str:
    how = "write what `ssh-keyscan -t ed25519 HOST` prints after the host's name"
    if _FINGERPRINT.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is the fingerprint of a key, which says nothing of the key itself; {how}")
    if text.startswith("-----BEGIN"):
        raise ValueError(f"this is a file of a key, perhaps a private one, and not a host's public key; {how}")
    form = _KEY_FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"{text[:60]!r} is not a host's public key, such as '{_KEY_EXAMPLE}'; {how}")
    kind = "ssh-rsa" if form[1].startswith("rsa-") else form[1]
    # RFC 4253, section 6.6: the key starts with the length of its kind, in four bytes, and the kind itself.
    start = len(kind).to_bytes(4, "big") + kind.encode()
    if not b64decode(form[2] + "=" * (-len(form[2]) % 4)).startswith(start):
        raise ValueError(f"{text[:60]!r} does not hold a key of kind {kind}, and was cut or mixed up; {how}")
    return text


HostKey = Annotated[
    str,
    AfterValidator(_host_key),
    WithJsonSchema({"type": "string", "pattern": f"^({_KEY_FORM.pattern})$", "examples": [_KEY_EXAMPLE]}),
]
"""Public key of a host as ``ssh-keyscan`` prints it, without the host's name."""
UserName = Annotated[str, Form(r"[a-z_][a-z0-9_-]{0,31}", "strata")]
_SHARE = r"/[^\s\x00-\x1f\x7f\"'`\\$;&|<>(){}\[\]*?!]*"
Url = Annotated[
    str, Form(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~:/+%=-]*)?", "https://packages.example.com")
]
"""An address without what a shell or a list of package sources would read as more than text."""


class Host(Contract):
    """One machine that runs Ubuntu or Debian and lets Pulumi in over SSH."""

    name: ObjectName
    """Name of the host and of its node."""
    address: Address
    """Address by which nodes reach each other, and Pulumi reaches the host."""
    host_key: HostKey
    """Its SSH key; a machine with another one is not spoken to."""


class Worker(Host):
    """A host of a node pool."""

    pool: ObjectName
    """Node pool that it belongs to."""
    zone: LabelValue
    """Rack or room that fails as one; one of the pool's zones."""


class Bastion(Contract):
    """A host through which all others are reached."""

    address: HostAddress
    """Address or name of the jump host."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """Port of its SSH server."""
    user: UserName
    """User on it; the user of the hosts where left out."""
    host_key: HostKey
    """Its public key, as ``ssh-keyscan`` prints it without the name."""


class Ssh(Contract):
    """How Pulumi logs in; the private key is the secret that ``secrets.ssh_private_key`` names."""

    user: UserName
    """A user who may run anything with ``sudo`` and is not asked for a password."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """Port of the SSH servers."""
    bastion: Bastion | None = None
    """Jump host that the connections go through."""


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
    read_mb_per_second: Annotated[float, Field(gt=0, le=1e6)]
    """What one node reads from it, 10^6 bytes per second; the planner's start-up times stand on it."""


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
