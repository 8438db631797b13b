"""Whether EKS offers the cluster's version of Kubernetes today, which may be newer than the table of ``versions``."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from ...contracts.errors import Problem
from ..rules.versions import VERSION_FIELD, is_newer, minor
from .args import EksClusterArgs
from .inquiry import if_allowed
from .versions import EKS_VERSIONS, READ_ON


def version_problems(args: EksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """A version that EKS does not offer, not yet or not any more; one that is newer than ours is noted."""
    if args.adopt_cluster:
        return
    wanted = args.kubernetes_version
    found = if_allowed(
        f"whether EKS offers Kubernetes {wanted}",
        "eks:DescribeClusterVersions",
        lambda: aws.eks.get_cluster_versions(opts=ask),
    )
    if found is None:
        return
    offered = sorted({version.cluster_version for version in found.cluster_versions}, key=minor)
    if wanted not in offered:
        yield Problem(
            field=VERSION_FIELD,
            cause=f"EKS offers no {wanted} in {args.region} today",
            consequence="EKS would refuse the cluster after its network is made",
            fix=f"use {' or '.join(offered)}",
        )
    elif is_newer(wanted, EKS_VERSIONS):
        pulumi.warn(
            f"EKS offers Kubernetes {wanted}, which Strata's list of {READ_ON} does not have: "
            "how long it is supported is not known, and nothing was tested with it"
        )
