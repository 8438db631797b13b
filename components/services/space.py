"""A guarded namespace for one service, opened for what the service does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import core, meta, networking

from ..contracts.customize import ObjectCustomize
from ..operations.namespaces import GuardedNamespace, GuardedNamespaceArgs, PodSecurity
from ..workloads.metadata import platform_metadata
from .service import Service

KUBERNETES_PORTS = (443, 6443)
"""Ports at which API servers answer, behind their Service too: policies see the port of the server itself."""
# More than any service has pods: the quota is there to admit the class, not to limit it.
_CRITICAL_PODS = "1000"


@dataclass(frozen=True, kw_only=True)
class ServiceSpace:
    """The namespace of a service.

    Attributes:
        service: The service.
        ingress: What may reach its pods.
        egress: What its pods may reach, beside the cluster's DNS.
        labels: Labels of the namespace, such as ``strata.dev/role``.
        pod_security: Level of the Pod Security Standards that its pods have to obey.
        is_critical: Whether its pods are of a class that API servers admit only where a quota names it.
        customize: Labels and annotations that the user adds.
    """

    service: Service
    ingress: Sequence[networking.v1.NetworkPolicyIngressRuleArgs] = ()
    egress: Sequence[networking.v1.NetworkPolicyEgressRuleArgs] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    pod_security: PodSecurity = "restricted"
    is_critical: bool = False
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def service_space(resource_name: str, space: ServiceSpace, opts: pulumi.ResourceOptions) -> Sequence[pulumi.Resource]:
    """Declare the namespace; what has to exist before the service's pods.

    Args:
        resource_name: Name of the resource, and prefix of the others.
        space: The namespace.
        opts: Options of each resource.
    """
    guarded = GuardedNamespace(
        resource_name,
        GuardedNamespaceArgs(
            namespace=space.service.namespace,
            labels=space.labels,
            pod_security=space.pod_security,
            customize=space.customize,
        ),
        opts,
    )
    policy = networking.v1.NetworkPolicy(
        f"{resource_name}-policy",
        metadata=platform_metadata(space.service.name, space.customize, namespace=guarded.namespace),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(),
            policy_types=["Ingress", "Egress"],
            ingress=list(space.ingress),
            egress=list(space.egress),
        ),
        opts=opts,
    )
    made: list[pulumi.Resource] = [guarded, policy]
    if space.is_critical:
        made.append(_critical_quota(f"{resource_name}-critical-pods", guarded.namespace, space.customize, opts))
    return made


def _critical_quota(
    resource_name: str, namespace: pulumi.Input[str], customize: ObjectCustomize, opts: pulumi.ResourceOptions
) -> core.v1.ResourceQuota:
    # API servers that limit the critical classes admit their pods only where a quota names the class
    # (Kubernetes documentation, "Limit Priority Class consumption by default"; GKE does).
    critical = core.v1.ScopedResourceSelectorRequirementArgs(
        operator="In", scope_name="PriorityClass", values=["system-node-critical", "system-cluster-critical"]
    )
    return core.v1.ResourceQuota(
        resource_name,
        metadata=platform_metadata("critical-pods", customize, namespace=namespace),
        spec=core.v1.ResourceQuotaSpecArgs(
            hard={"pods": _CRITICAL_PODS},
            scope_selector=core.v1.ScopeSelectorArgs(match_expressions=[critical]),
        ),
        opts=opts,
    )
