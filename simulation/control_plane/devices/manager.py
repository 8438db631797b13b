"""``python -m simulation.control_plane.devices.manager``: devices of nodes appear and go with their advertisers.

Owns what kubelets' device managers do with registered device plugins, and what node feature discovery writes.
It follows nodes and the pods of node agents by watches, and changes many nodes in one go.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal

from components.contracts.errors import StrataError

from ..api import Answer, Api, ApiError
from ..layout import Layout
from ..nodes import MANAGED_LABEL
from .agents import Agent, mentions_agent
from .compute_domains import keep_domains
from .gpu_operator import POLICIES, GpuOperator, is_operator
from .node_devices import Advertised, Running, advertised, configs_folder
from .nodes import KUBELET, NodeChange, SeenNode, change_of
from .pods import AgentPod, SeenPod
from .published import Published
from .scaled_objects import KedaOperator
from .watching import Changed, Listed, follow

_PODS, _NODES = "/api/v1/pods", "/api/v1/nodes"
_IDLE_SECONDS = 1.0
# Changes that come together, such as those of a node pool, are served together.
_GATHER_SECONDS = 0.05


class _PodList(Answer):
    items: list[SeenPod]


class _NodeList(Answer):
    items: list[SeenNode]


class _PodEvent(Answer):
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: SeenPod


class _NodeEvent(Answer):
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: SeenNode


class _ConfigMap(Answer):
    data: dict[str, str] = {}


def main() -> int:
    """Work until the control plane is deleted."""
    layout = Layout.of(sys.argv[1], Path(sys.argv[2]))
    told: SimpleQueue[Listed | Changed] = SimpleQueue()

    def also_follow(path: str, selector: str = "") -> None:
        query = {"labelSelector": selector} if selector else {}
        Thread(target=follow, args=(layout, path, query, told.put), daemon=True).start()

    also_follow(_PODS)
    also_follow(_NODES, MANAGED_LABEL)
    manager = DeviceManager(layout, also_follow)
    while layout.record.exists():
        for change in _gather(told):
            manager.take(change)
        try:
            manager.settle()
            manager.keep_domains()
            manager.keep_scaled_objects()
        except (StrataError, ApiError) as error:
            # The API server is down; whoever ends it for good ends this process too.
            sys.stderr.write(f"{error}\n")
            time.sleep(_IDLE_SECONDS)
    return 0


def _gather(told: SimpleQueue[Listed | Changed]) -> list[Listed | Changed]:
    try:
        gathered = [told.get(timeout=_IDLE_SECONDS)]
    except Empty:
        return []
    time.sleep(_GATHER_SECONDS)
    while not told.empty():
        gathered.append(told.get())
    return gathered


class DeviceManager:
    """What is known of nodes and agents, and the nodes that have to be looked at."""

    def __init__(self, layout: Layout, also_follow: Callable[[str], None]) -> None:
        self._layout = layout
        self._also_follow = also_follow
        self._operator: GpuOperator | None = None
        self._keda = KedaOperator()
        self._nodes: dict[str, SeenNode] = {}
        self._pods: dict[str, AgentPod] = {}
        self._on_node: defaultdict[str, set[str]] = defaultdict(set)
        self._files: dict[str, Mapping[str, str] | None] = {}
        self._waiting: set[str] = set()
        self._published: Published | None = None
        self._api: Api | None = None

    def take(self, change: Listed | Changed) -> None:
        """Learn of a change."""
        match change:
            case Listed(path=path) | Changed(path=path) if path == POLICIES:
                if self._operator is not None:
                    self._operator.take(change)
                self._waiting |= self._nodes.keys()
            case Listed(path=path, answer=answer) if path == _PODS:
                self._replace_pods(_PodList.model_validate_json(answer).items)
            case Listed(answer=answer):
                self._nodes = {node.name: node for node in _NodeList.model_validate_json(answer).items}
                self._waiting |= self._nodes.keys()
            case Changed(path=path, event=event) if path == _PODS:
                if mentions_agent(event):
                    self._pod_changed(_PodEvent.model_validate_json(event))
            case Changed(event=event):
                self._node_changed(_NodeEvent.model_validate_json(event))

    def settle(self) -> None:
        """Make every node that may have changed show what it advertises.

        Raises:
            StrataError: when the API server is gone; the nodes are looked at again.
        """
        if not self._waiting:
            return
        with self._connection() as api:
            if self._published is None:
                self._published = Published.read(api)
            shown = self._shown(api)
            changes = [change_of(node, shows) for node, shows in shown]
            api.for_each([change for change in changes if change.status or change.labels], self._send)
            self._published.settle(api, shown)
            if self._operator is not None:
                nodes = [self._nodes[name] for name in self._waiting if name in self._nodes]
                self._operator.settle(api, self._pods.values(), nodes)
        self._waiting.clear()

    def keep_domains(self) -> None:
        """Do what the controller of ComputeDomains does, while it works.

        Raises:
            StrataError: when the API server is gone.
        """
        if any(Agent.DRA_CONTROLLER in pod.agents and pod.works for pod in self._pods.values()):
            with self._connection() as api:
                keep_domains(api)

    def keep_scaled_objects(self) -> None:
        """Do what KEDA's operator does, while it works on a simulated node; on a live one its own program does.

        Raises:
            StrataError: when the API server is gone.
        """
        pods = (pod for pod in self._pods.values() if Agent.KEDA_OPERATOR in pod.agents and pod.node in self._nodes)
        if any(pod.works for pod in pods):
            with self._connection() as api:
                self._keda.settle(api)

    @contextmanager
    def _connection(self) -> Generator[Api, None, None]:
        try:
            if self._api is None:
                self._api = Api(self._layout)
            yield self._api
        except (StrataError, ApiError):
            # It may have come back elsewhere.
            self._api = None
            raise

    def _shown(self, api: Api) -> list[tuple[SeenNode, Advertised]]:
        writes = any(Agent.NODE_DISCOVERY_MASTER in pod.agents and pod.works for pod in self._pods.values())
        found: list[tuple[SeenNode, Advertised]] = []
        working = {name: self._working(name) for name in self._waiting if name in self._nodes}
        self._read_configs(api, [pod for pods in working.values() for pod in pods])
        for name, pods in working.items():
            node = self._nodes[name]
            inventory = node.inventory()
            if inventory is not None:
                running = [Running(pod=pod, files=self._files.get(pod.uid)) for pod in pods]
                found.append((node, advertised(inventory, node.labels, running, writes=writes)))
        return found

    def _working(self, node: str) -> list[AgentPod]:
        pods = (self._pods[uid] for uid in sorted(self._on_node[node]))
        return [pod for pod in pods if pod.is_daemon and pod.works]

    def _read_configs(self, api: Api, pods: Iterable[AgentPod]) -> None:
        """Each pod keeps the configuration with which it started: no plugin watches its file."""
        read: dict[str, Mapping[str, str] | None] = {}
        for pod in pods:
            name = pod.config_map(configs_folder(pod))
            if name and pod.uid not in self._files:
                path = f"/api/v1/namespaces/{pod.namespace}/configmaps/{name}"
                if path not in read:
                    read[path] = _read_config_map(api, path)
                self._files[pod.uid] = read[path]

    def _send(self, change: NodeChange) -> None:
        api, path = self._api, f"{_NODES}/{change.name}"
        if api is None:
            return
        # That the node is gone, its own event will tell.
        if change.status is not None:
            api.merge_if_there(f"{path}/status", change.status, KUBELET)
        if change.labels is not None:
            api.merge_if_there(path, change.labels, KUBELET)

    def _replace_pods(self, pods: Sequence[SeenPod]) -> None:
        self._waiting |= {pod.node for pod in self._pods.values()}
        self._pods.clear()
        self._on_node.clear()
        for pod in pods:
            self._add(AgentPod(pod))

    def _pod_changed(self, event: _PodEvent) -> None:
        pod = AgentPod(event.object)
        self._forget(pod.uid)
        if event.type != "DELETED":
            self._add(pod)
        else:
            self._files.pop(pod.uid, None)
        if pod.agents & {Agent.NODE_DISCOVERY_MASTER, Agent.GPU_OPERATOR}:
            self._waiting |= self._nodes.keys()

    def _add(self, pod: AgentPod) -> None:
        if pod.agents:
            self._pods[pod.uid] = pod
            self._on_node[pod.node].add(pod.uid)
            self._waiting.add(pod.node)
        if self._operator is None and is_operator(pod):
            self._operator = GpuOperator()
            self._also_follow(POLICIES)

    def _forget(self, uid: str) -> None:
        pod = self._pods.pop(uid, None)
        if pod is not None:
            self._on_node[pod.node].discard(uid)
            self._waiting.add(pod.node)

    def _node_changed(self, event: _NodeEvent) -> None:
        node = event.object
        if event.type == "DELETED":
            self._nodes.pop(node.name, None)
        else:
            self._nodes[node.name] = node
            self._waiting.add(node.name)


def _read_config_map(api: Api, path: str) -> Mapping[str, str] | None:
    found = api.find(path)
    return _ConfigMap.model_validate_json(found).data if found else None


if __name__ == "__main__":
    sys.exit(main())
