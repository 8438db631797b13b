"""What AWS or EKS would refuse, or accept and never run, decided from the settings alone.

Rules that hold on every cloud are in ``clusters.rules``; what only the account can tell is asked by
``eks.account``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ....contracts.errors import Problem
from ....contracts.pools import NodePool
from ...rules.dns_zones import zone_id_problems
from ...rules.machines import cloud_problems, own_machines
from ...rules.pool_view import pool_views
from ...tags import AWS_TAGS, tag_problems
from ..settings import EksTarget
from .control_plane import control_plane_problems
from .identities import identity_problems
from .network import network_problems
from .pools import POLICY, pool_problems
from .storage import storage_problems

__all__ = ["eks_problems"]


def eks_problems(target: EksTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """Every wrong setting of an EKS cluster and its pools.

    Args:
        target: The cluster as users write it.
        pools: Its node pools.
        now: The time, by which versions and capacity blocks are judged.
    """
    seen = pool_views(pools)
    yield from cloud_problems(seen, POLICY.cloud, POLICY.environment)
    views = own_machines(seen, POLICY.cloud)
    yield from tag_problems(AWS_TAGS, target.tags)
    yield from control_plane_problems(target, views, now)
    yield from identity_problems(target)
    yield from network_problems(target, views)
    yield from pool_problems(target, views, now)
    yield from storage_problems(target, views)
    if target.dns:
        # One public and any private zones may have the same domain: each name is written into all of them
        # (kubernetes-sigs/external-dns v0.22.0, provider/aws/aws.go, suitableZones).
        yield from zone_id_problems([zone.id for zone in target.dns.zones])
