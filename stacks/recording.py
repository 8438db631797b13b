"""A stack's objects without an engine and without a cluster.

Owns running the composition against a recorder. No secret is ever read: placeholders stand in, so
nothing that comes out of here can leak one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks, test

from components.contracts.serving import ServingPlan

from .platform import Secrets, compose
from .reading import PROJECT
from .settings import Settings
from .yaml_file import Value

WITHHELD = "withheld"
"""Stands wherever a secret would."""


@dataclass(frozen=True)
class Registered:
    """One resource as the program registers it.

    Attributes:
        token: Type token, such as ``kubernetes:apps/v1:Deployment``.
        name: Logical name.
        inputs: Its inputs as the engine would get them.
        provider: Reference of its provider; empty for the default one.
    """

    token: str
    name: str
    inputs: Mapping[str, Value]
    provider: str

    @property
    def is_kubernetes_object(self) -> bool:
        """Whether it becomes an object of a cluster."""
        return "apiVersion" in self.inputs and "kind" in self.inputs


def record(project: Path, settings: Settings, plans: Mapping[str, ServingPlan], stack: str) -> list[Registered]:
    """Every resource of the stack, in the order of registration."""
    recorder = _Recorder()
    set_mocks(recorder, project=PROJECT, stack=stack, preview=False)

    @test
    def program() -> None:
        token = WITHHELD if settings.secrets.hugging_face_token else None
        compose(project, settings, plans, Secrets(hugging_face_token=pulumi.Output.secret(token) if token else None))

    program()
    return recorder.resources


class _Recorder(Mocks):
    def __init__(self) -> None:
        self.resources: list[Registered] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        # The engine's own form of inputs is JSON, which also drops what has no value.
        inputs: dict[str, Value] = json.loads(json.dumps(args.inputs))
        self.resources.append(Registered(args.typ, args.name, inputs, args.provider or ""))
        known = {"outputs": {}} if args.typ == "pulumi:pulumi:StackReference" else {}
        return f"{args.name}-id", {**args.inputs, **known}

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        return {}
