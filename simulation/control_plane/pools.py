"""Making a control plane's nodes equal to node pools, or to the machines of a node group.

Owns the comparison and the changes. What a node looks like is in ``nodes``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from components.contracts.errors import StrataError
from components.contracts.pools import NodePool

from .api import Answer, Api
from .control_plane import ControlPlane
from .nodes import DIGEST_ANNOTATION, MANAGED_LABEL, POOLS, Node, nodes_of
from .rolling import Replacement, reimage_nodes, replace_nodes

_READY_SECONDS = 60.0
_AGAIN_SECONDS = 20.0
_POLL_SECONDS = 0.2
# Taints that Kubernetes itself puts on nodes and takes away again.
_KUBERNETES_TAINTS = "node.kubernetes.io/"


@dataclass(frozen=True, kw_only=True)
class NodeChanges:
    """Names of nodes by what happened to them."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


class _Metadata(Answer):
    name: str
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class _Taint(Answer):
    key: str
    value: str = ""
    effect: str


class _NodeSpec(Answer):
    taints: list[_Taint] = []


class _Condition(Answer):
    type: str
    status: str


class _NodeInfo(Answer):
    kubelet: str = Field(default="", alias="kubeletVersion")


class _NodeStatus(Answer):
    info: _NodeInfo = Field(default=_NodeInfo(), alias="nodeInfo")
    capacity: dict[str, str] = {}
    allocatable: dict[str, str] = {}
    conditions: list[_Condition] = []


class _SeenNode(Answer):
    metadata: _Metadata
    spec: _NodeSpec = _NodeSpec()
    status: _NodeStatus = _NodeStatus()

    @property
    def is_ready(self) -> bool:
        ready = any(condition.type == "Ready" and condition.status == "True" for condition in self.status.conditions)
        return ready and not any(taint.key.startswith(_KUBERNETES_TAINTS + "not-ready") for taint in self.spec.taints)


class _NodeList(Answer):
    items: list[_SeenNode]


class _PodSpec(Answer):
    node: str = Field("", alias="nodeName")


class _Pod(Answer):
    metadata: _Metadata
    spec: _PodSpec


class _PodList(Answer):
    items: list[_Pod]


def apply_pools(control_plane: ControlPlane, pools: Iterable[NodePool]) -> NodeChanges:
    """Create, change and remove nodes until they equal the pools, and wait until all are ready.

    Nodes that no pool ever made are left alone.

    Raises:
        StrataError: when a pool names an unknown or unsuitable machine, two nodes would have one
            name, or the control plane does not answer.
    """
    return apply_nodes(control_plane, POOLS, nodes_of(pools), field="pools")


def apply_nodes(
    control_plane: ControlPlane,
    owner: str,
    nodes: Iterable[Node],
    *,
    field: str,
    replacement: Replacement | None = None,
) -> NodeChanges:
    """Create, change and remove the owner's nodes until they equal these, and wait until all are ready.

    Args:
        control_plane: Where the nodes are.
        owner: Whose nodes these are; those of others are left alone.
        nodes: All nodes of the owner.
        field: What the user wrote them in, for errors.
        replacement: How nodes that others replace are drained and go; where left out, nodes go at once.

    Raises:
        StrataError: when two nodes would have one name, or the control plane does not answer.
        DrainBlockedError: when a disruption budget keeps a node that is replaced.
    """
    wanted = _by_name(nodes, field)
    api = Api(control_plane.layout)
    everyone = _seen(api)
    seen = {name: node for name, node in everyone.items() if node.metadata.labels.get(MANAGED_LABEL) == owner}
    for name in wanted:
        if name in everyone and name not in seen:
            raise _name_taken(name, field)
    created = [name for name in wanted if name not in seen]
    updated = [name for name in wanted if name in seen and _differs(seen[name], wanted[name])]
    removed = [name for name in seen if name not in wanted]

    def add(more: Sequence[Node]) -> None:
        api.for_each(more, lambda node: _apply(api, node))
        if more:
            _wait_until_ready(api, {node.name: node for node in more}, field, created)

    def remove(names: Sequence[str]) -> None:
        _remove(api, names)

    new = [wanted[name] for name in created]
    if replacement is None:
        remove(removed)
        add([*new, *(wanted[name] for name in updated)])
    else:
        # Another version of kubelet comes with another image.
        reimaged = [name for name in updated if seen[name].status.info.kubelet != wanted[name].kubelet]
        add([wanted[name] for name in updated if name not in reimaged])
        reimage_nodes(api, [wanted[name] for name in reimaged], replacement, add=add, remove=remove)
        going = removed if created else []
        remove([name for name in removed if name not in going])
        replace_nodes(api, going, new, replacement, add=add, remove=remove)
    return NodeChanges(
        created=tuple(created),
        updated=tuple(updated),
        removed=tuple(removed),
        unchanged=tuple(name for name in wanted if name in seen and name not in updated),
    )


def _by_name(nodes: Iterable[Node], field: str) -> dict[str, Node]:
    named: dict[str, Node] = {}
    for node in nodes:
        if node.name in named:
            raise _name_taken(node.name, field)
        named[node.name] = node
    return named


def _name_taken(name: str, field: str) -> StrataError:
    return StrataError.of(
        field,
        cause=f"two nodes would both be called {name!r}",
        consequence="one of them would replace the other",
        fix="rename one of the pools; nodes are called <pool>-<index>",
    )


def _seen(api: Api) -> dict[str, _SeenNode]:
    answer = api.get("/api/v1/nodes", labelSelector=MANAGED_LABEL)
    return {node.metadata.name: node for node in _NodeList.model_validate_json(answer).items}


def _differs(seen: _SeenNode, wanted: Node) -> bool:
    own = [taint for taint in seen.spec.taints if not taint.key.startswith(_KUBERNETES_TAINTS)]
    return not (
        seen.metadata.annotations.get(DIGEST_ANNOTATION) == wanted.digest
        and wanted.labels.items() <= seen.metadata.labels.items()
        and [taint.model_dump() for taint in own] == wanted.taint_objects()
        and _same_amounts(seen.status.capacity, wanted.capacity)
        and _same_amounts(seen.status.allocatable, wanted.allocatable)
    )


def _same_amounts(seen: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted.items() <= seen.items()


def _apply(api: Api, node: Node) -> None:
    path = f"/api/v1/nodes/{node.name}"
    api.apply(path, node.body())
    api.apply(f"{path}/status", node.status_body())


def _remove(api: Api, names: Sequence[str]) -> None:
    """Remove nodes, and at once the pods on them that nobody is left to end."""
    if not names:
        return
    api.for_each(names, lambda name: api.delete(f"/api/v1/nodes/{name}"))
    gone = set(names)
    pods = [pod for pod in _PodList.model_validate_json(api.get("/api/v1/pods")).items if pod.spec.node in gone]
    now = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
    api.for_each(
        pods, lambda pod: api.delete(f"/api/v1/namespaces/{pod.metadata.namespace}/pods/{pod.metadata.name}", now)
    )


def _wait_until_ready(api: Api, wanted: Mapping[str, Node], field: str, created: Sequence[str]) -> None:
    deadline = time.monotonic() + _READY_SECONDS + len(wanted) / 20
    again = time.monotonic() + _AGAIN_SECONDS
    while True:
        seen = _seen(api)
        waiting = [name for name in wanted if name not in seen or not seen[name].is_ready]
        if not waiting:
            return
        if time.monotonic() > deadline:
            raise StrataError.of(
                field,
                cause=f"{len(waiting)} of {len(wanted)} nodes are not ready, among them {waiting[0]}",
                consequence="pods that need them would stay pending",
                fix="see the log of kwok-controller, whose path 'python -m simulation status' prints",
            )
        if time.monotonic() > again:
            # kwok's controller can miss the first event of a node while it starts, and never looks at the node again.
            for name in set(waiting) & set(created):
                _remove(api, [name])
                _apply(api, wanted[name])
            again = time.monotonic() + _AGAIN_SECONDS
        time.sleep(_POLL_SECONDS)
