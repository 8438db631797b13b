"""DaemonSets on the nodes of some pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import apps, core, meta

from ..contracts.cluster_facts import PoolFacts
from ..contracts.pools import POOL_LABEL
from .identity import Identity
from .metadata import metadata
from .placement import tolerations


def daemon_set(
    resource_name: str, identity: Identity, namespace: str, pod: core.v1.PodSpecArgs, opts: pulumi.ResourceOptions
) -> apps.v1.DaemonSet:
    """Declare a DaemonSet; nothing waits for its pods, as one broken node would hold up the rest.

    Args:
        resource_name: Name of the resource.
        identity: Its name and labels.
        namespace: Where it runs.
        pod: What runs on each node.
        opts: Options of the resource.
    """
    return apps.v1.DaemonSet(
        resource_name,
        metadata=metadata(identity, namespace, annotations={"pulumi.com/skipAwait": "true"}),
        spec=apps.v1.DaemonSetSpecArgs(
            selector=meta.v1.LabelSelectorArgs(match_labels=identity.selector),
            update_strategy=apps.v1.DaemonSetUpdateStrategyArgs(type="RollingUpdate"),
            template=core.v1.PodTemplateSpecArgs(metadata=meta.v1.ObjectMetaArgs(labels=identity.labels), spec=pod),
        ),
        opts=opts,
    )


def on_pools(pools: Sequence[PoolFacts], labels: Mapping[str, Sequence[str]] | None = None) -> core.v1.AffinityArgs:
    """Nodes of these pools and no others.

    Args:
        pools: The pools.
        labels: Further labels that nodes have to have, each with one of the values.
    """
    wanted = {POOL_LABEL: sorted(pool.name for pool in pools), **(labels or {})}
    chosen = [
        core.v1.NodeSelectorRequirementArgs(key=key, operator="In", values=list(values))
        for key, values in wanted.items()
    ]
    return core.v1.AffinityArgs(
        node_affinity=core.v1.NodeAffinityArgs(
            required_during_scheduling_ignored_during_execution=core.v1.NodeSelectorArgs(
                node_selector_terms=[core.v1.NodeSelectorTermArgs(match_expressions=chosen)]
            )
        )
    )


def tolerations_of(pools: Sequence[PoolFacts]) -> list[core.v1.TolerationArgs]:
    """Every taint of the pools, once, in their order."""
    return tolerations(list(dict.fromkeys(taint for pool in pools for taint in pool.tolerations)))
