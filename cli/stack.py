"""One stack on this machine: its checked settings, its plans, and its embedded cluster if it has one."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from components.clusters import require_reachable
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.serving import ServingPlan
from simulation import ControlPlane, apply_pools
from stacks.checks import check_all, check_foundation, check_serving
from stacks.outputs import FoundationOutputs, foundation_of
from stacks.reading import read_stack
from stacks.settings import (
    ExistingTarget,
    FoundationSettings,
    LocalTarget,
    PlatformSettings,
    ServingSettings,
    Settings,
    StackSettings,
)
from stacks.targets import STATE_FOLDER, cluster_facts, kubeconfig_path

from .console import say

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Stack:
    """A stack whose settings hold.

    Attributes:
        name: Its name.
        settings: What its file says.
        plans: The plan of each model by its name; empty where the stack serves none.
    """

    name: str
    settings: StackSettings
    plans: dict[str, ServingPlan]

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of the cluster."""
        match self.settings:
            case Settings() | FoundationSettings():
                return kubeconfig_path(PROJECT_FOLDER, self.settings)
            case PlatformSettings(foundation=foundation) | ServingSettings(foundation=foundation):
                return PROJECT_FOLDER / STATE_FOLDER / "kubeconfigs" / foundation.replace("/", "-")

    @property
    def namespace(self) -> str | None:
        """Namespace of the model servers; None where the stack has none."""
        return None if isinstance(self.settings, FoundationSettings) else self.settings.namespace

    @property
    def control_plane(self) -> ControlPlane | None:
        """The embedded cluster; None where the stack makes none on this machine."""
        match self.settings:
            case Settings(target=LocalTarget(name=name)) | FoundationSettings(target=LocalTarget(name=name)):
                return control_plane(name)
            case _:
                return None

    def ensure_cluster(self) -> None:
        """Start or repair the embedded cluster; a real one that exists only has to answer."""
        match self.settings:
            case (
                Settings(target=LocalTarget(name=name), node_pools=pools)
                | FoundationSettings(target=LocalTarget(name=name), node_pools=pools)
            ):
                embedded = control_plane(name)
                embedded.start(progress=lambda line: say(f"  {line}"))
                apply_pools(embedded, pools)
            case (
                Settings(target=ExistingTarget(context=context))
                | FoundationSettings(target=ExistingTarget(context=context))
            ):
                require_reachable("target", kubeconfig=str(self.kubeconfig), context=context, start_command=None)
            case _:
                pass

    def tend_cluster(self) -> None:
        """Start again what died of the embedded cluster; nobody else would while the engine waits for it."""
        embedded = self.control_plane
        if embedded and any(component.pid is None for component in embedded.status().components):
            embedded.start(progress=lambda line: say(f"  {line}"))


def control_plane(name: str) -> ControlPlane:
    """The embedded cluster of that name."""
    return ControlPlane(name, PROJECT_FOLDER / STATE_FOLDER)


def load_stack(name: str) -> Stack:
    """Read, validate and plan; StrataError with every problem at once."""
    settings = read_stack(PROJECT_FOLDER, name).settings
    match settings:
        case Settings():
            return Stack(name, settings, check_all(PROJECT_FOLDER, settings))
        case FoundationSettings():
            check_foundation(settings)
            return Stack(name, settings, {})
        case PlatformSettings():
            return Stack(name, settings, {})
        case ServingSettings():
            return Stack(name, settings, check_serving(settings, facts_of(settings)))


def facts_of(settings: StackSettings) -> ClusterFacts:
    """What is known of the cluster: from the settings, or from the stack that holds it."""
    match settings:
        case Settings() | FoundationSettings():
            return cluster_facts(PROJECT_FOLDER, settings)
        case PlatformSettings(foundation=foundation) | ServingSettings(foundation=foundation):
            return foundation_outputs(foundation).cluster_facts


def foundation_outputs(stack: str) -> FoundationOutputs:
    """The outputs of the stack that holds the cluster, as they are now.

    Raises:
        StrataError: when there is no such stack, or it is not up.
    """
    command = ["pulumi", "stack", "output", "--json", "--non-interactive", "--stack", stack]
    done = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    return foundation_of(stack, done.stdout if done.returncode == 0 else "{}")
