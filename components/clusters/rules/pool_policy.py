"""What an environment allows of node pools, as data, and the rules that follow from it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...contracts.errors import Problem
from ...contracts.pools import DriverOwner
from .capacity import (
    UnsoldCapacity,
    ended_problems,
    placement_group_problems,
    protection_problems,
    shared_reservation_problems,
    unsold_problems,
)
from .compute_domains import dra_problems
from .fabric import cabled_problems, fabric_problems
from .gpus import driver_problems
from .labels import label_problems
from .machines import architecture_problems
from .numbers import range_problems
from .own_fabric import built_in_problems, own_fabric_problems
from .pool_view import PoolView
from .sharing import ANY_SHARING, SharingPolicy, sharing_problems
from .spot_types import spot_type_problems
from .taints import taint_problems, untainted_pool_problems
from .zones import zone_problems


@dataclass(frozen=True, kw_only=True)
class PoolPolicy:
    """What an environment allows of node pools.

    Attributes:
        cloud: As the instance catalog spells it, such as ``aws``.
        environment: For people to read, such as ``EKS``.
        needed_by: What runs on a pool without taints, such as ``CoreDNS``.
        sold: Kinds of capacity that machines can be bought as.
        unsold: What to say of all other kinds.
        default_driver: Who installs the NVIDIA driver where a pool does not say.
        refused_drivers: Why an owner of the driver does not work here, as the end of a sentence.
        reserved_prefixes: Prefixes of labels and taints that are kept besides Kubernetes' own.
        spot_taints: Keys of taints below them that spot pools may have: the cloud documents them.
        owned_labels: Labels that are on nodes anyway.
        most_taints: Taints that one pool may have.
        own_fabric: Whether users cable the fabric of its hosts; machines of clouds have one that is built in.
        cabled: Why machines cannot do without their RDMA cards, as the end of a sentence; None where they can.
        reserves_in_groups: Whether a reservation may be made in a placement group, which then has to be named.
        may_mix: Whether a spot pool may be of several machine types.
        notice: How long before the end of a capacity block its nodes have to be empty.
        sharing: How GPUs may be shared.
    """

    cloud: str
    environment: str
    needed_by: str
    sold: frozenset[str]
    unsold: UnsoldCapacity
    default_driver: DriverOwner
    refused_drivers: Mapping[DriverOwner, str] = field(default_factory=dict[DriverOwner, str])
    reserved_prefixes: tuple[str, ...] = ()
    spot_taints: tuple[str, ...] = ()
    owned_labels: tuple[str, ...] = ()
    most_taints: int = sys.maxsize
    own_fabric: bool = False
    cabled: str | None = None
    reserves_in_groups: bool = False
    may_mix: bool = False
    notice: timedelta = timedelta(0)
    sharing: SharingPolicy = ANY_SHARING


def policy_problems(
    policy: PoolPolicy, pools: Sequence[PoolView], *, kubernetes_version: str, needs_untainted: bool = True
) -> Iterator[Problem]:
    """What is wrong with pools anywhere.

    Args:
        policy: What the environment allows.
        pools: The pools.
        kubernetes_version: Version of the control plane.
        needs_untainted: Whether one of them has to take any pod; an adopted cluster may have another that does.
    """
    yield from label_problems(pools, policy.reserved_prefixes, policy.owned_labels)
    yield from taint_problems(pools, policy.reserved_prefixes, policy.most_taints, policy.spot_taints)
    if needs_untainted:
        yield from untainted_pool_problems(pools, policy.needed_by)
    yield from architecture_problems(pools)
    yield from fabric_problems(pools)
    yield from own_fabric_problems(pools) if policy.own_fabric else built_in_problems(pools, policy.environment)
    if policy.cabled:
        yield from cabled_problems(pools, policy.environment, policy.cabled)
    yield from dra_problems(pools, kubernetes_version)
    yield from driver_problems(pools, policy.refused_drivers, policy.default_driver)
    yield from sharing_problems(pools, policy.sharing)
    yield from unsold_problems(pools, policy.sold, policy.unsold)
    if not policy.reserves_in_groups:
        yield from placement_group_problems(pools, policy.environment)


def bought_pool_problems(
    policy: PoolPolicy,
    pools: Sequence[PoolView],
    *,
    zones: Collection[str],
    now: datetime,
    zone_form: str | None = None,
) -> Iterator[Problem]:
    """What is wrong with pools whose machines come from a cloud.

    Args:
        policy: What the cloud allows.
        pools: The pools.
        zones: Zones in which the network has a subnet.
        now: The time.
        zone_form: Regular expression of the region's zones.
    """
    yield from range_problems(pools)
    yield from spot_type_problems(pools, policy.environment, may_mix=policy.may_mix)
    yield from zone_problems(pools, zones, zone_form)
    yield from protection_problems(pools)
    yield from ended_problems(pools, now, policy.notice)
    yield from shared_reservation_problems(pools)
