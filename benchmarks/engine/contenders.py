"""The three ways to the same objects, each as preview, first up, unchanged up and destroy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox import Sandbox

_FLAGS = ("--yes", "--skip-preview", "--non-interactive", "--suppress-outputs")


@dataclass(frozen=True)
class Contender:
    """One way, as commands.

    Attributes:
        steps: Commands of each step; a step of several is timed as a whole.
        forget: Removes what an earlier run remembers.
    """

    name: str
    folder: Path
    steps: dict[str, list[list[str]]]
    forget: Callable[[], None]
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, step: str) -> None:
        """Run a step; raises with the output when it fails."""
        for command in self.steps[step]:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=_as_installed({**os.environ, **self.environment}),
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            # `kubectl diff` fails on differences, and on objects whose namespace is not there yet.
            if done.returncode and "diff" not in command:
                raise RuntimeError(f"{self.name} {step}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _as_installed(environment: dict[str, str]) -> dict[str, str]:
    """Without the variable that some build machines set: Python would compile a project anew in every run."""
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def strata(box: Sandbox) -> Contender:
    """This project's program under plain `pulumi`."""
    backend = box.folder / ".strata" / "backend"
    return Contender("Strata", box.folder, _engine_steps("dev"), lambda: _empty(backend), box.environment)


def flat(folder: Path, environment: dict[str, str]) -> Contender:
    """A flat program under plain `pulumi`."""
    backend = folder / "backend"
    chosen = {**environment, "PULUMI_BACKEND_URL": f"file://{backend}"}
    return Contender("flat program", folder, _engine_steps("flat"), lambda: _empty(backend), chosen)


def kubectl(folder: Path, kubeconfig: Path) -> Contender:
    """`kubectl apply --server-side` of the rendered files, waiting as the engine does."""
    base = ["kubectl", f"--kubeconfig={kubeconfig}"]
    apply = [*base, "apply", "--server-side", "-f"]
    namespaces = ",".join(str(file) for file in sorted(folder.glob("namespace..*.yaml")))
    up = [
        [*apply, namespaces],
        [*apply, str(folder)],
        [*base, "wait", "-n", "models", "--for=condition=complete", "job", "--all", "--timeout=60s"],
        [*base, "rollout", "status", "-n", "models", "deployment/qwen2-7b", "--timeout=60s"],
    ]
    steps = {
        "preview": [[*base, "diff", "--server-side", "-f", str(folder)]],
        "first up": up,
        "unchanged up": up,
        "destroy": [[*base, "delete", "-f", str(folder), "--wait=true", "--timeout=120s"]],
    }
    return Contender("kubectl apply", folder, steps, lambda: None)


def _engine_steps(stack: str) -> dict[str, list[list[str]]]:
    named = ["--stack", stack]
    return {
        "init": [["pulumi", "stack", "init", stack, "--non-interactive"]],
        "preview": [["pulumi", "preview", "--non-interactive", "--suppress-outputs", *named]],
        "first up": [["pulumi", "up", *_FLAGS, *named]],
        "unchanged up": [["pulumi", "up", *_FLAGS, *named]],
        "destroy": [["pulumi", "destroy", *_FLAGS, *named]],
    }


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
