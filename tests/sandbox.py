"""A copy of the project in which a test may bring stacks up, with control planes and state of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from components.clusters.environment import BoundEnvironment, Presence
from simulation import ControlPlane
from simulation.control_plane import processes
from stacks.reading import file_of, read_stack
from stacks.stack import environment_of
from tests.stack_files import replace_text

_COPIED = ("cli", "components", "simulation", "stacks", "__main__.py", "Pulumi.yaml")
_LINKED_STATE = ("bin", "crds", "charts", "unpacked")


class Metadata(BaseModel):
    """The part of an object's metadata that tests look at."""

    model_config = ConfigDict(extra="ignore")
    name: str
    namespace: str = ""
    uid: str = ""
    labels: dict[str, str] = {}


@dataclass(frozen=True)
class Sandbox:
    """One stack in a project of its own.

    Attributes:
        folder: Root of the copy.
        stack: Name of the stack.
    """

    folder: Path
    stack: str

    @property
    def environment(self) -> dict[str, str]:
        """What ``.strata/env`` sets, for this copy."""
        return {
            **os.environ,
            "SIMULATED": "1",
            "PULUMI_BACKEND_URL": f"file://{self.folder}/.strata/backend",
            "PULUMI_CONFIG_PASSPHRASE": "strata-development",
        }

    @property
    def is_local(self) -> bool:
        """Whether the stack's cluster is the embedded one."""
        return self._cluster.presence is Presence.EMBEDDED

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of the cluster, embedded or of a simulated cloud."""
        if not self.is_local:
            return self.folder / ".strata" / "kubeconfigs" / "simulated" / self._cluster.name
        return self.folder / ".strata" / "control-planes" / self.control_plane.name / "kubeconfig"

    @property
    def control_plane(self) -> ControlPlane:
        """The embedded cluster of the stack."""
        assert self.is_local, "the stack's cluster is not the embedded one"
        return ControlPlane(self._cluster.name, self.folder / ".strata")

    @property
    def _cluster(self) -> BoundEnvironment:
        environment = environment_of(read_stack(self.folder, self.stack).stack, partial(file_of, self.folder))
        assert environment, f"no file here says where stack {self.stack} is"
        return environment

    def beside(self, stack: str) -> Sandbox:
        """Another stack of the same copy."""
        return replace(self, stack=stack)

    def strata(
        self, command: str, *flags: str, timeout: float = 300, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the project's command line."""
        python = str(self.folder / ".venv/bin/python")
        return self.run([python, "-m", "cli", command, self.stack, *flags], timeout=timeout, **variables)

    def simulated(self, command: str, *, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a shell command as people do beside `make` once `make start` told them how."""
        return self.run(["sh", "-c", f". .strata/simulated.env && {command}"], timeout=timeout)

    def run(self, command: list[str], *, timeout: float = 300, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the copy, with its environment and these variables."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    def kubectl(self, *arguments: str) -> str:
        """What kubectl prints; fails the test when it fails."""
        command = ["kubectl", f"--kubeconfig={self.kubeconfig}", *arguments]
        done = self.run(command) if self.is_local else self.simulated(shlex.join(command))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def edit(self, old: str, new: str) -> None:
        """Change the stack's settings."""
        replace_text(self.folder, self.folder, self.stack, old, new)


def delete_control_planes(state: Path) -> None:
    """End every control plane below a project's state folder: embedded clusters, and those of simulated clouds.

    Those included whose files are gone: what runs tells of them.
    """
    for folder in (state, state / "simulated"):
        planes = folder.resolve() / "control-planes"
        names = {entry.name for entry in planes.glob("*") if entry.is_dir()}
        names |= {program.relative_to(planes).parts[0] for program in processes.started_below(planes).values()}
        for name in sorted(names):
            ControlPlane(name, folder).delete()


@contextmanager
def sandbox(project: Path, folder: Path, stack: str, *others: str) -> Generator[Sandbox, None, None]:
    """Copy the project with the files of these stacks; whatever runs there is ended on the way out."""
    for name in (*_COPIED, *(f"Pulumi.{other}.yaml" for other in (stack, *others))):
        source = project / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    (folder / ".strata").mkdir()
    for name in _LINKED_STATE:
        (folder / ".strata" / name).symlink_to(project / ".strata" / name)
    (folder / ".venv").symlink_to(project / ".venv")
    box = Sandbox(folder, stack)
    try:
        yield box
    finally:
        delete_control_planes(folder / ".strata")
