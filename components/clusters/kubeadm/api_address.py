"""What hosts do about the address of the API server: hold it themselves, or find the load balancer that does."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address
from shlex import quote

from .documents import endpoint
from .host_files import kube_vip_pod
from .settings import KubeadmTarget
from .shell import write_file

_VIP_FILE = "/etc/kubernetes/manifests/kube-vip.yaml"


def hold_address(target: KubeadmTarget, *, first_start: bool) -> tuple[str, ...]:
    """Lines that write the static pod which holds the virtual address; none where there is a load balancer."""
    address = target.control_plane.endpoint
    if address is None:
        return ()
    return (write_file(_VIP_FILE, kube_vip_pod(address, first_start=first_start), mode="0600"),)


def require_name(target: KubeadmTarget) -> tuple[str, ...]:
    """Lines that refuse a host which cannot resolve the load balancer's name: kubeadm would wait for minutes."""
    balancer = target.control_plane.load_balancer
    if balancer is None or _is_address(balancer.address):
        return ()
    message = f"this host finds no IPv4 address for {balancer.address}, the load balancer of the API; correct its DNS"
    return (f"if ! getent ahostsv4 {quote(balancer.address)}; then echo {quote(message)}; exit 1; fi",)


def require_same_address(target: KubeadmTarget, config: str) -> tuple[str, ...]:
    """Lines that refuse a load balancer for a cluster that was made with another address of its API server.

    Certificates and kubeconfigs name the old address, so the pod network would lose the API server.

    Args:
        target: The cluster.
        config: Configuration that ``kubeadm init`` got.
    """
    if target.control_plane.load_balancer is None:
        return ()
    line = f"controlPlaneEndpoint: {endpoint(target)}"
    message = (
        f"the API server of this cluster has another address than {endpoint(target)}, and kubeadm cannot change it; "
        "write the one that the cluster was made with"
    )
    same = f"sudo grep --quiet --line-regexp --fixed-strings {quote(line)} {config}"
    return (f"if ! {same}; then echo {quote(message)}; exit 1; fi",)


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
