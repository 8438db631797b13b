"""What a kubeadm cluster lacks: a pod network, load balancers, volumes. Where each is published, with checksums.

Owns pins of files that hosts download; images are the manifests' own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...contracts.api_groups import VOLUME_SNAPSHOTS
from .settings import KubeadmTarget


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One file of objects.

    Attributes:
        url: Where its project publishes it.
        sha256: Checksum of its content.
    """

    url: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """One part, as its project publishes it.

    Attributes:
        name: What it is called.
        version: Release.
        manifests: Its files, in the order in which they are applied.
        workloads: What has to be ready, as ``namespace kind/name``.
    """

    name: str
    version: str
    manifests: tuple[Manifest, ...]
    workloads: tuple[str, ...]


CILIUM_VERSION = "1.20.2"
CILIUM_CLI_VERSION = "0.20.0"
"""The command line that the tests of Cilium 1.20.2 use (cilium/cilium, .github/actions/set-env-variables)."""
NFS_DRIVER = "nfs.csi.k8s.io"
LOCAL_DRIVER = "rancher.io/local-path"

_METALLB = "https://raw.githubusercontent.com/metallb/metallb/v0.16.2/config/manifests"
_NFS = "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-nfs/v4.13.3/deploy/v4.13.3"
_SNAPSHOTS = "https://raw.githubusercontent.com/kubernetes-csi/external-snapshotter/v8.7.0"
_LOCAL = "https://raw.githubusercontent.com/rancher/local-path-provisioner/v0.0.30/deploy"

SNAPSHOT_CONTROLLER = AddOn(
    name="snapshot-controller",
    version="8.7.0",
    manifests=(
        Manifest(
            url=f"{_SNAPSHOTS}/client/config/crd/snapshot.storage.k8s.io_volumesnapshotclasses.yaml",
            sha256="75e6565aac2c0f2949ed13ea884bbaa388cb7be576b558b709cf1168e011828d",
        ),
        Manifest(
            url=f"{_SNAPSHOTS}/client/config/crd/snapshot.storage.k8s.io_volumesnapshotcontents.yaml",
            sha256="895a3c1e73b60f06a0deb566dd123d01bdf1b2efc5d5ff5231ff8bbcf42dafc7",
        ),
        Manifest(
            url=f"{_SNAPSHOTS}/client/config/crd/snapshot.storage.k8s.io_volumesnapshots.yaml",
            sha256="b032116e987fb1d7d93cec7d942833adeb9d95c9bdc7e00c10b280c2fe4a6c33",
        ),
        Manifest(
            url=f"{_SNAPSHOTS}/deploy/kubernetes/snapshot-controller/rbac-snapshot-controller.yaml",
            sha256="99c4ac480b6c9563be0d85599e29cc7b68b25a82d250b0e789726727551e8d38",
        ),
        Manifest(
            url=f"{_SNAPSHOTS}/deploy/kubernetes/snapshot-controller/setup-snapshot-controller.yaml",
            sha256="54b9342a7433c377b83a671babf416660078a716ec2e63f658a77aa629de5581",
        ),
    ),
    workloads=("kube-system deployment/snapshot-controller",),
)
"""Makes snapshots of volumes whose driver can: clouds have it in every cluster. Its definitions come first."""
ADD_ONS = (
    AddOn(
        name="metallb",
        version="0.16.2",
        manifests=(
            Manifest(
                url=f"{_METALLB}/metallb-native.yaml",
                sha256="e5f7c268f114c446dc60aaad71b7cabf861f637743e033e354d7d48592807c6d",
            ),
        ),
        workloads=("metallb-system deployment/controller", "metallb-system daemonset/speaker"),
    ),
    AddOn(
        name="csi-driver-nfs",
        version="4.13.3",
        manifests=(
            Manifest(
                url=f"{_NFS}/rbac-csi-nfs.yaml",
                sha256="312de689d07627330d8280e50d7b51357e0b5f5ca0d8aa75794aec460ee4cff0",
            ),
            Manifest(
                url=f"{_NFS}/csi-nfs-driverinfo.yaml",
                sha256="fa2bba4674821b3317d1e016f3c9d54abe04fcdc6fed3fce9e58994c8311c4a0",
            ),
            Manifest(
                url=f"{_NFS}/csi-nfs-controller.yaml",
                sha256="21335320c314c324ec1ea9ceb3ad11be3c704c108ffcffa70845854be12e76e2",
            ),
            Manifest(
                url=f"{_NFS}/csi-nfs-node.yaml",
                sha256="e9b98b41ebadf26c42d4d82349e7f50ac7d366c1a45bd32ff58fedda698a7d19",
            ),
        ),
        workloads=("kube-system deployment/csi-nfs-controller", "kube-system daemonset/csi-nfs-node"),
    ),
    AddOn(
        name="local-path-provisioner",
        version="0.0.30",
        manifests=(
            Manifest(
                url=f"{_LOCAL}/local-path-storage.yaml",
                sha256="fe682186b00400fe7e2b72bae16f63e47a56a6dcc677938c6642139ef670045e",
            ),
        ),
        workloads=("local-path-storage deployment/local-path-provisioner",),
    ),
    SNAPSHOT_CONTROLLER,
)
"""In the order in which they are installed."""


def add_ons(target: KubeadmTarget) -> tuple[AddOn, ...]:
    """What is installed on this cluster: nothing that the settings say somebody else installs.

    Args:
        target: The cluster.
    """
    theirs = VOLUME_SNAPSHOTS in target.apis
    return tuple(add_on for add_on in ADD_ONS if not (theirs and add_on is SNAPSHOT_CONTROLLER))


_OF_ADD_ONS = {workload.partition(" ")[0] for add_on in ADD_ONS for workload in add_on.workloads}
# Cilium's chart makes one for secrets of policies (Cilium documentation, "TLS interception").
NAMESPACES = tuple(sorted({*_OF_ADD_ONS, "cilium-secrets"} - {"kube-system"}))
"""Namespaces of the parts that are installed."""


def mirrored(target: KubeadmTarget, url: str) -> str:
    """The address from which hosts load a file: its own, or the same path on the site's mirror."""
    if target.mirrors.manifests is None:
        return url
    return f"{target.mirrors.manifests.rstrip('/')}/{url.removeprefix('https://')}"


def addresses() -> Iterator[str]:
    """Every address that a mirror has to serve."""
    for add_on in ADD_ONS:
        for manifest in add_on.manifests:
            yield manifest.url
