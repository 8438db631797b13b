"""What Google Cloud or GKE would refuse, or accept and never run, decided from the settings alone.

Rules that hold on every cloud are in ``clusters.rules``; what only the project can tell is asked by
``gke.account``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ....contracts.errors import Problem
from ....contracts.pools import NodePool
from ...rules.dns_zones import domain_problems, zone_id_problems
from ...rules.machines import cloud_problems, own_machines
from ...rules.pool_view import pool_views
from ...tags import GOOGLE_LABELS, tag_problems
from ..settings import GkeTarget, ManagedZones
from .control_plane import control_plane_problems
from .fabric import gpu_network_problems
from .network import network_problems
from .pools import POLICY, pool_problems
from .storage import storage_problems

__all__ = ["gke_problems"]


def gke_problems(target: GkeTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """Every wrong setting of a GKE cluster and its pools.

    Args:
        target: The cluster as users write it.
        pools: Its node pools.
        now: The time, by which capacity is judged.
    """
    seen = pool_views(pools)
    yield from cloud_problems(seen, POLICY.cloud, POLICY.environment)
    views = own_machines(seen, POLICY.cloud)
    yield from tag_problems(GOOGLE_LABELS, target.labels)
    yield from control_plane_problems(target)
    yield from network_problems(target, views)
    yield from gpu_network_problems(target, views)
    yield from pool_problems(target, views, now)
    yield from storage_problems(target, views)
    if target.dns:
        yield from _zones_of_dns(target.dns)


def _zones_of_dns(dns: ManagedZones) -> Iterator[Problem]:
    """Each name is written into one zone (kubernetes-sigs/external-dns v0.22.0, provider/zonefinder.go, FindZone)."""
    twice = [*zone_id_problems([zone.name for zone in dns.zones])]
    yield from twice
    if not twice:
        yield from domain_problems(
            [zone.domain for zone in dns.zones],
            "external-dns writes each name into one of the two, and not always into the same one",
        )
