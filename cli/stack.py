"""One stack: its checked settings, its plans, whether its cloud is real, and the cluster behind it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import StrataError
from components.contracts.serving import ServingPlan
from stacks.checks import check_all, check_foundation, check_hybrid, check_serving
from stacks.grounds import NotUpError
from stacks.guards import mark_backend
from stacks.mode import Mode, mode_of
from stacks.reading import read_stack
from stacks.settings import (
    ExistingTarget,
    FoundationSettings,
    HybridSettings,
    LocalTarget,
    PlatformSettings,
    ServingSettings,
    Settings,
    StackSettings,
)
from stacks.targets import STATE_FOLDER, cluster_facts, foundation_of_stack, kubeconfig_path, target_kind

from .clusters.machine import ClusterMachine
from .clusters.remote import CloudCluster, ExistingCluster
from .grounds import known_ground
from .links import networks_of

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
SHELL_FILE = PROJECT_FOLDER / STATE_FOLDER / "simulated.env"
"""What a shell sources to meet simulated clouds."""
_SIMULATED_KUBECONFIGS = "simulated"


@dataclass(frozen=True)
class Stack:
    """A stack whose settings hold.

    Attributes:
        name: Its name.
        settings: What its file says.
        plans: The plan of each model by its name; empty where the stack serves none.
        mode: Whether the cloud behind it is real.
        environment: What every program that is run for it gets.
        base: The settings that hold its target, its own or another stack's; None when only another project has them.
        missing: Why it cannot be brought up yet: what it builds on is not up, and its plans stand on files alone.
    """

    name: str
    settings: StackSettings
    plans: dict[str, ServingPlan]
    mode: Mode
    environment: Mapping[str, str]
    base: Settings | FoundationSettings | None
    missing: NotUpError | None = None

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of the cluster, where there is one; a simulated cluster's never lies where a real one's would."""
        elsewhere = PROJECT_FOLDER / STATE_FOLDER / "kubeconfigs" / self.foundation.replace("/", "-")
        path = kubeconfig_path(PROJECT_FOLDER, self.base) if self.base else elsewhere
        return path.parent / _SIMULATED_KUBECONFIGS / path.name if self.mode is Mode.SIMULATED else path

    @property
    def owns_kubeconfig(self) -> bool:
        """Whether the kubeconfig is a copy of a stack's output, and not what the cluster is reached by."""
        return self.kubeconfig.is_relative_to(PROJECT_FOLDER / STATE_FOLDER / "kubeconfigs")

    @property
    def foundation(self) -> str:
        """The stack that holds the cluster, itself perhaps."""
        match self.settings:
            case Settings() | FoundationSettings():
                return self.name
            case HybridSettings():
                return self.name
            case PlatformSettings(foundation=foundation) | ServingSettings(foundation=foundation):
                return foundation

    @property
    def namespace(self) -> str | None:
        """Namespace of the model servers; None where the stack has none."""
        return None if isinstance(self.settings, FoundationSettings | HybridSettings) else self.settings.namespace

    @property
    def cluster(self) -> ClusterMachine:
        """What this machine has to do for the cluster."""
        state = PROJECT_FOLDER / STATE_FOLDER
        target = self.base.target if self.base else None
        if isinstance(target, ExistingTarget):
            return ExistingCluster(self.kubeconfig, target.context)
        # Runs on clusters of others never load the simulation.
        if self.base and isinstance(target, LocalTarget):
            from .clusters.embedded import embedded_cluster  # noqa: PLC0415

            return embedded_cluster(target.name, state, self.base.node_pools)
        if self.mode is Mode.SIMULATED:
            from .clusters.simulated import SimulatedCluster  # noqa: PLC0415

            return SimulatedCluster(target.name if target else None, Path(self.environment["STRATA_SIMULATED_CLOUD"]))
        return CloudCluster()

    @property
    def holds_cluster(self) -> bool:
        """Whether the cluster goes with the stack."""
        return isinstance(self.settings, Settings | FoundationSettings)


def load_stack(name: str) -> Stack:
    """Read, validate and plan; StrataError with every problem at once."""
    settings = read_stack(PROJECT_FOLDER, name).settings
    mode = mode_of(target_kind(PROJECT_FOLDER, settings), os.environ)
    environment = environment_of(mode)
    missing: NotUpError | None = None
    match settings:
        case Settings():
            plans = check_all(PROJECT_FOLDER, settings)
        case FoundationSettings():
            check_foundation(settings)
            plans = dict[str, ServingPlan]()
        case HybridSettings():
            check_hybrid(settings, networks_of(PROJECT_FOLDER, settings, environment))
            plans = dict[str, ServingPlan]()
        case PlatformSettings():
            plans, missing = dict[str, ServingPlan](), known_ground(PROJECT_FOLDER, settings, mode, environment).missing
        case ServingSettings():
            ground = known_ground(PROJECT_FOLDER, settings, mode, environment)
            plans, missing = check_serving(settings, ground.facts), ground.missing
    base = foundation_of_stack(PROJECT_FOLDER, settings)
    return Stack(name, settings, plans, mode, environment, base, missing)


def environment_of(mode: Mode) -> dict[str, str]:
    """What programs get in a run of that mode: for a simulated one, plugins, backend and account of its own."""
    if mode is not Mode.SIMULATED:
        return dict(os.environ)
    # Real runs never load the simulation.
    from simulation.clouds.plugins import simulated_environment  # noqa: PLC0415

    chosen = simulated_environment(PROJECT_FOLDER)
    mark_backend(chosen["PULUMI_BACKEND_URL"])
    _write_for_shells(chosen)
    return {**os.environ, **chosen}


def _write_for_shells(chosen: Mapping[str, str]) -> None:
    """The same variables for shells, so that plain `pulumi` and `kubectl` find the simulated cloud as well."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(chosen.items()) if name != "PATH"]
    first = shlex.quote(chosen["PATH"].partition(os.pathsep)[0])
    lines.append(f'case ":$PATH:" in *:{first}:*) ;; *) export PATH={first}:"$PATH" ;; esac')
    SHELL_FILE.write_text("\n".join(lines) + "\n")


def facts_of(settings: StackSettings) -> ClusterFacts:
    """What is known of the cluster: from the settings, from the stack that holds it, or from that stack's file."""
    match settings:
        case Settings() | FoundationSettings():
            return cluster_facts(PROJECT_FOLDER, settings)
        case HybridSettings():
            raise StrataError.of(
                "scope",
                cause="the stack holds links only",
                consequence="there is no cluster to tell of",
                fix="name a stack with a cluster",
            )
        case PlatformSettings() | ServingSettings():
            mode = mode_of(target_kind(PROJECT_FOLDER, settings), os.environ)
            return known_ground(PROJECT_FOLDER, settings, mode, environment_of(mode)).facts
