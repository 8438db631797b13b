"""The program that takes nodes with ill GPUs out of service; it runs in a pod, from a ConfigMap.

It uses the standard library alone, because it runs in a bare Python image, and imports nothing of Strata.

A node whose condition ``CONDITION`` is true is cordoned, and its pods are evicted, which asks each of their
PodDisruptionBudgets; pods of DaemonSets, of the kubelet itself, and those that nobody would make again stay. At most
``NODES_AT_ONCE`` nodes are emptied at a time, and at most ``NODES_OUT`` are out of service, be they emptied or empty:
an error that all drivers of a site report, such as one of a new release, takes no more of them. Where it is not set,
that is a fifth of the nodes that report the condition, and at least one. What is done is kept in an annotation of the
node, so that a restart goes on with it. A node comes back by itself once its machine was booted again and the
condition is gone; whoever uncordons it before that is obeyed until an error is reported that was not while it was
out.

Input: ``API_SERVER``, ``TOKEN_FILE``, ``CA_FILE``, ``CONDITION``, ``NODES_AT_ONCE``, ``NODES_OUT``,
``PERIOD_SECONDS``.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import cast

ANNOTATION = "strata.dev/node-repair"
"""What was done with a node: the boot in which it fell ill, and how far it is."""
DRAINING, DRAINED = "draining", "drained"
TIMEOUT = 30.0
_FINISHED = {"Succeeded", "Failed"}
# EKS' node repair stops where more than 20 % of the nodes are unhealthy (EKS user guide, node-repair; 2026-11-27).
_SHARE_OUT = 5
_BETWEEN = ", "


def tell(message: str) -> None:
    """Writes a line of the pod's log."""
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Api:
    """The API server, as the service account of the pod sees it."""

    server: str
    token_file: Path
    trust: ssl.SSLContext | None

    def call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> dict[str, object]:
        """The answer to a request; HTTPError where it is refused."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server}{path}", data=data, method=method)  # noqa: S310 - own setting
        # Read for each call, as the kubelet writes a new token every hour.
        request.add_header("Authorization", f"Bearer {self.token_file.read_text().strip()}")
        request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=self.trust) as answer:  # noqa: S310
            found: dict[str, object] = json.load(answer)
        return found


@dataclass(frozen=True)
class Node:
    """What matters of a node."""

    name: str
    version: str
    boot: str
    is_watched: bool
    is_ill: bool
    reason: str
    is_cordoned: bool
    done: Mapping[str, str]

    @property
    def is_ours(self) -> bool:
        """Whether this program took it out of service, and nobody took it back."""
        return bool(self.done) and self.is_cordoned

    @property
    def was_taken_back(self) -> bool:
        """Whether somebody uncordoned it in the boot in which it fell ill, and it reports nothing else since."""
        return self.done.get("boot") == self.boot and self.reason in self.reported and not self.is_cordoned

    @property
    def reported(self) -> Sequence[str]:
        """Errors that it reported while it was out of service: drivers tell of one trouble by several."""
        return self.done.get("reason", "").split(_BETWEEN)


def read_node(about: Mapping[str, object], condition: str) -> Node:
    """A node of the API's answer."""
    meta, spec, status = (_mapping(about.get(part)) for part in ("metadata", "spec", "status"))
    found = [item for item in _items(status.get("conditions")) if item.get("type") == condition]
    return Node(
        name=str(meta["name"]),
        version=str(meta["resourceVersion"]),
        boot=str(_mapping(status.get("nodeInfo")).get("bootID", "")),
        is_watched=bool(found),
        is_ill=any(item.get("status") == "True" for item in found),
        reason=str(found[0].get("reason", "")) if found else "",
        is_cordoned=bool(spec.get("unschedulable")),
        done=_done(_mapping(meta.get("annotations")).get(ANNOTATION)),
    )


def _done(text: object) -> Mapping[str, str]:
    if not text:
        return {}
    try:
        return {str(key): str(value) for key, value in _mapping(json.loads(str(text))).items()}
    except ValueError:
        return {}


def _mapping(found: object) -> Mapping[str, object]:
    # Keys of JSON are texts.
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _items(found: object) -> Sequence[Mapping[str, object]]:
    return [_mapping(item) for item in cast("list[object]", found)] if isinstance(found, list) else []


def leaving(pods: Sequence[Mapping[str, object]]) -> Iterator[tuple[str, str, bool]]:
    """Each pod that has to leave and that somebody makes again: namespace, name, and whether it is on its way."""
    for pod in pods:
        meta = _mapping(pod.get("metadata"))
        owners = [owner for owner in _items(meta.get("ownerReferences")) if owner.get("controller")]
        is_mirror = "kubernetes.io/config.mirror" in _mapping(meta.get("annotations"))
        is_daemon = any(owner.get("kind") in {"DaemonSet", "Node"} for owner in owners)
        if owners and not is_daemon and not is_mirror and _mapping(pod.get("status")).get("phase") not in _FINISHED:
            yield str(meta["namespace"]), str(meta["name"]), "deletionTimestamp" in meta


@dataclass(frozen=True)
class Repair:
    """One look after another at all nodes."""

    api: Api
    condition: str
    nodes_at_once: int
    nodes_out: int | None = None

    def look(self) -> None:
        """Takes every node one step further."""
        answer = self.api.call("GET", "/api/v1/nodes")
        nodes = [read_node(item, self.condition) for item in _items(answer.get("items"))]
        well = [node for node in nodes if node.done and node.boot != node.done.get("boot") and not node.is_ill]
        out = [node for node in nodes if node.is_ours and node not in well]
        emptied = [node for node in out if node.is_ill and node.done.get("state") == DRAINING]
        waiting = [node for node in nodes if node.is_ill and not node.is_cordoned and not node.was_taken_back]
        self._each(well, self._return)
        self._each(emptied, self._drain)
        self._each([node for node in out if node.is_ill and node not in emptied], self._note)
        most = self.nodes_out or max(1, sum(node.is_watched for node in nodes) // _SHARE_OUT)
        if waiting and len(out) >= most:
            names = ", ".join(f"{node.name} ({node.reason})" for node in waiting)
            tell(f"{len(out)} nodes are out of service, and {most} may be; these stay in it: {names}")
        self._each(waiting[: max(0, min(self.nodes_at_once - len(emptied), most - len(out)))], self._cordon)

    def _each(self, nodes: Sequence[Node], step: Callable[[Node], object]) -> None:
        for node in nodes:
            try:
                step(node)
            except OSError as error:
                # One node that cannot be changed holds up no other.
                tell(f"{node.name}: {error}")

    def _cordon(self, node: Node) -> None:
        tell(f"{node.name}: {node.reason}, cordoned")
        self._patch(node, {"boot": node.boot, "reason": node.reason, "state": DRAINING}, is_cordoned=True)

    def _return(self, node: Node) -> None:
        tell(f"{node.name}: was booted again and has no error, uncordoned")
        self._patch(node, None, is_cordoned=False)

    def _note(self, node: Node) -> bool:
        """Whether the node reports something else than it did, which is written down."""
        if node.reason in node.reported:
            return False
        self._patch(node, {**node.done, "reason": _BETWEEN.join((*node.reported, node.reason))}, is_cordoned=True)
        return True

    def _drain(self, node: Node) -> None:
        if self._note(node):
            return
        field = urllib.parse.quote(f"spec.nodeName={node.name}")
        answer = self.api.call("GET", f"/api/v1/pods?fieldSelector={field}")
        left = list(leaving(_items(answer.get("items"))))
        for namespace, name, is_on_its_way in left:
            if not is_on_its_way:
                self._evict(namespace, name)
        if not left:
            tell(f"{node.name}: drained after {node.done.get('reason')}; reset its GPUs or boot it again")
            self._patch(node, {**node.done, "state": DRAINED}, is_cordoned=True)

    def _evict(self, namespace: str, name: str) -> None:
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
        }
        try:
            self.api.call("POST", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", eviction)
            tell(f"{namespace}/{name}: evicted")
        except urllib.error.HTTPError as error:
            # A budget that allows no disruption now; it is asked again at the next look.
            if error.code == HTTPStatus.TOO_MANY_REQUESTS:
                tell(f"{namespace}/{name}: its budget allows no eviction yet")
            elif error.code != HTTPStatus.NOT_FOUND:
                # Such as 500 for a pod with two budgets; the pods after it leave all the same.
                tell(f"{namespace}/{name}: {error}")

    def _patch(self, node: Node, done: Mapping[str, str] | None, *, is_cordoned: bool) -> None:
        # With the version that was read: what somebody changed meanwhile is looked at again first.
        about = {"resourceVersion": node.version, "annotations": {ANNOTATION: done and json.dumps(done)}}
        body = {"metadata": about, "spec": {"unschedulable": is_cordoned or None}}
        self.api.call("PATCH", f"/api/v1/nodes/{node.name}", body, "application/merge-patch+json")


def main() -> None:
    """Looks at the nodes for ever; an API server that does not answer is asked again."""
    ca_file = os.environ.get("CA_FILE")
    api = Api(
        server=os.environ["API_SERVER"],
        token_file=Path(os.environ["TOKEN_FILE"]),
        trust=ssl.create_default_context(cafile=ca_file) if ca_file else None,
    )
    most = os.environ.get("NODES_OUT")
    repair = Repair(api, os.environ["CONDITION"], int(os.environ["NODES_AT_ONCE"]), int(most) if most else None)
    period = float(os.environ["PERIOD_SECONDS"])
    while True:
        try:
            repair.look()
        except OSError as error:  # HTTPError, URLError and time-outs among them
            tell(f"the API server: {error}")
        time.sleep(period)


if __name__ == "__main__":
    main()
