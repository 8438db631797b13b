"""Provisioners of storage classes in clusters that exist, as ``kubectl get storageclass`` prints them.

Which of them one node alone can mount is what https://kubernetes-csi.github.io/docs/drivers.html says; what a node
reads is the least that the vendor sells, as the class does not tell its size or tier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...contracts.rates import DataRate

_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Driver:
    """What is published about a provisioner.

    Attributes:
        read: What one node reads; None where it depends on a server that nobody else knows.
        is_one_node: Whether a file system on its volumes can be mounted by one node only.
    """

    read: DataRate | None = None
    is_one_node: bool = False


DRIVERS: Mapping[str, Driver] = {
    # EBS user guide, general-purpose volumes: gp3 includes 125 MiB/s.
    "ebs.csi.aws.com": Driver(read=DataRate(125 * _MIB), is_one_node=True),
    "kubernetes.io/aws-ebs": Driver(read=DataRate(125 * _MIB), is_one_node=True),
    # EFS user guide, quotas: 500 MiB/s for a client, 1,500 with elastic throughput and a new client.
    "efs.csi.aws.com": Driver(read=DataRate(500 * _MIB)),
    # FSx for Lustre user guide, performance: the smallest file system, 1.2 TiB at 125 MB/s for each.
    "fsx.csi.aws.com": Driver(read=DataRate(150e6)),
    # Compute Engine documentation, "Persistent Disk performance": the baseline of balanced disks. Several nodes may
    # read one volume, which models are served from.
    "pd.csi.storage.gke.io": Driver(read=DataRate(140 * _MIB)),
    # Filestore documentation, performance: basic HDD, which the class standard-rwx has.
    "filestore.csi.storage.gke.io": Driver(read=DataRate(100 * _MIB)),
    # Managed Lustre documentation, performance tiers: the smallest instance, 9,000 GiB at 1,000 MB/s for each TiB.
    "lustre.csi.storage.gke.io": Driver(read=DataRate(8.7e9)),
    # Azure documentation, "Azure managed disk types": Premium SSD v2 includes 125 MB/s.
    "disk.csi.azure.com": Driver(read=DataRate(125e6), is_one_node=True),
    "kubernetes.io/azure-disk": Driver(read=DataRate(125e6), is_one_node=True),
    # Azure Files, provisioned shares: 100 MiB/s before anything is added for the size.
    "file.csi.azure.com": Driver(read=DataRate(100 * _MIB)),
    # ceph-csi: several nodes mount a block image only as a raw device.
    "rbd.csi.ceph.com": Driver(is_one_node=True),
    "rook-ceph.rbd.csi.ceph.com": Driver(is_one_node=True),
    "openshift-storage.rbd.csi.ceph.com": Driver(is_one_node=True),
    "cephfs.csi.ceph.com": Driver(),
    "rook-ceph.cephfs.csi.ceph.com": Driver(),
    "openshift-storage.cephfs.csi.ceph.com": Driver(),
    "nfs.csi.k8s.io": Driver(),
    "smb.csi.k8s.io": Driver(),
    "csi.weka.io": Driver(),
    "spectrumscale.csi.ibm.com": Driver(),
    "beegfs.csi.netapp.com": Driver(),
    "csi.trident.netapp.io": Driver(),
    "csi.vsphere.vmware.com": Driver(),
    "driver.longhorn.io": Driver(),
    # Its provisioner.go refuses ReadWriteMany unless its folder is on a file system that all nodes share.
    "rancher.io/local-path": Driver(is_one_node=True),
}
"""By name; any other is taken as well."""
ASSUMED_READ = DataRate("300MB/s")
"""What a node reads of a class of which nothing is published: a file server behind 2.5 Gbit/s.

Where storage is slower, servers may need longer than their start-up budget.
"""


def read_of(provisioner: str) -> DataRate:
    """What one node reads of a class.

    Args:
        provisioner: That of the class; empty where nobody says.
    """
    return DRIVERS.get(provisioner, Driver()).read or ASSUMED_READ
