"""The Pulumi program: reads the configuration, checks it, and declares the stack."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pulumi
from pulumi.runtime.config import is_config_secret

from components.clusters.environment import AnyEnvironment, EnvironmentContext, Presence
from components.clusters.environments import ENVIRONMENTS
from components.contracts.errors import StrataError
from components.contracts.serving import ServingPlan

from .definitions import Definitions, define
from .guards import backend_url, require_backend, require_state
from .layers import LAYERS
from .layers.layer import AnyLayer, Run
from .mark import Simulated
from .mode import Mode, announcement, make_command, mode_of
from .outputs import read_outputs, read_own_state
from .plan_lines import plan_lines
from .positions import Positions
from .project import PROJECT, charts_folder, stack_names, stack_path
from .reading import file_of, parse, read_stack
from .secret_names import WithSecrets
from .secret_references import SecretReferences
from .stack import OtherStacks, Stack, environment_of, presence_of
from .yaml_file import Value

_INTERRUPTED = 128 + signal.SIGINT


def run(
    project: Path,
    environments: Sequence[AnyEnvironment] = ENVIRONMENTS,
    layers: Sequence[AnyLayer] = LAYERS,
) -> None:
    """Declare the selected stack; mistakes of the user and an interrupt by the engine end without a traceback.

    Args:
        project: Folder of the project.
        environments: Environments that a target may belong to.
        layers: Layers that stacks may hold, lower ones first.
    """
    # The engine interrupts the program once a resource has failed; a traceback would hide that failure.
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(_INTERRUPTED))
    try:
        _declare(project, define(environments, layers))
    except StrataError as error:
        raise pulumi.RunError(f"problems in stack {pulumi.get_stack()}: {len(error.problems)}\n{error}") from None


def _declare(project: Path, definitions: Definitions) -> None:
    positions = _positions(project, definitions)
    with positions.adding():
        _declare_stack(project, definitions)


def _declare_stack(project: Path, definitions: Definitions) -> None:
    stack = stack_of_config(project, definitions)
    file = partial(file_of, project, definitions=definitions)
    presence = presence_of(environment_of(stack, file))
    mode = mode_of(presence, os.environ)
    _require_separate(project, mode)
    _announce(mode, stack)
    others = OtherStacks(mode=mode, outputs=read_outputs, file=file, known=stack_names(project))
    checked = stack.check(others)
    config = pulumi.Config(PROJECT)
    named = stack.part(WithSecrets)
    secrets = named.secrets.values(config.require_secret) if named else {}
    this_run = Run(
        stack=pulumi.get_stack(),
        environment=EnvironmentContext(
            project=project, start_command=_start_command(pulumi.get_stack(), presence, mode), secrets=secrets
        ),
        stacks=definitions.context(project),
        secret=config.require_secret,
        mark=Simulated() if mode is Mode.SIMULATED else None,
        charts=None if mode is Mode.REAL or presence is Presence.GIVEN else charts_folder(project),
    )
    below = stack.cluster_stack
    checked.require_ready(this_run, make_command("start", below, mode) if below and mode is not Mode.REAL else None)
    _show(checked.plans, checked.notes)
    checked.declare(this_run)


def _start_command(stack: str, presence: Presence, mode: Mode) -> str | None:
    """The command that starts the stack's own cluster; None where there is none."""
    return make_command("start", stack, mode) if presence is Presence.EMBEDDED else None


def _require_separate(project: Path, mode: Mode) -> None:
    """Check backend and state, for runs of the engine without the command line."""
    if mode is not Mode.NO_CLOUD:
        require_backend(mode, backend_url(project, os.environ))
        require_state(mode, pulumi.get_stack(), read_own_state())


def _announce(mode: Mode, stack: Stack) -> None:
    lines = announcement(mode, pulumi.get_stack(), stack.describe())
    if lines:
        say = pulumi.warn if mode is Mode.SIMULATED else pulumi.info
        say("\n".join(lines))


def _show(plans: Mapping[str, ServingPlan], notes: Sequence[str]) -> None:
    for plan in plans.values():
        pulumi.info("\n".join(plan_lines(plan)))
    for note in notes:
        pulumi.info(f"note: {note}")


def _positions(project: Path, definitions: Definitions) -> Positions:
    """Where settings are written; the file is read first because only it has line numbers and unknown keys."""
    if not stack_path(project, pulumi.get_stack()).exists():
        return Positions.unknown()
    file = read_stack(project, pulumi.get_stack(), definitions)
    for note in file.notes:
        pulumi.warn(note)
    return file.positions


def stack_of_config(project: Path, definitions: Definitions) -> Stack:
    """The stack of the engine's configuration."""
    config = pulumi.Config(PROJECT)
    texts = {key: config.get(key) for key in sorted(definitions.setting_names)}
    values = {key: _value(key, text) for key, text in texts.items() if text is not None}
    references = SecretReferences.of(values, frozenset(), definitions.setting_names)
    encrypted = frozenset(name for name in references.named if is_config_secret(f"{PROJECT}:{name}"))
    plain = {name: "" for name in references.named - encrypted if config.get(name) is not None}
    return definitions.stack(project, parse({**values, **plain}, encrypted, definitions))


def _value(key: str, text: str) -> Value:
    """Mappings and lists arrive as JSON, texts as they are."""
    if text[:1] not in {"{", "["}:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StrataError.of(
            f"{PROJECT}:{key}",
            cause=f"is not JSON: {error}",
            consequence="the setting cannot be read",
            fix=f"write it into Pulumi.{pulumi.get_stack()}.yaml, below config, as YAML",
        ) from None
