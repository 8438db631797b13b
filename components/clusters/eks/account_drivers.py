"""Whether a cluster that exists has the drivers of the storage classes that are made there.

EKS tells of its own add-ons only; a driver that somebody installed otherwise is named by the setting
``storage_drivers``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_aws as aws

from ...contracts.errors import Problem
from ..rules.adopted import missing_cluster, missing_driver
from .args import EksClusterArgs
from .inquiry import if_allowed
from .settings import LustreStorage, StorageDriver

ADD_ONS: Mapping[StorageDriver, str] = {
    StorageDriver.EBS: "aws-ebs-csi-driver",
    StorageDriver.EFS: "aws-efs-csi-driver",
    StorageDriver.FSX: "aws-fsx-csi-driver",
}
"""The add-on with each driver (EKS user guide, "Amazon EKS add-ons")."""
# hashicorp/terraform-provider-aws, internal/service/eks/addon_data_source.go; EKS's ResourceNotFoundException.
_NOT_THERE = ("couldn't find resource", "NotFound")


def driver_problems(cluster: str, args: EksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """Drivers without which claims of the cluster's classes stay pending, and a cluster that is not there.

    Args:
        cluster: Name of the cluster.
        args: The cluster.
        ask: Who is asked.
    """
    if not args.adopt_cluster:
        return
    there = if_allowed(f"whether EKS has {cluster}", "eks:ListClusters", lambda: aws.eks.get_clusters(opts=ask).names)
    if there is not None and cluster not in there:
        names = f"use {' or '.join(sorted(there))}" if there else "look into the region"
        yield missing_cluster("EKS", cluster, args.region, names)
        return
    shared = StorageDriver.FSX if isinstance(args.shared_storage, LustreStorage) else StorageDriver.EFS
    for driver in (StorageDriver.EBS, shared):
        if driver not in args.storage_drivers and _is_missing(cluster, ADD_ONS[driver], ask):
            yield missing_driver(
                cluster,
                driver,
                "target.storage_drivers",
                f"run `aws eks create-addon --region {args.region} --cluster-name {cluster} --addon-name "
                f"{ADD_ONS[driver]}` with a role for it; or write storage_drivers: [{driver}] where the cluster has "
                "it by other means",
            )


def _is_missing(cluster: str, add_on: str, ask: pulumi.InvokeOptions) -> bool:
    try:
        if_allowed(
            f"whether {cluster} has {add_on}",
            "eks:DescribeAddon",
            lambda: aws.eks.get_addon(cluster_name=cluster, addon_name=add_on, opts=ask),
        )
    except Exception as error:  # the SDK has no class of its own for a call that failed
        if not any(word in str(error) for word in _NOT_THERE):
            raise
        return True
    return False
