"""A cluster on hosts of one's own as a program asks for it.

Owns the arguments and how they relate to the settings of a stack: ``of`` makes arguments of settings, and
``settings`` makes settings of arguments, by which facts, rules and the hosts' scripts see every cluster the
same way. Hosts, addresses and ranges are plain, because certificates and scripts are written with them at
preview; the SSH key is an input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi

from ...contracts.arguments import checked_arguments
from ...contracts.dns import NameServer
from ...contracts.http_proxy import HttpProxy
from ...contracts.names import ObjectName
from ...contracts.pools import NodePool
from ..arguments import checked
from .hosts import Ssh, Worker
from .settings import ControlPlaneHosts, KubeadmTarget, Mirrors, Networks, NfsStorage


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class KubeadmClusterArgs:
    """A kubeadm cluster.

    Attributes:
        kubernetes_version: Version, such as ``1.34.2``; raise the minor version by one at a time.
        control_plane: Where etcd and the API servers run.
        workers: Hosts of the node pools: as many for each pool as its ``count``.
        ssh: How Pulumi logs in.
        private_key: SSH key with which the hosts are reached, a secret.
        networks: Address ranges.
        shared_storage: The file system that all nodes share.
        pools: Its node pools.
        name: Name of the cluster; the component's where left out.
        mirrors: Where hosts get their software from.
        proxy: HTTP proxy between the hosts and the internet.
        ca_bundle: PEM file with certificates of private authorities, which hosts and containerd then trust.
        workers_at_once: Hosts of a pool that join, or are emptied for an upgrade, at the same time.
        dns: Name server in whose zones names of Services are written.
        apis: API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com``.
        protect: Whether control plane and workers refuse to be reset.
    """

    kubernetes_version: str
    control_plane: ControlPlaneHosts
    workers: Sequence[Worker]
    ssh: Ssh
    private_key: pulumi.Input[str]
    networks: Networks
    shared_storage: NfsStorage
    pools: Sequence[NodePool]
    name: ObjectName | None = None
    mirrors: Mirrors = field(default_factory=Mirrors)
    proxy: HttpProxy | None = None
    ca_bundle: str | None = None
    workers_at_once: int = 2
    dns: NameServer | None = None
    apis: Sequence[str] = ()
    protect: bool = False

    @classmethod
    def of(cls, target: KubeadmTarget, pools: Sequence[NodePool], private_key: pulumi.Input[str]) -> KubeadmClusterArgs:
        """The cluster of a stack's settings."""
        return cls(
            kubernetes_version=target.kubernetes_version,
            control_plane=target.control_plane,
            workers=target.workers,
            ssh=target.ssh,
            private_key=private_key,
            networks=target.networks,
            shared_storage=target.shared_storage,
            pools=pools,
            name=target.name,
            mirrors=target.mirrors,
            proxy=target.proxy,
            ca_bundle=target.ca_bundle,
            workers_at_once=target.workers_at_once,
            dns=target.dns,
            apis=target.apis,
            protect=target.protect,
        )

    def settings(self, component: str) -> KubeadmTarget:
        """The cluster as settings.

        Args:
            component: Name of the component.

        Raises:
            StrataError: for every argument that does not have the form that settings have.
        """
        return checked(lambda: self._settings(component))

    def _settings(self, component: str) -> KubeadmTarget:
        return KubeadmTarget(
            kind="kubeadm",
            name=self.name or component,
            kubernetes_version=self.kubernetes_version,
            control_plane=self.control_plane,
            workers=tuple(self.workers),
            ssh=self.ssh,
            networks=self.networks,
            shared_storage=self.shared_storage,
            mirrors=self.mirrors,
            proxy=self.proxy,
            ca_bundle=self.ca_bundle,
            workers_at_once=self.workers_at_once,
            dns=self.dns,
            apis=tuple(self.apis),
            protect=self.protect,
        )
