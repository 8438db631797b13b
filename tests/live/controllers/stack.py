"""A stack on live nodes in which controllers are tried, and what tests ask of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from components.contracts.versions import PYTHON
from simulation.live.images import image_set
from simulation.live.programs import Programs
from simulation.live.registry import push
from tests.live.pods import IMAGE
from tests.sandbox import Sandbox

WAIT_SECONDS = 120.0
# Of the server that kubectl apply speaks for; charts are applied as a whole and again.
_APPLY = ("apply", "--server-side", "--force-conflicts", "-f")


@dataclass(frozen=True)
class Stack:
    """The dev stack with services, in a copy of the project.

    Attributes:
        box: The copy.
        project: The project itself, which has charts and programs.
    """

    box: Sandbox
    project: Path

    def within(self, holds: Callable[[], bool], told: Callable[[], str], seconds: float = WAIT_SECONDS) -> float:
        """Wait until something holds, and say how long that took; fail with what is told when it does not in time."""
        begin = time.monotonic()
        while not holds():
            assert time.monotonic() < begin + seconds, told()
            time.sleep(1)
        return time.monotonic() - begin

    def asked(self, *arguments: str) -> str:
        """What kubectl prints; nothing where it fails, as what is asked for may not be there yet."""
        done = self._kubectl(*arguments)
        return done.stdout.strip() if done.returncode == 0 else ""

    def _kubectl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.box.run(["kubectl", f"--kubeconfig={self.box.kubeconfig}", *arguments])

    def rolled_out(self, namespace: str, *workloads: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until each of these Deployments, DaemonSets and StatefulSets is ready; print how long that took."""
        for workload in workloads:
            took = self.within(
                lambda workload=workload: (
                    bool(self.asked("-n", namespace, "rollout", "status", workload, "--timeout=1s"))
                    and self._is_ready(namespace, workload)
                ),
                lambda: self.about(namespace),
                seconds,
            )
            print(f"\n{workload} of {namespace}: ready after {took:.0f} s more")

    def _is_ready(self, namespace: str, workload: str) -> bool:
        path = "jsonpath={.status.readyReplicas}{.status.numberReady}"
        return self.asked("-n", namespace, "get", workload, "-o", path) not in {"", "0"}

    def about(self, namespace: str) -> str:
        """Pods, events and last words of a namespace, for whoever reads why a test failed."""
        parts = [self.asked("-n", namespace, "get", "pods", "-o", "wide")]
        parts.append(self.asked("-n", namespace, "get", "events", "--sort-by=.lastTimestamp")[-3000:])
        pods = self.asked("-n", namespace, "get", "pods", "-o", "name").split()
        last = ("--all-containers", "--tail=15")
        parts += [f"{pod}:\n{self.asked('-n', namespace, 'logs', pod, *last)}" for pod in pods]
        return "\n".join(parts)

    def condition(self, namespace: str, kind: str, name: str, condition: str) -> str:
        """Status of a condition; nothing where it is not there."""
        path = f'jsonpath={{.status.conditions[?(@.type=="{condition}")].status}}'
        return self.asked("-n", namespace, "get", kind, name, "-o", path)

    def applied(self, *objects: Mapping[str, JsonValue]) -> None:
        """Make objects so."""
        file = self.box.folder / "applied.json"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
        self.box.kubectl(*_APPLY, str(file))

    def made(self, one: Mapping[str, JsonValue]) -> bool:
        """Whether an object could be made; a webhook whose pod is just ready may not answer yet."""
        return self._tried(one).returncode == 0

    def _tried(self, one: Mapping[str, JsonValue]) -> subprocess.CompletedProcess[str]:
        file = self.box.folder / "tried.json"
        file.write_text(json.dumps(one))
        return self._kubectl(*_APPLY, str(file))

    def uid(self, namespace: str, kind: str, name: str) -> str:
        """Tells an object from a later one of the same name; nothing where there is none."""
        return self.asked("-n", namespace, "get", kind, name, "-o", "jsonpath={.metadata.uid}")

    def python(self) -> None:
        """Give the nodes an image with Python, for pods of tests."""
        (python,) = image_set([PYTHON.reference()])
        push(self._programs, {IMAGE: str(python.tar)})

    @property
    def _programs(self) -> Programs:
        return Programs(self.box.control_plane.layout.state)

    def refused(self, one: Mapping[str, JsonValue]) -> str:
        """Why an object is refused; fails the test when it is not."""
        done = self._tried(one)
        assert done.returncode, f"it is accepted: {done.stdout}"
        return done.stderr

    def pushed(self, *names: str) -> None:
        """Give the nodes images that no object of the stack names."""
        push(self._programs, {image.name: str(image.tar) for image in image_set(names)})

    def installed(
        self,
        chart: str,
        release: str,
        namespace: str,
        values: Mapping[str, JsonValue],
        *parts: str,
        first: Sequence[str] = (),
    ) -> None:
        """Install a chart of the toolchain, as `helm install` does but for hooks that are not named.

        Args:
            chart: The chart.
            release: Name of the release.
            namespace: Namespace, which is made where it is not there.
            values: Values of the chart.
            parts: Further charts of the toolchain that it is made of.
            first: Templates with hooks that run before the rest, in their order; Jobs of theirs are awaited.
        """
        if not self.asked("get", "namespace", namespace):
            self.box.kubectl("create", "namespace", namespace)
        folder = self._unpacked(chart, parts)
        file = self.box.folder / f"{release}.values.json"
        file.write_text(json.dumps(values))
        template = ["template", release, str(folder), f"--namespace={namespace}", f"--values={file}"]
        definitions = sorted((folder / "crds").glob("*.yaml")) if (folder / "crds").is_dir() else []
        for path in definitions:
            self.box.kubectl(*_APPLY, str(path))
        if first:
            self._apply_within(namespace, self._helm([*template, *(f"--show-only={name}" for name in first)]))
            jobs = ("wait", "job", f"--selector=app.kubernetes.io/instance={release}", "--for=condition=complete")
            self.within(lambda: bool(self.asked("-n", namespace, *jobs, "--timeout=1s")), lambda: self.about(namespace))
        self._apply_within(namespace, self._helm([*template, "--no-hooks"]))

    def _unpacked(self, chart: str, parts: Sequence[str]) -> Path:
        """A chart with the parts that it is made of."""
        charts, folder = self.project / ".strata" / "charts", self.box.folder / f"chart-{chart}"
        shutil.copytree(charts / chart, folder)
        for part in parts:
            shutil.copytree(charts / part, folder / "charts" / part)
        blank = folder / "values.tmpl.yaml"
        if blank.is_file() and not (folder / "values.yaml").is_file():
            # A release fills images into it, which values of tests name anyway.
            shutil.copyfile(blank, folder / "values.yaml")
        return folder

    def _apply_within(self, namespace: str, rendered: str) -> None:
        """Apply what a chart renders; kinds that it defines itself are known to the API server only a moment after."""
        manifest = self.box.folder / "rendered.yaml"
        manifest.write_text(rendered)
        argv = ["kubectl", f"--kubeconfig={self._within_namespace(namespace)}", *_APPLY, str(manifest)]
        self.within(lambda: self.box.run(argv).returncode == 0, lambda: self.box.run(argv).stderr, 30)

    def applied_from(self, module: str, path: str) -> None:
        """Apply a manifest that a Go module of tools/go/controllers carries."""
        asked = ["go", "mod", "download", "-json", module]
        folder = self.project / "tools" / "go" / "controllers"
        done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)
        self.box.kubectl(*_APPLY, str(Path(json.loads(done.stdout)["Dir"]) / path))

    def _within_namespace(self, namespace: str) -> Path:
        """A kubeconfig for charts that leave out some of their namespaces and have objects in others."""
        file = self.box.folder / f"{namespace}.kubeconfig"
        shutil.copy(self.box.kubeconfig, file)
        argv = ["kubectl", f"--kubeconfig={file}", "config", "set-context", "--current", f"--namespace={namespace}"]
        self.box.run(argv).check_returncode()
        return file

    def _helm(self, arguments: Sequence[str]) -> str:
        helm = str(self.project / ".strata" / "bin" / "helm")
        argv = [helm, *arguments, "--kube-version=1.34.2"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
