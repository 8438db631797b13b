"""What the engine runs: configuration to settings, checks, then the composition."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
from pulumi.runtime.config import is_config_secret

from components.contracts.errors import StrataError

from .checks import checked_plans
from .plan_lines import plan_lines
from .platform import Secrets, compose
from .reading import PROJECT, parse, read_stack, secret_names, stack_path
from .settings import LocalTarget, Settings
from .targets import require_target
from .yaml_file import Value


def run(project: Path) -> None:
    """Declare the selected stack; a user's mistake ends in a message without traceback."""
    try:
        settings = settings_of_config(project)
        plans = checked_plans(project, settings)
        require_target(project, settings, start_command(settings))
        for plan in plans.values():
            pulumi.info("\n".join(plan_lines(plan)))
        compose(project, settings, plans, _secrets(settings))
    except StrataError as error:
        raise pulumi.RunError(f"{len(error.problems)} to mend in stack {pulumi.get_stack()}\n{error}") from None


def start_command(settings: Settings) -> str | None:
    """What starts the target, where the project can."""
    return f"make start STACK={pulumi.get_stack()}" if isinstance(settings.target, LocalTarget) else None


def settings_of_config(project: Path) -> Settings:
    """The settings as the engine hands them over.

    The file is read first, where there is one, because only it knows lines and unknown keys.
    """
    if stack_path(project, pulumi.get_stack()).exists():
        read_stack(project, pulumi.get_stack())
    config = pulumi.Config(PROJECT)
    texts = {key: config.get(key) for key in Settings.model_fields}
    values = {key: _value(text) for key, text in texts.items() if text is not None}
    encrypted = frozenset(name for name in secret_names(values) if is_config_secret(f"{PROJECT}:{name}"))
    plain = {name: "" for name in secret_names(values) - encrypted if config.get(name) is not None}
    return parse({**values, **plain}, encrypted)


def _value(text: str) -> Value:
    """Mappings and lists arrive as JSON, texts as they are."""
    return json.loads(text) if text[:1] in {"{", "["} else text


def _secrets(settings: Settings) -> Secrets:
    config = pulumi.Config(PROJECT)
    token = settings.secrets.hugging_face_token
    return Secrets(hugging_face_token=config.require_secret(token) if token else None)
