"""Checks that keep simulated and real runs apart: neither may touch the other's backend or state.

The command line runs them before the engine starts, and the program again for a plain ``pulumi up``. The engine runs no
program on ``pulumi destroy`` and ``pulumi refresh``, so there only the command line checks.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.contracts.errors import StrataError

from .mark import MARK
from .mode import VARIABLE, Mode

BACKEND_MARKER = "strata-simulated"
"""File in a backend folder whose states are all simulated."""
_BACKEND_VARIABLE = "PULUMI_BACKEND_URL"
_BOOKKEEPING = ("pulumi:pulumi:", "pulumi:providers:", MARK)


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Resource(_Model):
    urn: str
    type: str
    init_errors: Annotated[tuple[str, ...], Field(alias="initErrors")] = ()
    protect: bool = False


class _Deployment(_Model):
    resources: list[_Resource] = []


class StackState(_Model):
    """The part of an exported state that the guards look at."""

    deployment: _Deployment | None = None

    @property
    def is_marked(self) -> bool:
        """Whether a simulated run created any of its resources."""
        return any(MARK in resource.urn for resource in self._resources)

    @property
    def has_resources(self) -> bool:
        """Whether it holds more than the engine's bookkeeping."""
        return any(not resource.type.startswith(_BOOKKEEPING) for resource in self._resources)

    @property
    def has_failed_resources(self) -> bool:
        """Whether a cloud made something unhealthy; Kubernetes repairs its own objects."""
        return any(
            bool(resource.init_errors) and not resource.type.startswith("kubernetes:") for resource in self._resources
        )

    @property
    def protected(self) -> list[str]:
        """Names of the resources that refuse to be deleted."""
        return [resource.urn.rpartition("::")[2] for resource in self._resources if resource.protect]

    def has_component(self, package: str, name: str) -> bool:
        """Whether a component of that package, such as ``networks``, has that name."""
        return any(
            resource.type.startswith(f"strata:{package}:") and resource.urn.endswith(f"::{name}")
            for resource in self._resources
        )

    @property
    def _resources(self) -> list[_Resource]:
        return self.deployment.resources if self.deployment else []

    @classmethod
    def read(cls, stack: str, project: Path, environment: Mapping[str, str]) -> Self:
        """The state of the stack, which exists; reading takes no lock.

        Raises:
            StrataError: It cannot be read, so nothing is known about it.
        """
        done = subprocess.run(
            ["pulumi", "stack", "export", "--stack", stack, "--non-interactive"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            if done.returncode == 0:
                return cls.model_validate_json(done.stdout)
            cause = done.stderr.strip()
        except ValidationError as error:
            cause = str(error).splitlines()[0]
        raise StrataError.of(
            f"stack {stack}",
            cause=f"its state cannot be read: {cause}",
            consequence="whether it is a simulated one is unknown",
            fix=f"pulumi stack export --stack {stack}",
        )


def backend_url(project: Path, environment: Mapping[str, str]) -> str:
    """The backend that the engine uses: the variable, else the one of the project's file."""
    if environment.get(_BACKEND_VARIABLE):
        return environment[_BACKEND_VARIABLE]
    about = yaml.safe_load((project / "Pulumi.yaml").read_text())
    url = str(about["backend"]["url"])
    return f"file://{(project / url.removeprefix('file://')).resolve()}" if url.startswith("file://.") else url


def mark_backend(url: str) -> None:
    """Create the folder of a simulated backend and mark it as one."""
    folder = Path(url.removeprefix("file://"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BACKEND_MARKER).write_text("Every state here was made by simulated runs; nothing in it is real.\n")


def require_backend(mode: Mode, url: str) -> None:
    """Raise StrataError when runs of this mode must not use the backend."""
    is_simulated = url.startswith("file://") and (Path(url.removeprefix("file://")) / BACKEND_MARKER).exists()
    if mode is Mode.SIMULATED and not is_simulated:
        raise StrataError.of(
            _BACKEND_VARIABLE,
            cause=f"{VARIABLE}=1, but {url} is not the backend of simulated runs",
            consequence="simulated resources would be mixed with real ones, and later runs would treat them as real",
            fix=f"unset {_BACKEND_VARIABLE} and use `make up`, or set {VARIABLE}=0 for the real cloud",
        )
    if mode is Mode.REAL and is_simulated:
        raise StrataError.of(
            _BACKEND_VARIABLE,
            cause=f"the run is real, but {url} holds simulated states only",
            consequence="real machines would be recorded where a clean-up of the simulation deletes the record",
            fix=f"set {_BACKEND_VARIABLE} to the backend of your real stacks, or {VARIABLE}=1 to simulate",
        )


def require_state(mode: Mode, stack: str, state: StackState) -> None:
    """Raise StrataError when runs of this mode must not use the state."""
    if mode is Mode.SIMULATED and state.has_resources and not state.is_marked:
        raise StrataError.of(
            f"stack {stack}",
            cause=f"{VARIABLE}=1, but its state was not made by simulated runs",
            consequence="the simulated cloud knows none of its resources and would drop them from the state",
            fix=f"set {VARIABLE}=0 for the real cloud; to simulate, remove the imported state: "
            f"pulumi stack rm --force --preserve-config {stack}",
        )
    if mode is Mode.REAL and state.is_marked:
        raise StrataError.of(
            f"stack {stack}",
            cause="the run is real, but its state was made by simulated runs",
            consequence="the cloud would be asked for resources that never existed, and would make them all",
            fix=f"start with an empty state: pulumi stack rm --force --preserve-config {stack}; "
            f"or set {VARIABLE}=1 to simulate",
        )


def require_separate(mode: Mode, stack: str, project: Path, environment: Mapping[str, str]) -> None:
    """Both guards, for a stack that exists."""
    if mode is Mode.NO_CLOUD:
        return
    require_backend(mode, backend_url(project, environment))
    require_state(mode, stack, StackState.read(stack, project, environment))
