"""What Azure or AKS would refuse, or accept and never run, decided from the settings alone.

Rules that hold on every cloud are in ``clusters.rules``; what only the subscription can tell is asked by
``aks.account``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ....contracts.errors import Problem
from ....contracts.pools import NodePool
from ...rules.dns_zones import domain_problems
from ...rules.machines import cloud_problems, own_machines
from ...rules.pool_view import pool_views
from ...tags import AZURE_TAGS, tag_problems
from ..settings import AksTarget
from .control_plane import control_plane_problems
from .identities import identity_problems
from .network import network_problems
from .pools import POLICY, pool_problems
from .storage import storage_problems

__all__ = ["aks_problems"]


def aks_problems(target: AksTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """Every wrong setting of an AKS cluster and its pools.

    Args:
        target: The cluster as users write it.
        pools: Its node pools.
        now: The time, by which versions are judged.
    """
    seen = pool_views(pools)
    yield from cloud_problems(seen, POLICY.cloud, POLICY.environment)
    views = own_machines(seen, POLICY.cloud)
    yield from tag_problems(AZURE_TAGS, target.tags)
    yield from control_plane_problems(target, now)
    yield from identity_problems(target)
    yield from network_problems(target, views)
    yield from pool_problems(target, views, now)
    yield from storage_problems(target, views)
    if target.dns:
        yield from domain_problems(target.dns.zones, "Azure refuses a role that is given there already")
