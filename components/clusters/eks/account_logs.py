"""Whether the log group of the control plane is left over from a cluster of that name.

EKS writes its last lines after the cluster and the group are gone, and makes the group again for that
(terraform-aws-modules/terraform-aws-eks#2763). Nobody's program owns it then, and CloudWatch refuses a second one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from ...contracts.errors import Problem
from .args import EksClusterArgs
from .control_plane import log_group_name


def log_group_problems(cluster: str, args: EksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """A log group that is there without its cluster, as EKS makes it."""
    name = log_group_name(cluster)
    if (
        args.adopt_cluster
        or name not in aws.cloudwatch.get_log_groups(log_group_name_prefix=name, opts=ask).log_group_names
    ):
        return
    if cluster in aws.eks.get_clusters(opts=ask).names:
        return
    # EKS keeps lines for ever; a group of ours has a retention, also while an update that broke off waits to go on.
    if aws.cloudwatch.get_log_group(name=name, opts=ask).retention_in_days:
        return
    yield Problem(
        field="target.name",
        cause=f"the log group {name} is there without a cluster: EKS makes it again for the last lines of a cluster "
        "that was deleted",
        consequence="CloudWatch refuses a second one (ResourceAlreadyExistsException), and the update ends there",
        fix=f"run `aws logs delete-log-group --region {args.region} --log-group-name {name}`, or use another name",
    )
