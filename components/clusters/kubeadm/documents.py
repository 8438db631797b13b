"""The configuration of one cluster, document by document, from its settings.

Owns which flags are set and why. The form of the documents is in ``config``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...contracts.gpu_sharing import sharing_labels
from ...contracts.pools import GPU_TAINT, POOL_LABEL, GpuPool, NodePool, Taint, pool_sharing
from ...planner.catalogs.described import machine_of
from .config import (
    ApiEndpoint,
    ApiServer,
    Argument,
    BootstrapToken,
    ClusterConfiguration,
    Component,
    Discovery,
    ExtraVolume,
    InitConfiguration,
    JoinConfiguration,
    JoinControlPlane,
    KubeletConfiguration,
    Networking,
    NodeRegistration,
    NodeTaint,
    Proxy,
    documents,
)
from .hosts import Host
from .settings import KubeadmTarget

ENCRYPTION_FILE = "/etc/kubernetes/strata/encryption.yaml"
AUDIT_FILE = "/etc/kubernetes/strata/audit.yaml"
AUDIT_FOLDER = "/var/log/kubernetes"
# CIS Kubernetes Benchmark 1.12, sections 1.2 and 4.2: what kubeadm leaves open.
_API_SERVER_FLAGS = {
    "profiling": "false",
    "audit-policy-file": AUDIT_FILE,
    "audit-log-path": f"{AUDIT_FOLDER}/audit.log",
    "audit-log-maxage": "30",
    "audit-log-maxbackup": "10",
    "audit-log-maxsize": "100",
    "encryption-provider-config": ENCRYPTION_FILE,
    "encryption-provider-config-automatic-reload": "true",
    "enable-admission-plugins": "NodeRestriction",
}
_JOIN_LINE = re.compile(r"--token (\S+)\s+--discovery-token-ca-cert-hash (sha256:[0-9a-f]{64})")
_CERTIFICATE_KEY = re.compile(r"^[0-9a-f]{64}$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class JoinCredentials:
    """What a host needs to join, good for an hour or two.

    Attributes:
        token: Bootstrap token.
        authority: Hash of the cluster's certificate authority.
        certificate_key: Key of the uploaded certificates; for control plane hosts only.
    """

    token: str
    authority: str
    certificate_key: str | None = None

    @classmethod
    def of(cls, printed: str) -> JoinCredentials:
        """From what ``kubeadm`` printed."""
        line, key = _JOIN_LINE.search(printed), _CERTIFICATE_KEY.search(printed)
        if line is None:
            raise ValueError("kubeadm printed no join command")
        return cls(token=line[1], authority=line[2], certificate_key=key[0] if key else None)


def init_documents(target: KubeadmTarget) -> str:
    """What ``kubeadm init`` gets on the first host."""
    host = target.control_plane.hosts[0]
    first = InitConfiguration(
        node_registration=_registration(host, taints=None),
        local_api_endpoint=ApiEndpoint(advertise_address=host.address),
    )
    return documents(first, _cluster(target), _kubelet(target))


def join_documents(target: KubeadmTarget, host: Host, pool: NodePool | None, invitation: JoinCredentials) -> str:
    """What ``kubeadm join`` gets on a host.

    Args:
        target: The cluster.
        host: The host that joins.
        pool: Its node pool; None for a control plane host.
        invitation: What it may join with.
    """
    token = BootstrapToken(
        api_server_endpoint=endpoint(target), token=invitation.token, ca_cert_hashes=(invitation.authority,)
    )
    control_plane = (
        JoinControlPlane(
            local_api_endpoint=ApiEndpoint(advertise_address=host.address),
            certificate_key=invitation.certificate_key or "",
        )
        if pool is None
        else None
    )
    return documents(
        JoinConfiguration(
            discovery=Discovery(bootstrap_token=token),
            # Taints from the start: otherwise pods land on a GPU node before anybody has tainted it.
            node_registration=_registration(host, taints=pool_taints(pool) if pool else None),
            control_plane=control_plane,
        )
    )


def endpoint(target: KubeadmTarget) -> str:
    """Where the API server is found, whichever host it runs on."""
    api = target.control_plane.api
    return f"{api.address}:{api.port}"


def pool_labels(pool: NodePool, zone: str) -> dict[str, str]:
    """Labels of a pool's nodes that kubelet does not set itself."""
    machine = machine_of(pool)
    return {
        **sharing_labels(pool_sharing(pool), has_mig_manager=True),
        **pool.labels,
        POOL_LABEL: pool.name,
        "topology.kubernetes.io/zone": zone,
        "node.kubernetes.io/instance-type": machine.name,
    }


def pool_taints(pool: NodePool) -> Sequence[Taint]:
    """Taints of a pool's nodes."""
    return (GPU_TAINT, *pool.taints) if isinstance(pool, GpuPool) else pool.taints


def _registration(host: Host, taints: Sequence[Taint] | None) -> NodeRegistration:
    return NodeRegistration(
        name=host.name,
        kubelet_extra_args=(Argument(name="node-ip", value=host.address),),
        taints=(
            None
            if taints is None
            else tuple(NodeTaint(key=taint.key, value=taint.value, effect=taint.effect.value) for taint in taints)
        ),
    )


def _cluster(target: KubeadmTarget) -> ClusterConfiguration:
    addresses = [target.control_plane.api.address, *(host.address for host in target.control_plane.hosts)]
    return ClusterConfiguration(
        cluster_name=target.name,
        kubernetes_version=f"v{target.kubernetes_version}",
        control_plane_endpoint=endpoint(target),
        image_repository=target.mirrors.images,
        networking=Networking(service_subnet=target.networks.services, pod_subnet=target.networks.pods),
        api_server=ApiServer(
            cert_sans=tuple(dict.fromkeys(addresses)),
            extra_args=_arguments(_API_SERVER_FLAGS),
            extra_volumes=(
                ExtraVolume(name="strata-encryption", host_path=ENCRYPTION_FILE, mount_path=ENCRYPTION_FILE),
                ExtraVolume(name="strata-audit", host_path=AUDIT_FILE, mount_path=AUDIT_FILE),
                ExtraVolume(
                    name="audit-log",
                    host_path=AUDIT_FOLDER,
                    mount_path=AUDIT_FOLDER,
                    read_only=False,
                    path_type="DirectoryOrCreate",
                ),
            ),
        ),
        controller_manager=Component(
            extra_args=_arguments(
                {
                    "profiling": "false",
                    "terminated-pod-gc-threshold": "1000",
                    "node-cidr-mask-size-ipv4": str(target.networks.node_prefix),
                }
            )
        ),
        scheduler=Component(extra_args=_arguments({"profiling": "false"})),
        # Cilium does its work.
        proxy=Proxy(disabled=True),
    )


def _kubelet(target: KubeadmTarget) -> KubeletConfiguration:
    return KubeletConfiguration(
        max_pods=target.networks.pods_per_node,
        # Longer than a model server drains, so that a reboot loses no answer.
        shutdown_grace_period="150s",
        shutdown_grace_period_critical_pods="30s",
        # Whole cores and the memory beside the GPU's own NIC: data otherwise crosses the socket.
        cpu_manager_policy="static",
        topology_manager_policy="best-effort",
        system_reserved={"cpu": "500m", "memory": "1Gi", "ephemeral-storage": "5Gi"},
        kube_reserved={"cpu": "500m", "memory": "1Gi", "ephemeral-storage": "5Gi"},
    )


def _arguments(flags: dict[str, str]) -> tuple[Argument, ...]:
    return tuple(Argument(name=name, value=value) for name, value in flags.items())
