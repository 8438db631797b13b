"""Taints as the APIs of managed node pools spell them."""

from __future__ import annotations

from components.contracts.pools import Taint, TaintEffect

from ...provider.values import Object, objects, text

# https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html and
# https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/NodeConfig#effect.
_EFFECTS = {
    "NO_SCHEDULE": TaintEffect.NO_SCHEDULE,
    "PREFER_NO_SCHEDULE": TaintEffect.PREFER_NO_SCHEDULE,
    "NO_EXECUTE": TaintEffect.NO_EXECUTE,
}


def taints_of(properties: Object, path: str) -> tuple[Taint, ...]:
    """The taints that a node pool lists at a path."""
    return tuple(
        Taint(key=text(taint, "key"), value=text(taint, "value"), effect=_EFFECTS[text(taint, "effect")])
        for taint in objects(properties, path)
    )
