"""Where pods run: pool selection, tolerations and spread."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_kubernetes import core, meta

from ..contracts.cluster_facts import PoolFacts
from ..contracts.customize import Toleration
from ..contracts.pools import Taint, TaintEffect


def tolerations(taints: Sequence[Taint]) -> list[core.v1.TolerationArgs]:
    """One toleration for each taint, and for no other."""
    return [
        core.v1.TolerationArgs(
            key=taint.key,
            # Any value of the taint: device plugins and autoscalers write different ones.
            operator="Exists",
            effect=taint.effect.value,
        )
        for taint in taints
    ]


def reachable_taints(pools: Sequence[PoolFacts]) -> tuple[Taint, ...]:
    """Taints that a pod without a pool has to tolerate: none where some pool has none that keep it off.

    Otherwise those of the pool with the fewest, one without GPUs before others, so that the pod finds a node at all.
    """
    if not pools:
        return ()
    best = min(pools, key=lambda pool: (len(_repelling(pool)), pool.gpus_per_node > 0))
    return _repelling(best)


def _repelling(pool: PoolFacts) -> tuple[Taint, ...]:
    return tuple(taint for taint in pool.tolerations if taint.effect is not TaintEffect.PREFER_NO_SCHEDULE)


def further_tolerations(added: Sequence[Toleration]) -> list[core.v1.TolerationArgs]:
    """Tolerations that the user adds."""
    return [
        core.v1.TolerationArgs(
            key=toleration.key,
            operator="Exists" if toleration.value is None else "Equal",
            value=toleration.value,
            effect=toleration.effect.value if toleration.effect else None,
        )
        for toleration in added
    ]


def spread(selector: dict[str, str]) -> list[core.v1.TopologySpreadConstraintArgs]:
    """Over zones first, then nodes; a preference, so that a full zone never blocks a replica."""
    return [
        core.v1.TopologySpreadConstraintArgs(
            max_skew=1,
            topology_key=key,
            when_unsatisfiable="ScheduleAnyway",
            label_selector=meta.v1.LabelSelectorArgs(match_labels=selector),
            # Old and new pods of a rolling update are spread apart from each other.
            match_label_keys=["pod-template-hash"],
        )
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
