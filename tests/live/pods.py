"""Pods of tests that try to reach somebody, from any node and under any labels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.sandbox import Sandbox

IMAGE = "tests.strata.dev/python:1"
_SECONDS = 60.0
# kube-router learns of a pod when it runs; what is asked in its first second meets the policies of nobody.
_PROGRAM = """
import socket, sys, time
time.sleep(5)
for place in sys.argv[1:]:
    host, port = place.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=4).close()
        print(place, "reached", flush=True)
    except OSError as error:
        print(place, error, flush=True)
"""
_WAITING = "import time; time.sleep(600)"


@dataclass(frozen=True)
class Asker:
    """Where a pod is and what it is called.

    Attributes:
        name: Its name.
        namespace: Its namespace.
        node: Its node.
        labels: Its labels.
    """

    name: str
    namespace: str
    node: str
    labels: Mapping[str, str]


def tried(box: Sandbox, asker: Asker, places: Sequence[str]) -> dict[str, str]:
    """What a pod says of each ``address:port``: ``reached``, or why not."""
    box.run(
        ["kubectl", f"--kubeconfig={box.kubeconfig}", "apply", "-f", _written(box, asker, places)]
    ).check_returncode()
    deadline = time.monotonic() + _SECONDS
    while True:
        said = box.run(["kubectl", f"--kubeconfig={box.kubeconfig}", "-n", asker.namespace, "logs", asker.name]).stdout
        lines = [line.partition(" ") for line in said.splitlines()]
        if len(lines) == len(places):
            break
        assert time.monotonic() < deadline, box.kubectl("-n", asker.namespace, "describe", "pod", asker.name)
        time.sleep(0.5)
    box.kubectl("-n", asker.namespace, "delete", "pod", asker.name, "--force", "--grace-period=0")
    return {place: answer for place, _, answer in lines}


@contextmanager
def resolving(box: Sandbox, asker: Asker) -> Generator[Callable[[str], bool]]:
    """A pod that stays while the block runs, and what tells whether the cluster's name server has a name for it."""

    def resolves(name: str) -> bool:
        program = f"import socket; socket.getaddrinfo({name!r}, 80)"
        kubectl = ["kubectl", f"--kubeconfig={box.kubeconfig}", "-n", asker.namespace]
        return box.run([*kubectl, "exec", asker.name, "--", "python3", "-c", program]).returncode == 0

    box.kubectl("apply", "-f", _written(box, asker, [], _WAITING))
    box.kubectl("-n", asker.namespace, "wait", f"pod/{asker.name}", "--for=jsonpath={.status.phase}=Running")
    yield resolves
    box.kubectl("-n", asker.namespace, "delete", "pod", asker.name, "--force", "--grace-period=0")


def _written(box: Sandbox, asker: Asker, places: Sequence[str], program: str = _PROGRAM) -> str:
    file = box.folder / f"{asker.name}.json"
    file.write_text(json.dumps(_pod(asker, places, program)))
    return str(file)


def _pod(asker: Asker, places: Sequence[str], program: str) -> Mapping[str, object]:
    container = {
        "name": "ask",
        "image": IMAGE,
        "command": ["python3", "-c", program, *places],
        "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        # Never ready: under the labels of a server it must not be an endpoint of its Service.
        "readinessProbe": {"exec": {"command": ["/none"]}},
    }
    spec = {
        "nodeName": asker.node,
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "tolerations": [{"operator": "Exists"}],
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    metadata = {"name": asker.name, "namespace": asker.namespace, "labels": dict(asker.labels)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
