"""Rules of who may do what: administrators, managed identities, and the key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....contracts.errors import Problem
from ...rules.duplicates import duplicate_problems
from ..settings import AksTarget

_IDENTITY = re.compile(r".*/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/]+")


def identity_problems(target: AksTarget) -> Iterator[Problem]:
    """What is wrong with the administrators, the managed identities and the key."""
    yield from duplicate_problems(
        "target.admins",
        [admin.object_id for admin in target.admins],
        "Azure refuses a role assignment that is there already",
    )
    for name, identity in (("cluster_identity", target.cluster_identity), ("node_identity", target.node_identity)):
        if identity is not None and not _IDENTITY.fullmatch(identity):
            yield Problem(
                field=f"target.{name}",
                cause=f"{identity.rpartition('/providers/')[2]} is not a user-assigned managed identity",
                consequence="AKS takes nothing else, and refuses the cluster",
                fix="write its id, …/Microsoft.ManagedIdentity/userAssignedIdentities/<name>, or leave it out",
            )
    if target.cluster_identity is not None and target.cluster_identity == target.node_identity:
        yield Problem(
            field="target.node_identity",
            cause="the nodes would have the control plane's identity",
            consequence="every pod on the host network could change the network and the machines",
            fix="name another identity, or leave it out and one is made",
        )
    if target.kms_key is not None and target.cluster_identity is None and not target.adopt_cluster:
        yield Problem(
            field="target.kms_key",
            cause="the control plane's identity is made together with the cluster",
            consequence="it has no rights on the key yet, and AKS refuses a cluster that cannot use its key",
            fix="name a cluster_identity that is Key Vault Crypto User of the key, or leave the key out",
        )
