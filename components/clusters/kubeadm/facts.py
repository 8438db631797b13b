"""The facts of a kubeadm cluster, all of them known before it exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...contracts.api_groups import VOLUME_SNAPSHOTS
from ...contracts.certificates import read_certificates
from ...contracts.cluster_facts import ClusterFacts, KubeletCertificates, NodeRepair, StorageFacts, VolumeClass
from ...contracts.devices import DevicePart
from ...contracts.pools import DriverOwner, NodePool
from ...contracts.way_out import ProxyAddresses, WayOut
from ...planner.shapes import pool_facts
from ..volume_classes import block_class, shared_class
from .addon_table import LOCAL_DRIVER, NAMESPACES, NFS_DRIVER
from .proxy_scripts import direct_entries
from .settings import KubeadmTarget

DEFAULT_DRIVER = DriverOwner.NODE_IMAGE
"""Hosts are installed once and by hand, and their driver with them."""
# The host's preparation asks `nvidia-smi` for its GPUs and writes no runtime of NVIDIA's into containerd's file.
PROVIDED: Mapping[DriverOwner, Sequence[DevicePart]] = {DriverOwner.NODE_IMAGE: (DevicePart.DRIVER,)}
"""What GPU nodes come with, by the owner of their driver."""
LOCAL_CLASS = "strata-local"
# A data-centre NVMe disk reads 3 GB/s and more (Samsung PM9A3 data sheet: 6.5 GB/s); half of it leaves room for others.
_NVME_READ = 3e9


def kubeadm_facts(target: KubeadmTarget, pools: Sequence[NodePool]) -> ClusterFacts:
    """The facts of a kubeadm cluster with these pools.

    Raises:
        StrataError: when a pool's machine type is unknown or does not suit its kind.
    """
    return ClusterFacts(
        name=target.name,
        environment="kubeadm",
        # Its controller is among what is installed, unless somebody else installs it: add_ons of addon_table.
        apis=(VOLUME_SNAPSHOTS, *target.apis),
        way_out=_way_out(target),
        pod_ranges=(target.networks.pods, target.networks.services),
        namespaces=NAMESPACES,
        dns=target.dns.facts if target.dns else None,
        # Kubernetes documentation, "Certificate Management with kubeadm": so it is unless serverTLSBootstrap is set.
        kubelet_certificates=KubeletCertificates.SELF_SIGNED,
        node_repair=NodeRepair.NOBODY,
        kubernetes_version=target.kubernetes_version,
        pools=tuple(pool_facts(pool, DEFAULT_DRIVER, PROVIDED) for pool in pools),
        storage=StorageFacts(
            read_write_once=block_class(LOCAL_DRIVER, _NVME_READ, name=LOCAL_CLASS),
            read_write_many=_shared_class(target),
        ),
    )


def _way_out(target: KubeadmTarget) -> WayOut | None:
    """What hosts are told, told to pods that download."""
    if target.proxy is None and target.ca_bundle is None:
        return None
    proxy = target.proxy and ProxyAddresses(
        http=target.proxy.for_http, https=target.proxy.https, direct=tuple(direct_entries(target, target.proxy))
    )
    return WayOut(proxy=proxy, certificates=_certificates(target.ca_bundle))


def _certificates(path: str | None) -> tuple[str, ...]:
    try:
        return read_certificates(path) if path else ()
    except ValueError:
        return ()  # A rule of the target says why.


def _shared_class(target: KubeadmTarget) -> VolumeClass:
    storage = target.shared_storage
    parameters = {"server": storage.server, "share": storage.share}
    return shared_class(NFS_DRIVER, float(storage.read_bandwidth), parameters)
