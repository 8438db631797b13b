"""Which node images run, and which are newer.

A node group keeps the image that it was made with until something is rolled out to it. Every new version of its launch
template is: EKS then takes the newest image unless a release is named (API reference, UpdateNodegroupVersion,
``releaseVersion``), and the provider names one only where it changes (hashicorp/terraform-provider-aws,
internal/service/eks/node_group.go, ``resourceNodeGroupUpdate``). There is no way back to an earlier image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ...contracts.capacity import CapacityBlock
from ...contracts.errors import Problem
from ...contracts.pools import NodePool
from .args import EksClusterArgs
from .images import AmiType, release_parameter
from .inquiry import if_allowed


@dataclass(frozen=True)
class _Running:
    pool: str
    release: str
    image: AmiType

    @property
    def minor_version(self) -> str:
        return ".".join(self.release.split(".")[:2])


def release_problems(cluster: str, args: EksClusterArgs, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """A ``node_release`` that is older than what runs; images that are newer than what runs are told of.

    Args:
        cluster: Name of the cluster.
        args: The cluster.
        ask: Who is asked.
    """
    found = if_allowed("which node images run", "eks:DescribeNodegroup", lambda: _running(cluster, args.pools, ask))
    ahead = [running for running in found or () if args.node_release and _older(args.node_release, running.release)]
    if ahead:
        newest = max((running.release for running in ahead), key=_order)
        yield Problem(
            field="target.node_release",
            cause=f"nodes of {_pools(ahead)} run {newest} already, which is newer than {args.node_release}",
            consequence="EKS refuses to go back to an earlier image; a new version of a launch template takes the "
            "newest one where node_release is not raised with it",
            fix=f"write node_release: {newest}, or leave it out",
        )
    elif found:
        _tell_of_newer(args.node_release, found, ask)


def _running(cluster: str, pools: Sequence[NodePool], ask: pulumi.InvokeOptions) -> list[_Running]:
    if cluster not in aws.eks.get_clusters(opts=ask).names:
        return []
    there = aws.eks.get_node_groups(cluster_name=cluster, opts=ask).names
    # The nodes of a capacity block stay as they are.
    kept = [pool.name for pool in pools if pool.name in there and not isinstance(pool.capacity, CapacityBlock)]
    groups = [aws.eks.get_node_group(cluster_name=cluster, node_group_name=name, opts=ask) for name in kept]
    return [
        _Running(group.node_group_name, group.release_version, AmiType(group.ami_type))
        for group in groups
        if group.ami_type in list(AmiType)
    ]


def _tell_of_newer(named: str | None, found: Sequence[_Running], ask: pulumi.InvokeOptions) -> None:
    newest = if_allowed(
        "whether there are newer node images",
        "ssm:GetParameter",
        lambda: {
            (running.minor_version, running.image): aws.ssm.get_parameter(
                name=release_parameter(running.minor_version, running.image), opts=ask
            ).value
            for running in found
        },
    )
    behind = [
        running for running in found if newest and _older(running.release, newest[running.minor_version, running.image])
    ]
    # A release that is named and not there yet is on its way.
    if newest and behind and not (named and _older(behind[0].release, named)):
        latest = newest[behind[0].minor_version, behind[0].image]
        pulumi.info(
            f"nodes of {_pools(behind)} run {behind[0].release}, and {latest} is out: a change of their launch "
            f"template takes it with it, as EKS offers no other way; node_release: {latest} takes it now"
        )


def _pools(found: Sequence[_Running]) -> str:
    return ", ".join(running.pool for running in found)


def _older(release: str, other: str) -> bool:
    return _order(release) < _order(other)


def _order(release: str) -> tuple[int, ...]:
    """Kubernetes version and day of a release such as ``1.34.2-20251120``."""
    return tuple(int(part) for part in release.replace("-", ".").split("."))
