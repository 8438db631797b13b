"""Ports of SSH servers that Kubernetes needs on the same host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....contracts.errors import Problem
from ..settings import API_PORT, KubeadmTarget
from .addresses import hosts

# kubernetes/kubernetes, cmd/kubeadm/app/constants/constants.go (KubeletPort, KubeletHealthzPort, EtcdMetricsPort, …);
# but for the last two, cmd/kubeadm/app/preflight/checks.go stops with [ERROR Port-…] where one is in use.
_EVERY_HOST = {10250: "the kubelet", 10248: "the kubelet's health check"}
_CONTROL_PLANE = {
    **_EVERY_HOST,
    API_PORT: "the API server",
    2379: "etcd",
    2380: "etcd",
    2381: "etcd's health check",
    10257: "kube-controller-manager",
    10259: "kube-scheduler",
}


def ssh_port_problems(target: KubeadmTarget) -> Iterator[Problem]:
    """SSH servers on ports that Kubernetes cannot share; one problem where all hosts take theirs from ``ssh.port``."""
    reported: set[str] = set()
    for path, host in hosts(target):
        needed: Mapping[int, str] = _CONTROL_PLANE if host in target.control_plane.hosts else _EVERY_HOST
        owner = needed.get(target.ssh.port_of(host))
        field = f"{path}.ssh.port" if host.ssh.port else "target.ssh.port"
        if owner is None or field in reported:
            continue
        reported.add(field)
        yield Problem(
            field=field,
            cause=f"{owner} listens on port {target.ssh.port_of(host)} of host {host.name}",
            consequence="where SSH listens there already, kubeadm refuses the host, or the host never becomes ready",
            fix="let SSH listen on another port of the host, such as 22 or 2222, and write that one",
        )
