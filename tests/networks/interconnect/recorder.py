"""What a link's component registers, with options and secrets as the engine gets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from .sample import Json

SECRET = "4dabf18193072939515e22adb298388d"
"""Marks a secret in the engine's wire format (sdk/python/lib/pulumi/runtime/rpc.py)."""


@dataclass(frozen=True)
class Made:
    token: str
    name: str
    inputs: dict[str, Json]

    @property
    def short(self) -> str:
        """Its class."""
        return self.token.rpartition(":")[2]

    def secret(self, name: str) -> bool:
        """Whether an input travels as a secret."""
        value = self.inputs.get(name)
        return isinstance(value, dict) and SECRET in value


class Recorder(Mocks):
    def __init__(self, outputs: dict[str, dict[str, Json]]) -> None:
        self.made: list[Made] = []
        self.protected: set[str] = set()
        self._outputs = outputs

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Json]]:
        inputs = cast("dict[str, Json]", args.inputs)  # pyright: ignore[reportUnknownMemberType] - likewise
        self.made.append(Made(args.typ, args.name, inputs))
        short = args.typ.rpartition(":")[2]
        known: dict[str, Json] = {"name": args.name, **self._outputs.get(short, {})}
        return args.resource_id or f"{args.name}-id", {**known, **inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Json], list[tuple[str, str]] | None]:  # noqa: ARG002
        return {}, None

    def of(self, short: str) -> list[Made]:
        """Everything of a class by name; what waits for nothing else is registered in any order."""
        return sorted(
            (resource for resource in self.made if resource.short == short), key=lambda resource: resource.name
        )

    def note(self, args: pulumi.ResourceTransformationArgs) -> None:
        """Remember what is protected."""
        if args.opts.protect:
            self.protected.add(args.name)


def recorded(
    declare: Callable[[pulumi.ResourceOptions], object],
    outputs: dict[str, dict[str, Json]] | None = None,
) -> Recorder:
    """Run components against a cloud that answers with these outputs by class."""
    recorder = Recorder(outputs or {})
    set_mocks(recorder, project="strata", stack="hybrid")
    opts = pulumi.ResourceOptions(transformations=[recorder.note])

    @run_to_end
    def program() -> None:
        declare(opts)

    program()
    return recorder
