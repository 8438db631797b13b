"""Files that hosts may download, and the checksum of each as its project published it.

Stands alone, like ``host``, which imports it. Sources of the checksums: the files themselves, in the Go
module go.universe.tf/metallb v0.16.2, in github.com/rancher/local-path-provisioner v0.0.30, in
github.com/kubernetes-csi/external-snapshotter/v8 and its client/v8 at v8.7.0, and in the repository
kubernetes-csi/csi-driver-nfs at v4.13.3.
"""

from __future__ import annotations

_NFS = "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-nfs/v4.13.3/deploy/v4.13.3"
_SNAPSHOTS = "https://raw.githubusercontent.com/kubernetes-csi/external-snapshotter/v8.7.0"
_DEFINITIONS = f"{_SNAPSHOTS}/client/config/crd/snapshot.storage.k8s.io"
_CONTROLLER = f"{_SNAPSHOTS}/deploy/kubernetes/snapshot-controller"
_CILIUM = "https://github.com/cilium/cilium-cli/releases/download/v0.20.0"

FILES = {
    "https://raw.githubusercontent.com/metallb/metallb/v0.16.2/config/manifests/metallb-native.yaml": (
        "e5f7c268f114c446dc60aaad71b7cabf861f637743e033e354d7d48592807c6d"
    ),
    f"{_NFS}/rbac-csi-nfs.yaml": "312de689d07627330d8280e50d7b51357e0b5f5ca0d8aa75794aec460ee4cff0",
    f"{_NFS}/csi-nfs-driverinfo.yaml": "fa2bba4674821b3317d1e016f3c9d54abe04fcdc6fed3fce9e58994c8311c4a0",
    f"{_NFS}/csi-nfs-controller.yaml": "21335320c314c324ec1ea9ceb3ad11be3c704c108ffcffa70845854be12e76e2",
    f"{_NFS}/csi-nfs-node.yaml": "e9b98b41ebadf26c42d4d82349e7f50ac7d366c1a45bd32ff58fedda698a7d19",
    "https://raw.githubusercontent.com/rancher/local-path-provisioner/v0.0.30/deploy/local-path-storage.yaml": (
        "fe682186b00400fe7e2b72bae16f63e47a56a6dcc677938c6642139ef670045e"
    ),
    f"{_DEFINITIONS}_volumesnapshotclasses.yaml": "75e6565aac2c0f2949ed13ea884bbaa388cb7be576b558b709cf1168e011828d",
    f"{_DEFINITIONS}_volumesnapshotcontents.yaml": "895a3c1e73b60f06a0deb566dd123d01bdf1b2efc5d5ff5231ff8bbcf42dafc7",
    f"{_DEFINITIONS}_volumesnapshots.yaml": "b032116e987fb1d7d93cec7d942833adeb9d95c9bdc7e00c10b280c2fe4a6c33",
    f"{_CONTROLLER}/rbac-snapshot-controller.yaml": "99c4ac480b6c9563be0d85599e29cc7b68b25a82d250b0e789726727551e8d38",
    f"{_CONTROLLER}/setup-snapshot-controller.yaml": "54b9342a7433c377b83a671babf416660078a716ec2e63f658a77aa629de5581",
    # Published beside a checksum file; which digest it holds makes no difference to anybody here.
    f"{_CILIUM}/cilium-linux-amd64.tar.gz": "",
    f"{_CILIUM}/cilium-linux-amd64.tar.gz.sha256sum": "",
}

NEWEST_PATCH = {"1.30": 14, "1.31": 14, "1.32": 13, "1.33": 13, "1.34": 4, "1.35": 4, "1.36": 3}
"""Newest release by minor version of Kubernetes, as the versions of the Go module k8s.io/kubernetes say."""
