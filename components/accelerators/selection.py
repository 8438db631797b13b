"""Where pods of accelerator charts run: on the nodes of some pools, whose taints they tolerate.

Owns these two as values of charts, which spell them as Kubernetes does.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts.cluster_facts import PoolFacts
from ..contracts.pools import POOL_LABEL, Taint
from ..workloads.charts import ChartValues


class MatchExpression(ChartValues):
    """A requirement on a label of nodes."""

    key: str
    operator: str
    values: tuple[str, ...]


class NodeSelectorTerm(ChartValues):
    """Requirements that hold together."""

    match_expressions: tuple[MatchExpression, ...]


class RequiredNodes(ChartValues):
    """Nodes that one of the terms describes."""

    node_selector_terms: tuple[NodeSelectorTerm, ...]


class NodeAffinity(ChartValues):
    """Where pods may run."""

    required_during_scheduling_ignored_during_execution: RequiredNodes


class AffinityValues(ChartValues):
    """``affinity`` of pods."""

    node_affinity: NodeAffinity


class TolerationValues(ChartValues):
    """One toleration."""

    key: str
    operator: str
    effect: str


def on_pools(pools: Sequence[PoolFacts]) -> AffinityValues:
    """Nodes of these pools and no others.

    Args:
        pools: The pools.
    """
    names = tuple(sorted(pool.name for pool in pools))
    chosen = MatchExpression(key=POOL_LABEL, operator="In", values=names)
    required = RequiredNodes(node_selector_terms=(NodeSelectorTerm(match_expressions=(chosen,)),))
    return AffinityValues(node_affinity=NodeAffinity(required_during_scheduling_ignored_during_execution=required))


def tolerated(pools: Sequence[PoolFacts]) -> tuple[TolerationValues, ...]:
    """Tolerations of every taint of the pools, each once, in their order.

    Args:
        pools: The pools.
    """
    return tuple(_toleration(taint) for taint in dict.fromkeys(taint for pool in pools for taint in pool.tolerations))


def _toleration(taint: Taint) -> TolerationValues:
    # Any value of the taint: clouds and autoscalers write different ones.
    return TolerationValues(key=taint.key, operator="Exists", effect=taint.effect.value)
