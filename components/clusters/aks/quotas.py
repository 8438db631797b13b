"""Whether the quotas of the subscription have room for the machines that a cluster does not run yet.

Sources: https://learn.microsoft.com/azure/virtual-machines/quotas (a quota for each family and one for the region;
spot machines have one of their own).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ...contracts.capacity import Reservation, Spot
from ...contracts.errors import Problem
from ...contracts.pools import NodePool
from ...planner.catalogs.described import machine_named, machine_of
from .arm import RunningPool, Size, Usage
from .control_plane import SYSTEM_POOL
from .settings import AksTarget

_SPOT_QUOTA = "lowPriorityCores"
_REGION_QUOTA = "cores"


def wanted_vcpus(
    target: AksTarget, pools: Sequence[NodePool], sizes: Mapping[str, Size], running: Mapping[str, RunningPool]
) -> dict[str, int]:
    """How many vCPUs have to be free, by quota: what each pool may grow to, less what it runs already.

    Args:
        target: The cluster.
        pools: Its pools.
        sizes: Machine sizes of the region, which name the quota of their family.
        running: Pools that the cluster has now, by name; none before it exists.
    """
    system = target.system_pool
    wanted: Counter[str] = Counter()
    if not target.adopt_cluster:
        vcpus = system.count * machine_named(system.instance_type, system.machine).vcpus
        needed = _by_quota(sizes.get(system.instance_type), vcpus, spot=False)
        wanted += needed - _used(running.get(SYSTEM_POOL), sizes)
    for pool in pools:
        # What is reserved was counted when it was reserved.
        if not isinstance(pool.capacity, Reservation):
            vcpus = pool.most_nodes * machine_of(pool).vcpus
            needed = _by_quota(sizes.get(pool.instance_type), vcpus, spot=isinstance(pool.capacity, Spot))
            # Subtraction of counters never goes below zero: what one pool gives up is there too late for another.
            wanted += needed - _used(running.get(pool.name), sizes)
    return dict(wanted)


def _used(pool: RunningPool | None, sizes: Mapping[str, Size]) -> Counter[str]:
    if pool is None or pool.reserved:
        return Counter()
    size = sizes.get(pool.properties.vm_size)
    return _by_quota(size, pool.properties.count * size.vcpus, spot=pool.spot) if size else Counter()


def _by_quota(size: Size | None, vcpus: int, *, spot: bool) -> Counter[str]:
    if size is None or not size.family:
        return Counter()
    # Spot machines count against one quota of the region, all others against their family's and the region's.
    return Counter(dict.fromkeys((_SPOT_QUOTA,) if spot else (size.family, _REGION_QUOTA), vcpus))


def too_small_quotas(target: AksTarget, wanted: Mapping[str, int], usages: Mapping[str, Usage]) -> Iterator[Problem]:
    """Quotas that the last machines would run into; one that Azure does not list is not known, and refuses nothing.

    Args:
        target: The cluster.
        wanted: vCPUs that have to be free, by quota.
        usages: Quotas of the region.
    """
    known = _by_plain_name(usages)
    for quota, vcpus in wanted.items():
        usage = known.get(_plain(quota))
        if usage is None or vcpus <= usage.limit - usage.current_value:
            continue
        free = usage.limit - usage.current_value
        title = usage.name.localized_value or usage.name.value
        yield Problem(
            field="node_pools",
            cause=f"the pools need {vcpus} vCPUs besides those that they have, of the quota {title!r} "
            f"({usage.name.value}) in {target.region}, of which {free:g} are free",
            consequence="Azure would refuse the last machines with QuotaExceeded, after the others are paid for",
            fix=f"ask for {vcpus - free:g} more of {usage.name.value} under Quotas in the portal, "
            "or make the pools smaller",
        )


def quotas_without_answer(wanted: Mapping[str, int], usages: Mapping[str, Usage]) -> tuple[str, ...]:
    """Quotas that machines count against and of which Azure says nothing."""
    known = _by_plain_name(usages)
    return tuple(quota for quota in wanted if _plain(quota) not in known)


def _by_plain_name(usages: Mapping[str, Usage]) -> dict[str, Usage]:
    return {_plain(name): usage for name, usage in usages.items()}


def _plain(quota: str) -> str:
    """A quota's name without blanks and case, in which the lists of sizes and of usages differ.

    ``StandardNDASv4_A100Family`` of the sizes is ``Standard NDASv4_A100 Family`` of the usages, and
    ``standardNCADSA100v4Family`` is ``StandardNCADSA100v4Family``.
    """
    return "".join(quota.split()).casefold()
