"""kubectl on a control plane, with waiting."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simulation import ControlPlane


@dataclass(frozen=True)
class Kube:
    project: Path
    plane: ControlPlane

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """What kubectl prints; fails the test when it fails."""
        kubectl = self.project / ".strata" / "bin" / "kubectl"
        done = subprocess.run(
            [str(kubectl), f"--kubeconfig={self.plane.kubeconfig}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self, *objects: dict[str, object]) -> None:
        for manifest in objects:
            self.run("apply", "-f", "-", stdin=json.dumps(manifest))

    def path(self, kind: str, name: str, path: str) -> str:
        """One field of an object."""
        return self.run("get", kind, name, "-o", f"jsonpath={{{path}}}")

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not seen within {seconds:.0f} s: {what}"
            time.sleep(0.2)


def pod_spec(gpus: int, *, tolerates: bool = True) -> dict[str, object]:
    container = {
        "name": "main",
        "image": "example.com/server:1",
        "resources": {"limits": {"nvidia.com/gpu": str(gpus)} if gpus else {}},
    }
    tolerations = [{"key": "nvidia.com/gpu", "operator": "Exists"}] if tolerates else []
    return {"containers": [container], "tolerations": tolerations, "restartPolicy": "Always"}


def pod(name: str, gpus: int, *, tolerates: bool = True) -> dict[str, object]:
    spec = pod_spec(gpus, tolerates=tolerates)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def config_map(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": "value"}}


PLUGIN = "nvcr.io/nvidia/k8s-device-plugin:v0.19.0"


def workload(kind: str, name: str, image: str, program: str, **pod_fields: object) -> dict[str, object]:
    """A workload of one container that goes wherever it is allowed."""
    container = {"name": "main", "image": image, "command": [program], **_taken(pod_fields, "env", "volumeMounts")}
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [container], "tolerations": [{"operator": "Exists"}], **pod_fields},
    }
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "kube-system"}, "spec": spec}


def _taken(fields: dict[str, object], *names: str) -> dict[str, object]:
    return {name: fields.pop(name) for name in names if name in fields}
