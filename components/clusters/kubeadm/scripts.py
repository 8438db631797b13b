"""What hosts run: preparation, ``kubeadm init``, ``join`` and ``upgrade``, and the way back.

Each script takes a host from any state it can be in to the wanted one. Versions change one node at a
time: the node is emptied before its script runs and filled again afterwards, by ``membership``.

Order of an upgrade: Kubernetes documentation, "Upgrading kubeadm clusters".
"""

from __future__ import annotations

from shlex import quote

import yaml

from ...contracts.pools import DriverOwner, GpuPool, NodePool
from ...planner.catalogs.described import machine_of
from .addon_table import CILIUM_CLI_VERSION, CILIUM_VERSION, AddOn, add_ons, mirrored
from .api_address import hold_address, require_name, require_same_address
from .documents import (
    AUDIT_FILE,
    ENCRYPTION_FILE,
    pool_labels,
    pool_taints,
)
from .host_files import AUDIT_POLICY, MODULES, NO_NOUVEAU, SYSCTLS
from .hosts import Host, Worker
from .load_balancers import address_pools, subnet_labels
from .proxy_scripts import export, variables
from .settings import KubeadmTarget
from .shell import apt_install, download, kubectl, script, write_file, write_input

CONFIG_FILE = "/etc/kubernetes/strata/kubeadm.yaml"
_DONE_FILE = "/etc/kubernetes/strata/member"
_KEYRING = "/etc/apt/keyrings/kubernetes.gpg"
_IMEX = "nvidia-imex.service"
# NVIDIA GPU Operator documentation, "Platform Support" (2026-08): systems with an image of the driver, of those that
# are prepared by apt.
_DRIVER_SYSTEMS = ("22.04", "24.04")
_DRAIN_SECONDS = 600
_READY_SECONDS = 600
# Names of Cilium's command line by Debian's name of the architecture are the same.
_CILIUM_RELEASES = f"https://github.com/cilium/cilium-cli/releases/download/v{CILIUM_CLI_VERSION}"


def prepare(target: KubeadmTarget, pool: NodePool | None) -> str:
    """Kernel, container runtime and Kubernetes' packages; refuses a GPU host whose driver is not as the pool says."""
    minor = f"v{target.minor_version}"
    return script(
        *require_name(target),
        *export(target),
        "sudo swapoff --all",
        "sudo sed --in-place --regexp-extended '/^[^#].*[[:space:]]swap[[:space:]]/s/^/#/' /etc/fstab",
        write_file("/etc/modules-load.d/strata.conf", MODULES),
        "sudo modprobe overlay",
        "sudo modprobe br_netfilter",
        write_file("/etc/sysctl.d/90-strata.conf", SYSCTLS),
        "sudo sysctl --quiet --system",
        *(_gpu_check(pool) if isinstance(pool, GpuPool) else ()),
        "sudo apt-get update",
        apt_install(["curl", "gpg", "nfs-common"]),
        *_container_runtime(),
        f"curl --fail --silent --show-error --location {quote(f'{target.mirrors.packages}/{minor}/deb/Release.key')}"
        f" | sudo gpg --batch --yes --dearmor --output {_KEYRING}",
        write_file(
            "/etc/apt/sources.list.d/kubernetes.list",
            f"deb [signed-by={_KEYRING}] {target.mirrors.packages}/{minor}/deb/ /\n",
        ),
        "sudo apt-get update",
    )


def _container_runtime() -> tuple[str, ...]:
    """Containerd, once: by the time a host is a member, the GPU operator has added NVIDIA's runtime to its settings."""
    return (
        f"if sudo test ! -e {_DONE_FILE}; then",
        apt_install(["containerd"]),
        # Kubelet and containerd must agree on who owns the cgroups.
        (
            "containerd config default | sed 's/SystemdCgroup = false/SystemdCgroup = true/'"
            " | sudo install -D -m 0644 /dev/stdin /etc/containerd/config.toml"
        ),
        "sudo systemctl restart containerd",
        "sudo systemctl enable containerd",
        "fi",
    )


def _gpu_check(pool: GpuPool) -> tuple[str, ...]:
    settled = (write_file("/etc/modprobe.d/strata-nouveau.conf", NO_NOUVEAU), *_imex(pool))
    if (pool.driver or DriverOwner.NODE_IMAGE) is DriverOwner.NODE_IMAGE:
        return (*settled, "nvidia-smi --list-gpus")
    message = "a driver is installed on this host, and the GPU operator is to install another; remove it"
    return (*_driver_system(), *settled, f"if nvidia-smi --list-gpus; then echo {quote(message)}; exit 1; fi")


def _driver_system() -> tuple[str, ...]:
    """Refuses a host for whose system there is no image of the driver: its pods would never find their image."""
    versions = "|".join(_DRIVER_SYSTEMS).replace(".", "[.]")
    message = f"the GPU operator has no driver for this host's system; install Ubuntu {' or '.join(_DRIVER_SYSTEMS)}"
    return tuple(
        f"if ! grep --quiet --extended-regexp {quote(line)} /etc/os-release; then echo {quote(message)}; exit 1; fi"
        for line in ("^ID=ubuntu$", f'^VERSION_ID="({versions})"$')
    )


def _imex(pool: GpuPool) -> tuple[str, ...]:
    """The DRA driver runs IMEX itself, and its daemons never get ready beside one of the host's.

    NVIDIA/k8s-dra-driver-gpu issues 524 and 767.
    """
    machine = machine_of(pool)
    if machine.nvlink_domain <= machine.gpus:
        return ()
    return (
        f"if systemctl is-active --quiet {_IMEX}; then sudo systemctl stop {_IMEX}; fi",
        f"sudo systemctl mask {_IMEX}",
    )


def initialise(target: KubeadmTarget) -> str:
    """The first control plane host; its configuration comes as the script's input."""
    return script(
        write_input(CONFIG_FILE),
        _packages(target),
        f"if sudo test ! -e {_DONE_FILE}; then",
        # What an attempt that was cut off left behind.
        "sudo kubeadm reset --force",
        write_file(AUDIT_FILE, AUDIT_POLICY, mode="0600"),
        *hold_address(target, first_start=True),
        f"sudo kubeadm init --config {CONFIG_FILE}",
        *hold_address(target, first_start=False),
        f"sudo touch {_DONE_FILE}",
        "fi",
    )


def keep_encryption() -> str:
    """Keeps what comes as the script's input where the API server looks for its key; it is in no script's text."""
    return script(write_input(ENCRYPTION_FILE))


def invite(host: Host, *, control_plane: bool) -> str:
    """Prints what one host may join with, for an hour; certificates go for two."""
    return script(
        f"sudo kubeadm token create --ttl 1h --description {quote(host.name)} --print-join-command",
        *(("sudo kubeadm init phase upload-certs --upload-certs",) if control_plane else ()),
    )


def join_control_plane(target: KubeadmTarget) -> str:
    """A further control plane host; its configuration comes as the script's input."""
    return script(
        write_input(CONFIG_FILE),
        _packages(target),
        f"if sudo test ! -e {_DONE_FILE}; then",
        "sudo kubeadm reset --force",
        write_file(AUDIT_FILE, AUDIT_POLICY, mode="0600"),
        f"sudo kubeadm join --config {CONFIG_FILE}",
        *hold_address(target, first_start=False),
        f"sudo touch {_DONE_FILE}",
        "fi",
    )


def join_worker(target: KubeadmTarget) -> str:
    """A worker; its configuration comes as the script's input."""
    return script(
        write_input(CONFIG_FILE),
        _packages(target),
        f"if sudo test ! -e {_DONE_FILE}; then",
        "sudo kubeadm reset --force",
        f"sudo kubeadm join --config {CONFIG_FILE}",
        f"sudo touch {_DONE_FILE}",
        "fi",
    )


def upgrade_first(target: KubeadmTarget) -> str:
    """The first control plane host to the version of the settings; the cluster's own objects with it."""
    return script(
        apt_install([_pinned("kubeadm", target)]),
        f"sudo kubeadm upgrade apply v{target.kubernetes_version} --yes",
        *_new_kubelet(target),
    )


def upgrade_node(target: KubeadmTarget) -> str:
    """Any other host to the version of the settings."""
    return script(
        apt_install([_pinned("kubeadm", target)]),
        "sudo kubeadm upgrade node",
        *_new_kubelet(target),
    )


def leave() -> str:
    """Takes Kubernetes off a host; data of the cluster goes with it, packages stay."""
    return script(
        "sudo kubeadm reset --force",
        "sudo rm --recursive --force /etc/cni/net.d /etc/kubernetes/strata",
    )


def empty(host: Host, target: KubeadmTarget) -> str:
    """Moves the pods off a node, in time for the version named; budgets of pods are kept."""
    return script(
        f"printf 'emptied for %s\\n' {quote(target.kubernetes_version)}",
        kubectl(f"drain {quote(host.name)} {_drain_flags()}"),
    )


def configure_node(worker: Worker, pool: NodePool, target: KubeadmTarget) -> str:
    """Sets labels and taints of the pool, whatever they were, and uncordons the node."""
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": worker.name,
            "labels": {**pool_labels(pool, worker.zone), **subnet_labels(target, worker)},
        },
        "spec": {"taints": [taint.model_dump(mode="json") for taint in pool_taints(pool)]},
    }
    return script(
        f"printf 'runs %s\\n' {quote(target.kubernetes_version)}",
        # The last word on labels and taints is the settings', so that one that was removed there goes here.
        f"printf %s {quote(yaml.safe_dump(node, sort_keys=False))} | "
        + kubectl("apply --server-side --force-conflicts --field-manager=strata --filename -"),
        kubectl(f"wait --for=condition=Ready --timeout={_READY_SECONDS}s {quote(f'node/{worker.name}')}"),
        kubectl(f"uncordon {quote(worker.name)}"),
    )


def remove_host(host: Host) -> str:
    """Empties a node and takes it out of the cluster."""
    return script(
        kubectl(f"drain {quote(host.name)} {_drain_flags()}"),
        kubectl(f"delete node {quote(host.name)} --ignore-not-found"),
    )


def install_network(target: KubeadmTarget) -> str:
    """Cilium, new or changed: pod network, network policies, and services in place of kube-proxy."""
    archive = "cilium-linux-amd64.tar.gz"
    values = {
        "kubeProxyReplacement": "true",
        "k8sServiceHost": target.control_plane.api.address,
        "k8sServicePort": str(target.control_plane.api.port),
        "ipam.mode": "kubernetes",
        "MTU": str(target.networks.mtu),
        "operator.replicas": str(min(2, len(target.control_plane.hosts))),
    }
    flags = " ".join(f"--set {quote(f'{name}={value}')}" for name, value in values.items())
    # sudo keeps no variables but those that it is given.
    through = "".join(f"{name}={quote(value)} " for name, value in variables(target).items())
    client = f"sudo {through}KUBECONFIG=/etc/kubernetes/admin.conf cilium"
    return script(
        *require_same_address(target, CONFIG_FILE),
        *export(target),
        *(
            f"curl --fail --silent --show-error --location --retry 3 --output {name} "
            + quote(mirrored(target, f"{_CILIUM_RELEASES}/{name}"))
            for name in (archive, f"{archive}.sha256sum")
        ),
        f"sha256sum --check --status {archive}.sha256sum",
        f"sudo tar --extract --gzip --file {archive} --directory /usr/local/bin cilium",
        f"rm {archive} {archive}.sha256sum",
        f"if {kubectl('--namespace kube-system get daemonset cilium')}; then",
        f"{client} upgrade --version {CILIUM_VERSION} {flags}",
        "else",
        f"{client} install --version {CILIUM_VERSION} {flags}",
        "fi",
        f"{client} status --wait --wait-duration {_READY_SECONDS}s",
    )


def install_add_ons(target: KubeadmTarget) -> str:
    """Load balancers, volumes and their snapshots, new or changed, and the addresses that load balancers may use."""
    return script(
        *export(target),
        *(line for add_on in add_ons(target) for line in _install(target, add_on)),
        *address_pools(target),
    )


def _install(target: KubeadmTarget, add_on: AddOn) -> list[str]:
    lines: list[str] = []
    for manifest in add_on.manifests:
        lines += download(mirrored(target, manifest.url), manifest.sha256, manifest.name)
        lines.append(kubectl(f"apply --server-side --force-conflicts --filename {quote(manifest.name)}"))
        lines.append(f"rm {quote(manifest.name)}")
    for workload in add_on.workloads:
        namespace, _, name = workload.partition(" ")
        lines.append(kubectl(f"--namespace {namespace} rollout status --timeout={_READY_SECONDS}s {name}"))
    return lines


def _packages(target: KubeadmTarget) -> str:
    names = ("kubeadm", "kubelet", "kubectl")
    # A host that has joined keeps what it has: upgrades have their own order.
    return (
        f"if sudo test ! -e {_DONE_FILE}; then\n{apt_install(_pinned(name, target) for name in names)}\n"
        "sudo apt-mark hold kubeadm kubelet kubectl\nfi"
    )


def _new_kubelet(target: KubeadmTarget) -> tuple[str, ...]:
    return (
        apt_install([_pinned("kubelet", target), _pinned("kubectl", target)]),
        "sudo apt-mark hold kubeadm kubelet kubectl",
        "sudo systemctl daemon-reload",
        "sudo systemctl restart kubelet",
    )


def _pinned(package: str, target: KubeadmTarget) -> str:
    return f"{package}={target.kubernetes_version}-*"


def _drain_flags() -> str:
    return f"--ignore-daemonsets --delete-emptydir-data --timeout={_DRAIN_SECONDS}s"
