"""One stack on the command line: checked settings, plans, mode, and its cluster."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from components.clusters.environment import STATE_FOLDER, BoundEnvironment, EnvironmentContext
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.serving import ServingPlan
from stacks.below import NotUpError
from stacks.definitions import OURS, Definitions
from stacks.guards import mark_backend
from stacks.layers.layer import Workload
from stacks.mode import Mode, mode_of
from stacks.project import stack_names
from stacks.reading import file_of, read_stack
from stacks.stack import CheckedStack, OtherStacks, Stack, environment_of, presence_of

from .clusters.machine import ClusterMachine
from .clusters.table import ClusterQuestion, machine_of
from .stack_outputs import outputs_of

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
SHELL_FILE = PROJECT_FOLDER / STATE_FOLDER / "simulated.env"
"""Environment variables that make a shell use the simulated clouds."""
_CONTEXT = EnvironmentContext(project=PROJECT_FOLDER)
_SIMULATED_KUBECONFIGS = "simulated"


@dataclass(frozen=True)
class LoadedStack:
    """A stack with valid settings.

    Attributes:
        name: Its name.
        model: The stack as its settings describe it.
        checked: The stack with what it rests on.
        file_notes: What people should know about how its file is written.
        plans: The plan of each model by its name; empty where the stack serves none.
        workloads: What runs once it is up.
        mode: Whether the cloud behind it is real.
        variables: Environment variables of every program that is run for it.
        environment: Environment of its cluster, which another stack may hold; None when only another project knows it.
        missing: Why it cannot be brought up yet: stacks below are not up, and the plans rest on their files alone.
    """

    name: str
    model: Stack
    checked: CheckedStack
    file_notes: Sequence[str]
    plans: Mapping[str, ServingPlan]
    workloads: Sequence[Workload]
    mode: Mode
    variables: Mapping[str, str]
    environment: BoundEnvironment | None
    missing: NotUpError | None = None

    @property
    def kubeconfig(self) -> Path:
        """Path of the cluster's kubeconfig; simulated clusters have a folder of their own."""
        elsewhere = _CONTEXT.state / "kubeconfigs" / self.cluster_stack.replace("/", "-")
        path = self.environment.kubeconfig(_CONTEXT) if self.environment else elsewhere
        return path.parent / _SIMULATED_KUBECONFIGS / path.name if self.mode is Mode.SIMULATED else path

    @property
    def owns_kubeconfig(self) -> bool:
        """Whether the kubeconfig is a copy that Strata writes from a stack's output."""
        return self.kubeconfig.is_relative_to(_CONTEXT.state / "kubeconfigs")

    @property
    def cluster_stack(self) -> str:
        """The stack that holds the cluster, possibly this one."""
        return self.model.cluster_stack or self.name

    @property
    def cluster(self) -> ClusterMachine:
        """What this machine has to do for the cluster."""
        question = ClusterQuestion(
            environment=self.environment, context=_CONTEXT, mode=self.mode, variables=self.variables
        )
        return machine_of(presence_of(self.environment), question)

    @property
    def holds_cluster(self) -> bool:
        """Whether the cluster is part of this stack, and removed with it."""
        return self.model.environment is not None


def load_stack(name: str, definitions: Definitions = OURS) -> LoadedStack:
    """Read, validate and plan; StrataError with every problem at once."""
    file = read_stack(PROJECT_FOLDER, name, definitions)
    model = file.stack
    with file.positions.adding():
        environment, mode = _environment_and_mode(model, definitions)
        variables = variables_of(mode)
        checked = model.check(_other_stacks(mode, variables, definitions))
    return LoadedStack(
        name=name,
        model=model,
        checked=checked,
        file_notes=file.notes,
        plans=checked.plans,
        workloads=checked.workloads,
        mode=mode,
        variables=variables,
        environment=environment,
        missing=checked.missing,
    )


def facts_of(model: Stack, definitions: Definitions = OURS) -> ClusterFacts:
    """What is known of the cluster: from the settings, from the stack that holds it, or from that stack's file."""
    _, mode = _environment_and_mode(model, definitions)
    return model.facts(_other_stacks(mode, variables_of(mode), definitions))


def _environment_and_mode(model: Stack, definitions: Definitions) -> tuple[BoundEnvironment | None, Mode]:
    environment = environment_of(model, partial(file_of, PROJECT_FOLDER, definitions=definitions))
    return environment, mode_of(presence_of(environment), os.environ)


def _other_stacks(mode: Mode, variables: Mapping[str, str], definitions: Definitions) -> OtherStacks:
    return OtherStacks(
        mode=mode,
        outputs=partial(outputs_of, project=PROJECT_FOLDER, variables=variables),
        file=partial(file_of, PROJECT_FOLDER, definitions=definitions),
        known=stack_names(PROJECT_FOLDER),
        prefer_files=True,
    )


def variables_of(mode: Mode) -> dict[str, str]:
    """Environment variables of programs in that mode; simulated runs have their own plugins, backend and accounts."""
    if mode is Mode.REAL:
        return dict(os.environ)
    if mode is Mode.NO_CLOUD:
        # The engine would otherwise fetch the provider of every installed SDK, hundreds of MB, or try to.
        return {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", **os.environ}
    # Real runs never load the simulation.
    from simulation.clouds.plugins import simulated_environment  # noqa: PLC0415

    chosen = simulated_environment(PROJECT_FOLDER)
    mark_backend(chosen["PULUMI_BACKEND_URL"])
    _write_for_shells(chosen)
    return {**os.environ, **chosen}


def _write_for_shells(chosen: Mapping[str, str]) -> None:
    """Write the variables to a file for shells, so that plain `pulumi` and `kubectl` use the simulated cloud too."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(chosen.items()) if name != "PATH"]
    first = shlex.quote(chosen["PATH"].partition(os.pathsep)[0])
    lines.append(f'case ":$PATH:" in *:{first}:*) ;; *) export PATH={first}:"$PATH" ;; esac')
    SHELL_FILE.write_text("\n".join(lines) + "\n")
