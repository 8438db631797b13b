"""Quotas of the project that the pools would run into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi_gcp as gcp

from ...contracts.capacity import FlexStart, Queued, Reservation, Spot
from ...contracts.errors import Problem
from ...contracts.pools import NodePool
from ...planner.catalogs.described import machine_of
from .args import GkeClusterArgs
from .inquiry import Inquiry, Refusal
from .quotas import NO_LIMIT, Quota, limit_of, preemptible_quotas, standard_quotas


def quota_problems(args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    """Quotas that are smaller than what the pools grow to; one that Google does not know is no problem."""
    limits = _Limits(args=args, inquiry=inquiry)
    wanted: dict[Quota, int] = {}
    for pool in args.pools:
        # Reserved machines were counted when they were reserved; the quota of others may be unknown.
        if isinstance(pool.capacity, Reservation) or pool.machine is not None:
            continue
        for quota, amount in _counted(pool, limits).items():
            wanted[quota] = wanted.get(quota, 0) + pool.most_nodes * amount
    for quota, amount in wanted.items():
        limit = limits.of(quota)
        if limit is not None and NO_LIMIT < limit < amount:
            yield Problem(
                field="node_pools",
                cause=f"the pools need {amount} of the quota {quota.label} in {args.region}, which is {limit}",
                consequence="the last machines would fail with QUOTA_EXCEEDED, after the others are paid for",
                fix=f"ask for {amount} or more of {quota.id} under IAM & Admin, Quotas, or make the pools smaller",
            )


@dataclass(kw_only=True)
class _Limits:
    """What the project has of each quota; every quota is asked for once."""

    args: GkeClusterArgs
    inquiry: Inquiry
    known: dict[Quota, int | None] = field(default_factory=dict[Quota, "int | None"])

    def of(self, quota: Quota) -> int | None:
        """The limit in the region; None where Google does not tell."""
        if quota not in self.known:
            self.known[quota] = self._ask(quota)
        return self.known[quota]

    def _ask(self, quota: Quota) -> int | None:
        found = self.inquiry.ask(
            f"the quota {quota.label}",
            lambda: gcp.cloudquota.get_s_quota_info(
                parent=f"projects/{self.args.project}",
                service="compute.googleapis.com",
                quota_id=quota.id,
                opts=self.inquiry.options,
            ),
        )
        return None if isinstance(found, Refusal) else limit_of(found.dimensions_infos, quota, self.args.region)


def _counted(pool: NodePool, limits: _Limits) -> Mapping[Quota, int]:
    """What one machine of the pool takes of which quota.

    While a project was never granted a preemptible quota, such machines count against the standard one
    (Compute Engine documentation, "Spot VMs", quota; seen in hail-is/hail#10588). Where it has no standard quota
    either, the preemptible one is what to ask for.
    """
    machine = machine_of(pool)
    standard = standard_quotas(machine)
    if not isinstance(pool.capacity, Spot | FlexStart | Queued):
        return standard
    preemptible = preemptible_quotas(machine)
    never_granted = any(limits.of(quota) == 0 for quota in preemptible)
    return standard if never_granted and all(limits.of(quota) != 0 for quota in standard) else preemptible
