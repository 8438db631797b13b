"""A program run against a simulated account, without an engine.

The recorder takes the place of the engine and asks the simulated provider about each resource, so that the program
meets the checks, the references and the outputs that it meets in a simulated run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import grpc
from pulumi.provider.experimental import provider as protocol
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from simulation.provider.errors import ProviderError
from simulation.provider.values import Object, Value, object_to_wire
from tests.simulation.clouds.aws_account import AwsAccount, Made, finished
from tests.simulation.clouds.noted_plane import NotedPlane

_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # sdk/python/lib/pulumi/runtime/rpc.py


class _RefusedError(grpc.RpcError):
    """What the engine answers to a look-up that a provider refuses."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class Recorder(Mocks):
    """Answers a program out of a simulated account.

    Args:
        account: Whose tables take the resources.
        package: Pulumi package of its cloud.
        plane: The control plane of every cluster that is made.

    Attributes:
        made: Every object that the program made, by type.
        sent: Inputs of every resource of the cloud, by type, those included that were refused.
        configured: Inputs of every provider of the cloud.
        asked: Every look-up.
        problems: What the tables lack, what the simulated cloud refused, and what is not there.
    """

    def __init__(self, account: AwsAccount, package: str, plane: NotedPlane) -> None:
        self.account, self.plane = account, plane
        self.made: dict[str, list[Made]] = {}
        self.sent: dict[str, list[Object]] = {}
        self.configured: list[Object] = []
        self.asked: set[str] = set()
        self.problems: list[str] = []
        self._package = package

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Object]:
        inputs = cast("Object", _plain(cast("Value", args.inputs)))  # pyright: ignore[reportUnknownMemberType]
        if args.typ == f"pulumi:providers:{self._package}":
            return self._configure(args.name, inputs)
        if not args.typ.startswith(f"{self._package}:"):
            return f"{args.name}-id", inputs
        try:
            return self._answer(args.typ, args.name, args.resource_id or "", inputs)
        except Exception as error:  # noqa: BLE001 - all of them are what this is about
            self.problems.append(f"{args.typ} ({args.name}): {error}")
            return f"{args.name}-id", inputs

    def call(self, args: MockCallArgs) -> tuple[Object, list[tuple[str, str]]]:
        self.asked.add(args.token)
        arguments = cast("Object", _plain(cast("Value", args.args)))  # pyright: ignore[reportUnknownMemberType]
        try:
            return self.account.ask(args.token, **arguments), []
        except ProviderError as error:
            raise _RefusedError(str(error)) from error

    def _answer(self, token: str, name: str, identifier: str, inputs: Object) -> tuple[str, Object]:
        if identifier:
            outputs = self.account.read(Made(token, identifier, {}, {}))
            if outputs is None:
                raise LookupError(identifier)
            return identifier, outputs
        self.sent.setdefault(token, []).append(inputs)
        made = self.account.create_named(token, name, inputs)
        self.made.setdefault(token, []).append(made)
        return made.identifier, made.outputs

    def _configure(self, name: str, inputs: Object) -> tuple[str, Object]:
        self.configured.append(inputs)
        request = protocol.CheckRequest("", {}, object_to_wire(inputs), b"")
        for failure in finished(self.account.provider.check_config(request)).failures or ():
            self.problems.append(f"provider {name}: {failure.property}: {failure.reason}")
        self.account.configure(**inputs)
        return f"{name}-id", inputs


def run_program(
    account: AwsAccount, package: str, program: Callable[[], object], plane: NotedPlane | None = None
) -> Recorder:
    """What the program makes and asks in the account.

    Args:
        account: The account.
        package: Pulumi package of its cloud.
        program: Declares resources.
        plane: The control plane that the account gives to clusters.
    """
    recorder = Recorder(account, package, plane or NotedPlane())
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(recorder, project="strata", stack="test", preview=False)

    @run_to_end
    def run() -> None:
        program()

    try:
        run()
    finally:
        asyncio.set_event_loop(asyncio.new_event_loop())  # for programs of other tests
    return recorder


def _plain(value: Value) -> Value:
    """Values as they were written: numbers travel as floats, secrets in an envelope."""
    match value:
        case {"value": inner, **rest} if _SECRET_MARK in rest:
            return _plain(inner)
        case dict():
            return {key: _plain(item) for key, item in value.items() if item is not None}
        case list():
            return [_plain(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
