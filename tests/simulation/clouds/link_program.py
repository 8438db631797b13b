"""A link's component run against a simulated account, without an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import AwsAccount, Made

_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # sdk/python/lib/pulumi/runtime/rpc.py


@dataclass
class LinkRecorder(Mocks):
    """Answers a program out of a simulated account.

    Attributes:
        account: Whose tables take the resources.
        package: Pulumi package of its cloud.
        made: Every object by type.
        problems: What was refused, and what is not there.
    """

    account: AwsAccount
    package: str
    made: dict[str, list[Made]] = field(default_factory=dict[str, list[Made]])
    problems: list[str] = field(default_factory=list[str])

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Object]:
        inputs = cast("Object", _plain(cast("Value", args.inputs)))  # pyright: ignore[reportUnknownMemberType]
        if not args.typ.startswith(f"{self.package}:"):
            return f"{args.name}-id", inputs
        try:
            return self._answer(args.typ, args.name, args.resource_id or "", inputs)
        except Exception as error:  # noqa: BLE001 - all of them are what this is about
            self.problems.append(f"{args.typ} ({args.name}): {error}")
            return f"{args.name}-id", inputs

    def call(self, args: MockCallArgs) -> tuple[Object, list[tuple[str, str]]]:  # noqa: ARG002 - links ask nothing
        return {}, []

    def _answer(self, token: str, name: str, identifier: str, inputs: Object) -> tuple[str, Object]:
        if identifier:
            outputs = self.account.read(Made(token, identifier, {}, {}))
            if outputs is None:
                raise LookupError(identifier)
            return identifier, outputs
        made = self.account.create_named(token, name, inputs)
        self.made.setdefault(token, []).append(made)
        return made.identifier, made.outputs


def run_link(account: AwsAccount, package: str, program: Callable[[], object]) -> LinkRecorder:
    """What the program makes in the account."""
    recorder = LinkRecorder(account, package)
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(recorder, project="strata", stack="hybrid", preview=False)

    @run_to_end
    def run() -> None:
        program()

    try:
        run()
    finally:
        asyncio.set_event_loop(asyncio.new_event_loop())  # for programs of other tests
    return recorder


def _plain(value: Value) -> Value:
    match value:
        case {"value": inner, **rest} if _SECRET_MARK in rest:
            return _plain(inner)
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
