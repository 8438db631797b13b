"""Which components each kind of stack consists of, in the order a reader would draw them.

Declares no resource itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pulumi

from components.clusters import Cluster, ClusterArgs
from components.contracts.serving import ServingPlan
from components.operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from components.storage import StorageClasses, StorageClassesArgs

from .networks import network_facts
from .outputs import (
    KUBECONFIG,
    NAMESPACE,
    FoundationOutputs,
    export_cluster,
    export_network,
    export_platform,
    full_name,
)
from .secret_values import Secrets
from .serving import Ground, declare_serving
from .settings import FoundationSettings, PlatformSettings, ServingSettings, Settings
from .targets import create_cluster


def compose(
    project: Path,
    settings: Settings,
    plans: Mapping[str, ServingPlan],
    secrets: Secrets,
    mark: pulumi.Resource | None = None,
) -> None:
    """Everything in one stack.

    Args:
        project: Folder of the project.
        settings: What the stack's file says.
        plans: The plan of each model by its name.
        secrets: Values of the secrets.
        mark: Parent of what a simulated cloud makes; None for everything else.
    """
    cluster = create_cluster(project, settings, secrets, _below(mark))
    export_cluster(cluster)
    _export_network(settings, cluster)
    platform = _declare_platform(cluster, settings.namespace)
    export_platform(platform.namespace, pulumi.get_stack())
    declare_serving(settings, plans, secrets, platform)


def compose_foundation(
    project: Path, settings: FoundationSettings, secrets: Secrets, mark: pulumi.Resource | None = None
) -> None:
    """Network, cluster, node pools."""
    cluster = create_cluster(project, settings, secrets, _below(mark))
    export_cluster(cluster)
    _export_network(settings, cluster)


def compose_platform(
    settings: PlatformSettings, foundation: FoundationOutputs, mark: pulumi.Resource | None = None
) -> None:
    """What all workloads of the cluster share."""
    platform = _declare_platform(_cluster_of(settings.foundation, foundation, mark), settings.namespace)
    export_platform(platform.namespace, settings.foundation)


def compose_serving(
    settings: ServingSettings,
    foundation: FoundationOutputs,
    plans: Mapping[str, ServingPlan],
    secrets: Secrets,
    mark: pulumi.Resource | None = None,
) -> None:
    """Model servers on a cluster and a platform of other stacks."""
    cluster = _cluster_of(settings.foundation, foundation, mark)
    platform = pulumi.StackReference(full_name(settings.platform))
    namespace = platform.require_output(NAMESPACE)
    declare_serving(settings, plans, secrets, Ground(cluster=cluster, namespace=namespace))


def _declare_platform(cluster: Cluster, name: str) -> Ground:
    on_cluster = pulumi.ResourceOptions(provider=cluster.provider)
    priorities = PriorityClasses("priorities", on_cluster)
    classes = StorageClasses(
        "storage", StorageClassesArgs(facts=cluster.facts.storage, sources=cluster.volume_sources), on_cluster
    )
    namespace = GuardedNamespace(name, GuardedNamespaceArgs(namespace=name), on_cluster)
    return Ground(cluster=cluster, namespace=namespace.namespace, after=[priorities, classes])


def _export_network(settings: Settings | FoundationSettings, cluster: Cluster) -> None:
    facts = network_facts(pulumi.get_stack(), settings)
    if facts:
        export_network(facts, cluster)


def _below(mark: pulumi.Resource | None) -> pulumi.ResourceOptions | None:
    return pulumi.ResourceOptions(parent=mark) if mark else None


def _cluster_of(stack: str, foundation: FoundationOutputs, mark: pulumi.Resource | None) -> Cluster:
    reference = pulumi.StackReference(full_name(stack))
    return Cluster(
        foundation.cluster_facts.name,
        ClusterArgs(
            kubeconfig=reference.require_output(KUBECONFIG),
            facts=foundation.cluster_facts,
            volume_sources=foundation.sources(),
        ),
        _below(mark),
    )
