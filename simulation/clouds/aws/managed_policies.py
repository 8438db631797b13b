"""What AWS's managed policies allow, as far as stacks attach them.

The table beside this file is taken from moto, which carries AWS's own documents; a witness among the tests compares
the two and writes the table anew. Resources and conditions of the statements are not kept: whether a role may do
something to one volume and not to another is not simulated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from components.planner.catalogs.table import read_rows

SOURCE = "moto 5.2.5, iam/aws_managed_policies.py"
KEPT = (
    "AdministratorAccess",
    "AmazonEBSCSIDriverPolicyV2",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
    "AmazonEKSServicePolicy",
    "AmazonEKSVPCResourceController",
    "AmazonEKSWorkerNodeMinimalPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonFSxFullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSSMManagedInstanceCore",
    "CloudWatchAgentServerPolicy",
    "service-role/AmazonEBSCSIDriverPolicy",
    "service-role/AmazonEFSCSIDriverPolicy",
)
"""Those that anything here may attach, paths included; AWS has more than a thousand."""


@cache
def allowed_actions() -> Mapping[str, frozenset[str]]:
    """Actions by policy, with ``*`` for any text, such as ``s3:Get*``."""
    actions: dict[str, set[str]] = {}
    for row in read_rows(Path(__file__).with_name("managed_policies.csv")):
        actions.setdefault(row["policy"], set()).add(row["action"])
    return {policy: frozenset(found) for policy, found in actions.items()}


def allow(policies: Iterable[str], action: str) -> bool:
    """Whether one of these policies allows it."""
    known = allowed_actions()
    patterns = {pattern for policy in policies for pattern in known.get(policy, ())}
    # IAM compares actions without regard to case.
    return any(re.fullmatch(pattern.replace("*", ".*"), action, re.IGNORECASE) for pattern in patterns)
