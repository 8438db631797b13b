"""What ``kubeadm`` asks of a host and of its configuration before it does anything.

Sources: kubernetes/kubernetes v1.34.2, cmd/kubeadm/app/preflight/checks.go (host), util/config (documents);
kube-vip issue 684 (the address during ``init``).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from pydantic import BaseModel, Field

from components.contracts.pools import Taint, TaintEffect
from components.contracts.quantities import ByteSize, CpuAmount

from ....control_plane.reservations import Reserved
from ..site import read_site
from .memory import fail
from .record import Here, Kubelets

_AUDIT, _ENCRYPTION = "/etc/kubernetes/strata/audit.yaml", "/etc/kubernetes/strata/encryption.yaml"
_KUBE_VIP = "/etc/kubernetes/manifests/kube-vip.yaml"
_KUBELET_KERNEL = {"vm.overcommit_memory": "1", "kernel.panic": "10", "kernel.panic_on_oops": "1"}
"""What kubelet insists on under protectKernelDefaults (pkg/kubelet/cm/container_manager_linux.go)."""


class _Document(BaseModel):
    kind: str


class _InitCluster(BaseModel):
    kind: str
    cluster_name: str = Field(alias="clusterName")
    kubernetes_version: str = Field(alias="kubernetesVersion")
    control_plane_endpoint: str = Field(alias="controlPlaneEndpoint")


class _Kubelet(BaseModel):
    max_pods: int = Field(0, alias="maxPods")
    system_reserved: dict[str, str] = Field({}, alias="systemReserved")
    kube_reserved: dict[str, str] = Field({}, alias="kubeReserved")

    def reserved(self) -> Reserved:
        """Both reservations together."""
        both = (self.system_reserved, self.kube_reserved)
        return Reserved(
            cores=sum(CpuAmount.parse(amounts.get("cpu", "0")) for amounts in both) / 1000,
            memory=sum(ByteSize.parse(amounts.get("memory", "0")) for amounts in both),
            storage=sum(ByteSize.parse(amounts.get("ephemeral-storage", "0")) for amounts in both),
        )


class _Token(BaseModel):
    api_server_endpoint: str = Field(alias="apiServerEndpoint")
    token: str
    ca_cert_hashes: list[str] = Field(alias="caCertHashes")


class _Discovery(BaseModel):
    bootstrap_token: _Token = Field(alias="bootstrapToken")


class _Taint(BaseModel):
    key: str
    value: str = ""
    effect: TaintEffect


class _Registration(BaseModel):
    taints: list[_Taint] | None = None


class _ControlPlane(BaseModel):
    certificate_key: str = Field(alias="certificateKey")


class _Join(BaseModel):
    kind: str
    discovery: _Discovery
    node_registration: _Registration = Field(alias="nodeRegistration")
    control_plane: _ControlPlane | None = Field(None, alias="controlPlane")


@dataclass(frozen=True, kw_only=True)
class Init:
    """What ``kubeadm init`` is asked for."""

    name: str
    version: str
    endpoint: str
    kubelets: Kubelets


@dataclass(frozen=True, kw_only=True)
class Join:
    """What ``kubeadm join`` is asked for."""

    endpoint: str
    token: str
    authority: str
    certificate_key: str
    control_plane: bool
    taints: tuple[Taint, ...] | None


def check_host(place: Here) -> None:
    """Every preflight error at once, as kubeadm prints them."""
    memory, errors = place.memory(), list[str]()
    if memory.swap:
        errors.append("[ERROR Swap]: running with swap on is not supported. Please disable swap")
    if memory.kernel.get("net.ipv4.ip_forward") != "1":
        errors.append("[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: contents are not set to 1")
    if "containerd" not in memory.running:
        errors.append("[ERROR CRI]: could not connect to the container runtime: unix:///run/containerd/containerd.sock")
    config = place.file("/etc/containerd/config.toml")
    if not config.exists() or "SystemdCgroup = true" not in config.read_text():
        errors.append("[ERROR CgroupDriver]: containerd uses cgroupfs, kubelet systemd; pods would be killed at random")
    errors += [
        f"[ERROR FileExisting-{name}]: {name} not found"
        for name in ("kubeadm", "kubelet")
        if name not in memory.packages
    ]
    errors += [
        f"[ERROR Kubelet]: invalid kernel flag: {name}, expected {value}, actual {memory.kernel.get(name, '0')}"
        for name, value in _KUBELET_KERNEL.items()
        if memory.kernel.get(name) != value
    ]
    if place.membership.exists():
        errors.append("[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already exists")
    if errors:
        fail("error execution phase preflight: [preflight] Some fatal errors occurred:\n\t" + "\n\t".join(errors))


def check_documents(place: Here, config: str) -> list[str]:
    """The documents of a configuration, which the real ``kubeadm`` has accepted where it is installed."""
    file = place.file(config)
    if not file.exists():
        fail(f'unable to read config from "{config}": open {config}: no such file or directory')
    real = shutil.which("kubeadm")
    if real:
        judged = subprocess.run(
            [real, "config", "validate", "--config", str(file)], capture_output=True, text=True, check=False
        )
        if judged.returncode != 0 or "unknown field" in judged.stderr:
            fail(judged.stderr.strip())
    return file.read_text().split("---\n")


def read_init(documents: Sequence[str]) -> Init:
    """The part of it that ``init`` acts on."""
    kinds = {_Document.model_validate(yaml.safe_load(text)).kind: text for text in documents}
    if "ClusterConfiguration" not in kinds:
        fail("no ClusterConfiguration in the configuration")
    cluster = _InitCluster.model_validate(yaml.safe_load(kinds["ClusterConfiguration"]))
    kubelet = _Kubelet.model_validate(yaml.safe_load(kinds.get("KubeletConfiguration", "{}")))
    return Init(
        name=cluster.cluster_name,
        version=cluster.kubernetes_version.removeprefix("v"),
        endpoint=cluster.control_plane_endpoint,
        kubelets=Kubelets(max_pods=kubelet.max_pods, reserved=kubelet.reserved()),
    )


def read_join(documents: Sequence[str]) -> Join:
    """The part of it that ``join`` acts on."""
    join = _Join.model_validate(yaml.safe_load(documents[0]))
    token, taints = join.discovery.bootstrap_token, join.node_registration.taints
    return Join(
        endpoint=token.api_server_endpoint,
        token=token.token,
        authority=token.ca_cert_hashes[0],
        certificate_key=join.control_plane.certificate_key if join.control_plane else "",
        control_plane=join.control_plane is not None,
        taints=None if taints is None else tuple(Taint(key=t.key, value=t.value, effect=t.effect) for t in taints),
    )


def check_control_plane_files(place: Here, documents: Sequence[str]) -> None:
    """An API server whose files are missing never starts, and ``kubeadm`` waits in vain."""
    named = "".join(documents) or f"{_AUDIT} {_ENCRYPTION}"
    for path in (_AUDIT, _ENCRYPTION):
        if path in named and not place.file(path).exists():
            fail(
                "error execution phase wait-control-plane: could not initialize a Kubernetes cluster: "
                f"kube-apiserver: open {path}: no such file or directory"
            )


def check_api_address(place: Here, endpoint: str) -> None:
    """Somebody has to answer at the control plane's address while ``init`` runs."""
    address = endpoint.partition(":")[0]
    if address == place.host.address or endpoint == read_site(place.state).load_balancer:
        return
    manifest = place.file(_KUBE_VIP)
    text = manifest.read_text() if manifest.exists() else ""
    if address not in text or "super-admin.conf" not in text:
        fail(
            "error execution phase upload-config/kubeadm: error uploading the kubeadm ClusterConfiguration: "
            f'Post "https://{endpoint}/api/v1": dial tcp {endpoint}: connect: no route to host'
        )


def require_version(place: Here, version: str) -> None:
    """``kubeadm`` works on its own minor version only."""
    own = place.memory().packages.get("kubeadm", "")
    if own.rpartition(".")[0] != version.rpartition(".")[0]:
        fail(
            f'this version of kubeadm, "v{own}", only supports deploying clusters of its own minor version, '
            f'not "v{version}"'
        )
