"""What the pods of a team may connect to besides DNS; a network policy of their namespace opens it."""

from __future__ import annotations

from collections.abc import Collection

from pulumi_kubernetes import meta, networking

from ..workloads.network_policies import Peer, internet_egress, namespace_egress
from .team_settings import Destination

_ALL_PODS = Peer(pod_labels={})
"""Every pod of the policy's own namespace."""


def caller_labels(destinations: Collection[Destination]) -> dict[str, str]:
    """Labels of a namespace by which its pods may reach what they are allowed to.

    Policies of model servers admit namespaces with the role ``gateway``.
    """
    return {"strata.dev/role": "gateway"} if Destination.MODELS in destinations else {}


def connections(
    destinations: Collection[Destination], models_namespace: str
) -> networking.v1.NetworkPolicySpecArgs | None:
    """A policy of all pods of a namespace; None where DNS is enough.

    Args:
        destinations: What the pods may connect to.
        models_namespace: Namespace of the model servers.
    """
    if not destinations:
        return None
    opened = {
        Destination.NAMESPACE: networking.v1.NetworkPolicyEgressRuleArgs(to=[_ALL_PODS.args()]),
        Destination.MODELS: namespace_egress(models_namespace),
        Destination.INTERNET: internet_egress(),
    }
    within = networking.v1.NetworkPolicyIngressRuleArgs(from_=[_ALL_PODS.args()])
    return networking.v1.NetworkPolicySpecArgs(
        pod_selector=meta.v1.LabelSelectorArgs(),
        policy_types=["Ingress", "Egress"],
        ingress=[within] if Destination.NAMESPACE in destinations else [],
        egress=[rule for destination, rule in opened.items() if destination in destinations],
    )
