"""Replacing nodes as managed node groups do: a few at a time, each emptied by evictions first.

Owns the order, and what it means that disruption budgets forbid an eviction.
Sources: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html and
https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import Field

from .api import Answer, Api, ApiError
from .nodes import Node

# Stands for the 15 minutes of EKS; pods that can move do so within seconds.
_PATIENCE_SECONDS = 30.0
_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """How many nodes are replaced at once.

    Attributes:
        surge: Nodes that are there beyond those of the group meanwhile.
        unavailable: Nodes that may be missing meanwhile.
        forces: Whether pods that may not be evicted are ended in the end; else the nodes stay as they are.
    """

    surge: int = 0
    unavailable: int = 1
    forces: bool = False

    @property
    def at_once(self) -> int:
        """How many nodes are emptied together."""
        return max(1, self.surge + self.unavailable)


class DrainBlockedError(Exception):
    """Pods that may not be evicted keep a node from being replaced.

    Attributes:
        nodes: The nodes.
        pods: The pods, by namespace and name.
    """

    def __init__(self, nodes: Sequence[str], pods: Sequence[str]) -> None:
        self.nodes, self.pods = tuple(nodes), tuple(pods)
        super().__init__(f"{', '.join(pods)} cannot be evicted from {', '.join(nodes)}")


class _Owner(Answer):
    workload: str = Field(default="", alias="kind")


class _Metadata(Answer):
    name: str
    namespace: str
    deletion: str | None = Field(default=None, alias="deletionTimestamp")
    owners: list[_Owner] = Field(default=[], alias="ownerReferences")


class _Pod(Answer):
    metadata: _Metadata


class _PodList(Answer):
    items: list[_Pod]


def replace_nodes(
    api: Api,
    old: Sequence[str],
    new: Sequence[Node],
    how: Replacement,
    *,
    add: Callable[[Sequence[Node]], None],
    remove: Callable[[Sequence[str]], None],
) -> None:
    """Replace the old nodes by the new ones.

    Args:
        api: Of the control plane.
        old: Names of nodes that go.
        new: Nodes that come.
        how: How many at once.
        add: Makes nodes and waits until they are ready.
        remove: Takes nodes away.

    Raises:
        DrainBlockedError: when budgets forbid further evictions; what was replaced so far stays so.
    """
    going, coming = list(old), list(new)
    while going:
        batch, going = going[: how.at_once], going[how.at_once :]
        add(coming[: how.surge])
        after = max(0, len(batch) - how.surge)
        rest, coming = coming[how.surge : how.surge + after], coming[how.surge + after :]
        _drain(api, batch, how)
        remove(batch)
        add(rest)
    add(coming)


def reimage_nodes(
    api: Api,
    nodes: Sequence[Node],
    how: Replacement,
    *,
    add: Callable[[Sequence[Node]], None],
    remove: Callable[[Sequence[str]], None],
) -> None:
    """Give nodes that keep their names another image; machines beyond those of the group leave again at the end.

    Raises:
        DrainBlockedError: when budgets forbid further evictions; what was done so far stays so.
    """
    extra = [replace(node, name=f"{node.name}-surge") for node in nodes[: how.surge]]
    add(extra)
    for start in range(0, len(nodes), how.at_once):
        batch = nodes[start : start + how.at_once]
        names = [node.name for node in batch]
        _drain(api, names, how)
        remove(names)
        add(batch)
    names = [node.name for node in extra]
    _drain(api, names, how)
    remove(names)


def _drain(api: Api, nodes: Sequence[str], how: Replacement) -> None:
    _cordon(api, nodes, unschedulable=True)
    most, deadline = -1, 0.0
    while pods := [pod for node in nodes for pod in _pods_on(api, node)]:
        blocked = [pod for pod in pods if pod.deletion is None and not _evict(api, pod)]
        if most < 0 or len(blocked) < most:
            most, deadline = len(blocked), time.monotonic() + _PATIENCE_SECONDS
        if blocked and time.monotonic() > deadline:
            if how.forces:
                return
            _cordon(api, nodes, unschedulable=False)
            raise DrainBlockedError(nodes, [f"{pod.namespace}/{pod.name}" for pod in blocked])
        time.sleep(_AGAIN_SECONDS)


def _cordon(api: Api, nodes: Sequence[str], *, unschedulable: bool) -> None:
    api.for_each(nodes, lambda node: api.merge(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": unschedulable}}))


def _pods_on(api: Api, node: str) -> list[_Metadata]:
    """Pods that have to leave; those of DaemonSets end with the node."""
    answer = api.get("/api/v1/pods", fieldSelector=f"spec.nodeName={node}")
    pods = [pod.metadata for pod in _PodList.model_validate_json(answer).items]
    return [pod for pod in pods if not any(owner.workload == "DaemonSet" for owner in pod.owners)]


def _evict(api: Api, pod: _Metadata) -> bool:
    """Whether the pod goes."""
    about = {"name": pod.name, "namespace": pod.namespace}
    try:
        api.create(
            f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": about},
        )
    except ApiError as error:
        if error.status == http.client.NOT_FOUND:
            return True
        if error.status == http.client.TOO_MANY_REQUESTS:
            return False
        raise
    return True
