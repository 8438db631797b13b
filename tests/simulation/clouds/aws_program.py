"""The EKS program run against the tables, without an engine.

The recorder stands where the engine would and asks the simulated provider about each resource, so that
the program meets the checks, the references and the outputs that it meets in a simulated run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast
from unittest import mock

from pulumi.provider.experimental import provider as protocol
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from components.clusters.eks.cluster import EksClusterArgs, eks_cluster
from components.clusters.eks.settings import EksTarget
from components.contracts.pools import NodePool
from simulation.clouds.aws.cloud import AWS
from simulation.provider.store import Store
from simulation.provider.values import Object, Value, object_to_wire
from tests.simulation.clouds.aws_account import AwsAccount, Made, finished
from tests.simulation.clouds.eks_account import NotedPlane, noted

_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # sdk/python/lib/pulumi/runtime/rpc.py


class AwsRecorder(Mocks):
    """Answers a program out of a simulated account.

    Attributes:
        plane: The control plane of its cluster.
        made: Inputs of every resource of AWS that the program made, by type.
        asked: Every look-up that it made.
        problems: What the tables lack, and what the simulated cloud refused.
    """

    def __init__(self, folder: Path) -> None:
        self.plane = NotedPlane()
        self.made: dict[str, list[Object]] = {}
        self.asked: set[str] = set()
        self.problems: list[str] = []
        self._account = AwsAccount(folder, cloud=noted(self._planes))

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Object]:
        inputs = cast("Object", _plain(cast("Value", args.inputs)))  # pyright: ignore[reportUnknownMemberType]
        if args.typ == "pulumi:providers:aws":
            return self._configured(args.name, inputs)
        if not args.typ.startswith("aws:"):
            return f"{args.name}-id", inputs
        self.made.setdefault(args.typ, []).append(inputs)
        if args.resource_id:
            return self._found(args.typ, args.resource_id)
        if args.typ not in AWS.kinds:
            self.problems.append(f"{args.typ} ({args.name}): the simulated AWS has no table for it")
            return f"{args.name}-id", inputs
        try:
            made = self._account.create_named(args.typ, args.name, inputs)
        except Exception as error:  # noqa: BLE001 - all of them are what this is about
            self.problems.append(f"{args.typ} ({args.name}): {error}")
            return f"{args.name}-id", inputs
        return made.identifier, made.outputs

    def _found(self, token: str, identifier: str) -> tuple[str, Object]:
        """What a program reads of an object that others made."""
        outputs = self._account.read(Made(token, identifier, {}, {}))
        if outputs is None:
            self.problems.append(f"{token}: there is no {identifier}")
        return identifier, outputs or {}

    def call(self, args: MockCallArgs) -> tuple[Object, list[tuple[str, str]]]:
        self.asked.add(args.token)
        arguments = cast("Object", _plain(cast("Value", args.args)))  # pyright: ignore[reportUnknownMemberType]
        return self._account.ask(args.token, **arguments), []

    def _planes(self, _store: Store, _region: str, _name: str) -> NotedPlane:
        return self.plane

    def _configured(self, name: str, inputs: Object) -> tuple[str, Object]:
        request = protocol.CheckRequest("", {}, object_to_wire(inputs), b"")
        for each in finished(self._account.provider.check_config(request)).failures or ():
            self.problems.append(f"provider {name}: {each.property}: {each.reason}")
        self._account.configure(**inputs)
        return f"{name}-id", inputs


def recorded(folder: Path, program: Callable[[], None]) -> AwsRecorder:
    """What the program makes and asks in an account of its own."""
    recorder = AwsRecorder(folder)
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(recorder, project="strata", stack="test", preview=False)
    try:
        run_to_end(program)()
    finally:
        asyncio.set_event_loop(asyncio.new_event_loop())  # for programs of other tests
    return recorder


def recorded_cluster(folder: Path, target: EksTarget, pools: Sequence[NodePool]) -> AwsRecorder:
    """What the program makes of an EKS cluster, without asking the rules: the account has to refuse by itself."""

    def program() -> None:
        eks_cluster(target.name, EksClusterArgs.of(target, pools))

    with mock.patch("components.clusters.eks.cluster.refuse"):
        return recorded(folder, program)


def _plain(value: Value) -> Value:
    """Values as they were written: numbers travel as floats, secrets in an envelope."""
    match value:
        case {"value": inner, **rest} if _SECRET_MARK in rest:
            return _plain(inner)
        case dict():
            return {key: _plain(each) for key, each in value.items() if each is not None}
        case list():
            return [_plain(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
