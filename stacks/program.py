"""What the engine runs: configuration to settings, checks, then the composition."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pulumi
from pulumi.runtime.config import is_config_secret

from components.clusters import require_answer
from components.contracts.errors import StrataError
from components.contracts.serving import ServingPlan

from .checks import check_all, check_foundation, check_hybrid, check_serving
from .composition import compose, compose_foundation, compose_platform, compose_serving
from .costs import costs_of
from .grounds import ground_of, grounds_of
from .guards import backend_url, require_backend, require_state
from .hybrid import declare_links, joined_links
from .mark import Simulated
from .mode import Mode, announcement, make_command, mode_of
from .networks import networks_of_stacks
from .outputs import FoundationOutputs, export_costs, read_outputs, read_own_state
from .plan_lines import plan_lines
from .reading import PROJECT, parse, read_stack, secret_names, stack_path
from .secret_values import Secrets
from .settings import (
    STACK_KINDS,
    FoundationSettings,
    HybridSettings,
    LocalTarget,
    PlatformSettings,
    ServingSettings,
    Settings,
    StackSettings,
)
from .targets import describe_target, require_target, target_kind
from .yaml_file import Value

_INTERRUPTED = 128 + signal.SIGINT


def run(project: Path) -> None:
    """Declare the selected stack; neither a user's mistake nor an engine that gives up ends in a traceback."""
    # The engine interrupts the program once a resource has failed; what failed is all that people need to read.
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(_INTERRUPTED))
    try:
        _declare(project, settings_of_config(project))
    except StrataError as error:
        raise pulumi.RunError(f"{len(error.problems)} to mend in stack {pulumi.get_stack()}\n{error}") from None


def _declare(project: Path, settings: StackSettings) -> None:
    mode = mode_of(target_kind(project, settings), os.environ)
    _require_separate(project, mode)
    _announce(mode, settings)
    match settings:
        case Settings():
            plans = check_all(project, settings)
            require_target(project, settings, start_command(settings))
            _show(plans)
            compose(project, settings, plans, _secrets(settings), _mark(mode))
            export_costs(costs_of(settings))
        case FoundationSettings():
            check_foundation(settings)
            require_target(project, settings, start_command(settings))
            compose_foundation(project, settings, _secrets(settings), _mark(mode))
            export_costs(costs_of(settings))
        case PlatformSettings():
            compose_platform(settings, _standing_ground(settings, mode), _mark(mode))
        case HybridSettings():
            networks = networks_of_stacks(project, settings)
            check_hybrid(settings, networks)
            joined = joined_links(settings, networks, read_own_state(), mode)
            declare_links(joined, networks, pulumi.Config(PROJECT).require_secret, _mark(mode))
        case ServingSettings():
            foundation = _standing_ground(settings, mode)
            plans = check_serving(settings, foundation.cluster_facts)
            _show(plans)
            compose_serving(settings, foundation, plans, _secrets(settings), _mark(mode))


def _standing_ground(settings: PlatformSettings | ServingSettings, mode: Mode) -> FoundationOutputs:
    """What the foundation hands over, once its cluster answers.

    Without that question the engine calls every object of an unreachable cluster unchanged.
    """
    outputs = {name: read_outputs(name) for name in grounds_of(settings)}
    foundation = ground_of(settings, outputs.__getitem__, mode)
    match outputs[settings.foundation]:
        case {"kubeconfig": str(kubeconfig)}:
            start = make_command("start", settings.foundation, mode) if mode is not Mode.REAL else None
            require_answer("foundation", kubeconfig=kubeconfig, start_command=start)
        case _:
            pass
    return foundation


def _require_separate(project: Path, mode: Mode) -> None:
    """Both guards, for those who run the engine without the command line."""
    if mode is not Mode.NO_CLOUD:
        require_backend(mode, backend_url(project, os.environ))
        require_state(mode, pulumi.get_stack(), read_own_state())


def _announce(mode: Mode, settings: StackSettings) -> None:
    lines = announcement(mode, pulumi.get_stack(), describe_target(settings))
    if lines:
        say = pulumi.warn if mode is Mode.SIMULATED else pulumi.info
        say("\n".join(lines))


def _mark(mode: Mode) -> Simulated | None:
    return Simulated() if mode is Mode.SIMULATED else None


def _show(plans: Mapping[str, ServingPlan]) -> None:
    for plan in plans.values():
        pulumi.info("\n".join(plan_lines(plan)))


def start_command(settings: Settings | FoundationSettings) -> str | None:
    """What starts the target, where the project can."""
    return f"make start STACK={pulumi.get_stack()}" if isinstance(settings.target, LocalTarget) else None


def settings_of_config(project: Path) -> StackSettings:
    """The settings as the engine hands them over.

    The file is read first, where there is one, because only it knows lines and unknown keys.
    """
    if stack_path(project, pulumi.get_stack()).exists():
        read_stack(project, pulumi.get_stack())
    config = pulumi.Config(PROJECT)
    texts = {key: config.get(key) for kind in STACK_KINDS.values() for key in kind.model_fields}
    values = {key: _value(text) for key, text in texts.items() if text is not None}
    encrypted = frozenset(name for name in secret_names(values) if is_config_secret(f"{PROJECT}:{name}"))
    plain = {name: "" for name in secret_names(values) - encrypted if config.get(name) is not None}
    return parse({**values, **plain}, encrypted)


def _value(text: str) -> Value:
    """Mappings and lists arrive as JSON, texts as they are."""
    return json.loads(text) if text[:1] in {"{", "["} else text


def _secrets(settings: Settings | FoundationSettings | ServingSettings) -> Secrets:
    return Secrets.of(settings.secrets, pulumi.Config(PROJECT).require_secret)
