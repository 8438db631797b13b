"""Promises compared with answers. Pure: the same answers give the same findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stacks.layers.promises import (
    AllocatableDevices,
    AnsweringServer,
    BoundVolume,
    Promise,
    PublishedDevices,
    ReadyEndpoints,
    ReadyNodes,
    ReadyReplicas,
    RunningDaemons,
)

from .answers import Answers, Claim, DaemonSet, Deployment, EndpointSlice, Node, Pod, ResourceSlice, ServerAnswer

_SHOWN = 3
_SERVER_FAILED = 500
_SERVICE, _INSTANCE = "kubernetes.io/service-name", "app.kubernetes.io/instance"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One promise and whether it holds.

    Attributes:
        promise: What was promised, in words.
        holds: Whether it does; None where nobody could be asked.
        seen: What the cluster answers.
        look: Command that shows more; empty where it holds.
    """

    promise: str
    holds: bool | None
    seen: str
    look: str = ""


def compare(promises: Sequence[Promise], answers: Answers) -> list[Finding]:
    """What holds and what does not.

    Args:
        promises: What the layers promise.
        answers: What the cluster answers.
    """
    return [_finding(promise, answers) for promise in promises]


def _finding(promise: Promise, answers: Answers) -> Finding:
    match promise:
        case ReadyNodes():
            return _nodes(promise, answers)
        case AllocatableDevices():
            return _devices(promise, answers)
        case PublishedDevices():
            return _published(promise, answers)
        case RunningDaemons():
            return _daemons(promise, answers)
        case BoundVolume():
            return _volume(promise, answers)
        case ReadyReplicas():
            return _replicas(promise, answers)
        case ReadyEndpoints():
            return _endpoints(promise, answers)
        case AnsweringServer():
            return _server(promise, answers.of_server(promise))


def _nodes_of(selector: Mapping[str, str], answers: Answers) -> list[Node]:
    wanted = selector.items()
    return [item for item in answers.items if isinstance(item, Node) and wanted <= item.metadata.labels.items()]


def _nodes(promise: ReadyNodes, answers: Answers) -> Finding:
    nodes = _nodes_of(promise.selector, answers)
    waiting = [node.metadata.name for node in nodes if not node.is_ready]
    ready = len(nodes) - len(waiting)
    return Finding(
        promise=f"pool {promise.pool}: {promise.count} nodes are ready",
        holds=ready >= promise.count,
        seen=f"{ready} ready" + (f", not yet: {_listed(waiting)}" if waiting else ""),
        look=f"kubectl get nodes -l {_selector(promise.selector)}",
    )


def _devices(promise: AllocatableDevices, answers: Answers) -> Finding:
    nodes = _nodes_of(promise.selector, answers)
    short = [node for node in nodes if node.devices(promise.resource) < promise.per_node]
    names = _listed([f"{node.metadata.name} ({node.devices(promise.resource)})" for node in short])
    seen = f"{len(nodes) - len(short)} of {len(nodes)} nodes do"
    if short:
        seen += f"; fewer on {names}: what advertises them, or the driver, does not run there"
    return Finding(
        promise=f"pool {promise.pool}: each node offers {promise.per_node} {promise.resource}",
        holds=bool(nodes) and not short,
        seen=seen,
        look=f"kubectl describe nodes -l {_selector(promise.selector)}; kubectl get daemonsets -A",
    )


def _published(promise: PublishedDevices, answers: Answers) -> Finding:
    nodes = _nodes_of(promise.selector, answers)
    offered: dict[str, int] = {}
    for item in answers.items:
        if isinstance(item, ResourceSlice) and item.spec.driver == promise.driver:
            offered[item.spec.node] = offered.get(item.spec.node, 0) + len(item.spec.devices)
    names = [node.metadata.name for node in nodes]
    short = [name for name in names if offered.get(name, 0) < promise.per_node]
    seen = f"{len(names) - len(short)} of {len(names)} nodes do"
    if short:
        listed = _listed([f"{name} ({offered.get(name, 0)})" for name in short])
        seen += f"; fewer on {listed}: the DRA driver does not run there, or found no NVIDIA driver"
    return Finding(
        promise=f"pool {promise.pool}: each node offers {promise.per_node} devices of {promise.driver} to claims",
        holds=bool(nodes) and not short,
        seen=seen,
        look=f"kubectl get resourceslices -o wide; kubectl get nodes -l {_selector(promise.selector)}",
    )


def _daemons(promise: RunningDaemons, answers: Answers) -> Finding:
    namespace = promise.namespace
    found = [item for item in answers.items if isinstance(item, DaemonSet) and item.metadata.namespace == namespace]
    missing = [name for name in promise.names if name not in {item.metadata.name for item in found}]
    short = [item for item in found if item.status.ready < item.status.desired]
    counts = [f"{item.metadata.name} {item.status.ready} of {item.status.desired}" for item in short or found]
    absent = [f"{name} is not there" for name in missing]
    return Finding(
        promise=f"namespace {namespace}: every DaemonSet is ready"
        + (f", with {' and '.join(promise.names)}" if promise.names else ""),
        holds=bool(found) and not short and not missing,
        seen="; ".join([*absent, *([_listed(counts)] if counts else [])]) or "there is none",
        look=f"kubectl get daemonsets,pods -n {namespace} -o wide",
    )


def _volume(promise: BoundVolume, answers: Answers) -> Finding:
    phases = [
        item.status.phase
        for item in answers.items
        if isinstance(item, Claim)
        and (item.metadata.namespace, item.metadata.name) == (promise.namespace, promise.claim)
    ]
    return Finding(
        promise=f"claim {promise.namespace}/{promise.claim} has its volume",
        holds=phases == ["Bound"],
        seen=f"it is {phases[0]}" if phases else "there is no such claim",
        look=f"kubectl describe persistentvolumeclaim -n {promise.namespace} {promise.claim}",
    )


def _replicas(promise: ReadyReplicas, answers: Answers) -> Finding:
    available = [
        item.status.available
        for item in answers.items
        if isinstance(item, Deployment)
        and (item.metadata.namespace, item.metadata.name) == (promise.namespace, promise.name)
    ]
    reasons = {
        item.why_pending
        for item in answers.items
        if isinstance(item, Pod)
        and item.metadata.namespace == promise.namespace
        and item.metadata.labels.get(_INSTANCE) == promise.name
        and item.why_pending
    }
    seen = f"{available[0]} are available" if available else "there is no such Deployment"
    return Finding(
        promise=f"{promise.about} {promise.name}: {promise.count} servers are ready",
        holds=bool(available) and available[0] >= promise.count,
        seen="; ".join([seen, *sorted(reasons)]),
        look=f"kubectl describe pods -n {promise.namespace} -l {_INSTANCE}={promise.name}",
    )


def _endpoints(promise: ReadyEndpoints, answers: Answers) -> Finding:
    ready = sum(
        item.ready
        for item in answers.items
        if isinstance(item, EndpointSlice)
        and item.metadata.namespace == promise.namespace
        and item.metadata.labels.get(_SERVICE) == promise.service
    )
    return Finding(
        promise=f"service {promise.namespace}/{promise.service} has ready endpoints",
        holds=ready > 0,
        seen=f"{ready} are ready",
        look=f"kubectl get endpointslices -n {promise.namespace} -l {_SERVICE}={promise.service}",
    )


def _server(promise: AnsweringServer, answer: ServerAnswer | None) -> Finding:
    said = f"service {promise.namespace}/{promise.service} answers {promise.path}"
    if answer is None:
        return Finding(promise=said, holds=None, seen="not asked: nodes are simulated, and no program runs on them")
    return Finding(
        promise=said,
        holds=answer.code is not None and answer.code < _SERVER_FAILED,
        seen=answer.text,
        look=f"kubectl port-forward -n {promise.namespace} service/{promise.service} 8000:{promise.port}",
    )


def _selector(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
