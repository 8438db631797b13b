"""What stands in for the controller of NVIDIA's GPU operator, which no node of a simulation runs.

Owns when it acts: while a pod of the operator's Deployment works and there is a ClusterPolicy. What it makes of one is
in ``cluster_policy``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ..api import Answer, Api
from .agents import Agent
from .cluster_policy import ClusterPolicy, daemon_sets, disabled, node_labels
from .nodes import SeenNode
from .pods import AgentPod
from .watching import Changed, Listed

POLICIES = "/apis/nvidia.com/v1/clusterpolicies"
"""Path of what it follows; the kind exists once the operator's chart is installed."""
_MANAGER = "gpu-operator"
_APPS = "/apis/apps/v1/namespaces"


class _PolicyList(Answer):
    items: list[ClusterPolicy]


class _PolicyEvent(Answer):
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: ClusterPolicy


def is_operator(pod: AgentPod) -> bool:
    """Whether a pod is the controller; its validators, of the same image, are pods of a DaemonSet."""
    return Agent.GPU_OPERATOR in pod.agents and not pod.is_daemon


class GpuOperator:
    """The policies that it knows, and which of them it has carried out."""

    def __init__(self) -> None:
        self._policies: dict[str, ClusterPolicy] = {}
        self._done: tuple[str, int, str] | None = None

    def take(self, change: Listed | Changed) -> None:
        """Learn of policies."""
        match change:
            case Listed(answer=answer):
                self._policies = {found.metadata.name: found for found in _PolicyList.model_validate_json(answer).items}
            case Changed(event=text):
                event = _PolicyEvent.model_validate_json(text)
                name = event.object.metadata.name
                if event.type == "DELETED":
                    self._policies.pop(name, None)
                else:
                    self._policies[name] = event.object

    def settle(self, api: Api, pods: Iterable[AgentPod], nodes: Iterable[SeenNode]) -> None:
        """Carry out the policy on these nodes, if a pod of the operator works.

        Args:
            api: The control plane.
            pods: Pods of agents.
            nodes: Nodes that changed.
        """
        running = next((pod for pod in pods if is_operator(pod) and pod.works), None)
        policy = next(iter(self._policies.values()), None)
        if running is None or policy is None:
            self._done = None
            return
        wanted = (policy.metadata.uid, policy.metadata.generation, running.namespace)
        if self._done != wanted:
            _deploy(api, policy, running.namespace)
            self._done = wanted
        for node in nodes:
            added = node_labels(policy, node.labels)
            if added:
                _label(api, node.name, dict(added))


def _deploy(api: Api, policy: ClusterPolicy, namespace: str) -> None:
    folder = f"{_APPS}/{namespace}/daemonsets"
    for name, body in daemon_sets(policy, namespace):
        api.apply(f"{folder}/{name}", body)
    for name in disabled(policy):
        api.delete(f"{folder}/{name}")


def _label(api: Api, node: str, labels: dict[str, str]) -> None:
    # That the node is gone, its own event will tell.
    api.merge_if_there(f"/api/v1/nodes/{node}", {"metadata": {"labels": labels}}, _MANAGER)
