"""What kubeadm is told: the documents of ``kubeadm.k8s.io/v1beta4`` and kubelet's own.

Owns the types and their form; field names are those of the API references "kubeadm Configuration
(v1beta4)" and "Kubelet Configuration (v1beta1)" of the Kubernetes documentation.
"""

from __future__ import annotations

from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_KUBEADM_API: Literal["kubeadm.k8s.io/v1beta4"] = "kubeadm.k8s.io/v1beta4"


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Argument(_Document):
    """A flag of a component."""

    name: str
    value: str


class ExtraVolume(_Document):
    """A file of the host that a component reads."""

    name: str
    host_path: str
    mount_path: str
    read_only: bool = True
    path_type: Literal["File", "DirectoryOrCreate"] = "File"


class NodeTaint(_Document):
    """A taint of the node when it registers."""

    key: str
    value: str = ""
    effect: str


class NodeRegistration(_Document):
    """How kubelet registers its node."""

    name: str
    cri_socket: str = "unix:///run/containerd/containerd.sock"
    kubelet_extra_args: tuple[Argument, ...] = ()
    taints: tuple[NodeTaint, ...] | None = None
    """None leaves kubeadm's own, which keep ordinary pods off control planes; an empty list means none."""


class ApiEndpoint(_Document):
    """Where the API server of one host listens."""

    advertise_address: str
    bind_port: int = 6443


class InitConfiguration(_Document):
    """The first control plane host."""

    api_version: str = _KUBEADM_API
    kind: Literal["InitConfiguration"] = "InitConfiguration"
    node_registration: NodeRegistration
    local_api_endpoint: ApiEndpoint = Field(serialization_alias="localAPIEndpoint")


class ApiServer(_Document):
    """The API servers."""

    cert_sans: tuple[str, ...] = Field(serialization_alias="certSANs")
    extra_args: tuple[Argument, ...]
    extra_volumes: tuple[ExtraVolume, ...]


class Component(_Document):
    """Another component of the control plane."""

    extra_args: tuple[Argument, ...]


class Networking(_Document):
    """Address ranges of the cluster."""

    service_subnet: str
    pod_subnet: str
    dns_domain: str = "cluster.local"


class Proxy(_Document):
    """Whether kubeadm installs kube-proxy."""

    disabled: bool


class ClusterConfiguration(_Document):
    """What all control plane hosts share."""

    api_version: str = _KUBEADM_API
    kind: Literal["ClusterConfiguration"] = "ClusterConfiguration"
    cluster_name: str
    kubernetes_version: str
    control_plane_endpoint: str
    image_repository: str
    networking: Networking
    api_server: ApiServer
    controller_manager: Component
    scheduler: Component
    proxy: Proxy


class KubeletConfiguration(_Document):
    """Kubelet on every node."""

    api_version: str = "kubelet.config.k8s.io/v1beta1"
    kind: Literal["KubeletConfiguration"] = "KubeletConfiguration"
    cgroup_driver: Literal["systemd"] = "systemd"
    max_pods: int
    rotate_certificates: bool = True
    protect_kernel_defaults: bool = True
    shutdown_grace_period: str
    shutdown_grace_period_critical_pods: str
    cpu_manager_policy: Literal["none", "static"]
    topology_manager_policy: Literal["none", "single-numa-node", "restricted", "best-effort"]
    system_reserved: dict[str, str]
    kube_reserved: dict[str, str]


class BootstrapToken(_Document):
    """How a new node knows the control plane, and is known by it."""

    api_server_endpoint: str
    token: str
    ca_cert_hashes: tuple[str, ...]


class Discovery(_Document):
    """How a new node finds the cluster."""

    bootstrap_token: BootstrapToken


class JoinControlPlane(_Document):
    """A further control plane host."""

    local_api_endpoint: ApiEndpoint = Field(serialization_alias="localAPIEndpoint")
    certificate_key: str


class JoinConfiguration(_Document):
    """A node that joins."""

    api_version: str = _KUBEADM_API
    kind: Literal["JoinConfiguration"] = "JoinConfiguration"
    discovery: Discovery
    node_registration: NodeRegistration
    control_plane: JoinControlPlane | None = None


def documents(*parts: BaseModel) -> str:
    """The parts as one YAML file."""
    return "---\n".join(
        yaml.safe_dump(part.model_dump(mode="json", by_alias=True, exclude_none=True), sort_keys=False)
        for part in parts
    )
