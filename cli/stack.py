"""One stack on this machine: its checked settings, its plans, and its embedded cluster if it has one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.clusters import require_reachable
from components.contracts.serving import ServingPlan
from simulation import ControlPlane, apply_pools
from stacks.checks import checked_plans
from stacks.reading import read_stack
from stacks.settings import ExistingTarget, LocalTarget, Settings
from stacks.targets import STATE_FOLDER, kubeconfig_path

from .console import say

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Stack:
    """A stack whose settings hold."""

    name: str
    settings: Settings
    plans: dict[str, ServingPlan]

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of the target."""
        return kubeconfig_path(PROJECT_FOLDER, self.settings)

    @property
    def control_plane(self) -> ControlPlane | None:
        """The embedded cluster; None where the target is a real one."""
        match self.settings.target:
            case LocalTarget(name=name):
                return control_plane(name)
            case ExistingTarget():
                return None

    def ensure_cluster(self) -> None:
        """Start or repair the embedded cluster; a real one only has to answer."""
        embedded = self.control_plane
        if embedded:
            embedded.start(progress=lambda line: say(f"  {line}"))
            apply_pools(embedded, self.settings.node_pools)
            return
        context = self.settings.target.context if isinstance(self.settings.target, ExistingTarget) else None
        require_reachable("target", kubeconfig=str(self.kubeconfig), context=context, start_command=None)

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
    return Stack(name, settings, checked_plans(PROJECT_FOLDER, settings))
