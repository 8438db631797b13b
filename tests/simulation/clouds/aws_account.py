"""A simulated AWS account of a test's own, called as the engine calls it but in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.cloud import AWS
from simulation.clouds.aws.launching import Launch, launch_refusals
from simulation.provider.faults import Fault, plan_fault
from simulation.provider.provider import SimulatedProvider
from simulation.provider.schema import Fields, ListOf, ObjectOf, OneShapeOf, Shape, resource_inputs
from simulation.provider.store import Record, Store
from simulation.provider.tables import Call, Cloud
from simulation.provider.values import Object, Value, object_from_wire, object_to_wire

REGION = "us-east-2"
_Answer = TypeVar("_Answer")
_Wire = dict[str, PropertyValue]


@dataclass(frozen=True)
class Made:
    """One object as the program gets it.

    Attributes:
        wire: Its inputs as the engine keeps them.
        outputs: What the provider gave back.
    """

    token: str
    identifier: str
    wire: _Wire = field(repr=False)
    outputs: Object


class InputsRefusedError(Exception):
    """The inputs were refused before the cloud was asked."""


class AwsAccount:
    """An account in a folder."""

    def __init__(self, folder: Path, region: str = REGION, cloud: Cloud = AWS) -> None:
        self.region = region
        self.store = Store(folder / "aws.sqlite", cloud.seed)
        self.provider = SimulatedProvider(cloud, self.store)
        self.configure(region=region)

    def configure(self, **configuration: Value) -> None:
        request = protocol.ConfigureRequest(
            {}, object_to_wire(configuration), accept_secrets=False, accept_resources=False
        )
        finished(self.provider.configure(request))

    def check(self, token: str, inputs: Object, *, name: str = "it", old: _Wire | None = None) -> _Wire:
        """The inputs with the names that the provider chooses.

        Raises:
            InputsRefusedError: with every reason.
        """
        request = protocol.CheckRequest(_urn(token, name), old or {}, object_to_wire(inputs), b"seed")
        answer = finished(self.provider.check(request))
        if answer.failures:
            raise InputsRefusedError("; ".join(f"{failure.property}: {failure.reason}" for failure in answer.failures))
        return answer.inputs or {}

    def create(self, token: str, /, **inputs: Value) -> Made:
        return self.create_named(token, "it", inputs)

    def create_named(self, token: str, name: str, inputs: Object) -> Made:
        """A resource that the program calls by a name of its own."""
        wire = self.check(token, inputs, name=name)
        answer = finished(self.provider.create(protocol.CreateRequest(_urn(token, name), wire, 0, preview=False)))
        return Made(token, answer.resource_id or "", wire, object_from_wire(answer.properties or {}))

    def preview(self, token: str, /, **inputs: Value) -> Object:
        """What a preview can say of an object that is to be made."""
        wire = self.check(token, inputs)
        answer = finished(self.provider.create(protocol.CreateRequest(_urn(token, "it"), wire, 0, preview=True)))
        return object_from_wire(answer.properties or {})

    def preview_update(self, made: Made, /, **inputs: Value) -> Object:
        """What a preview can say of a change."""
        wire = self.check(made.token, inputs, old=made.wire)
        request = protocol.UpdateRequest(
            _urn(made.token, "it"), made.identifier, object_to_wire(made.outputs), wire, 0, [], preview=True
        )
        return object_from_wire(finished(self.provider.update(request)).properties or {})

    def update(self, made: Made, /, **inputs: Value) -> Made:
        wire = self.check(made.token, inputs, old=made.wire)
        request = protocol.UpdateRequest(
            _urn(made.token, "it"), made.identifier, object_to_wire(made.outputs), wire, 0, [], preview=False
        )
        answer = finished(self.provider.update(request))
        return Made(made.token, made.identifier, wire, object_from_wire(answer.properties or {}))

    def delete(self, made: Made) -> None:
        request = protocol.DeleteRequest(_urn(made.token, "it"), made.identifier, object_to_wire(made.outputs), 0)
        finished(self.provider.delete(request))

    def diff(self, made: Made, /, **inputs: Value) -> protocol.DiffResponse:
        wire = self.check(made.token, inputs, old=made.wire)
        request = protocol.DiffRequest(_urn(made.token, "it"), made.identifier, made.wire, wire, [])
        return finished(self.provider.diff(request))

    def read(self, made: Made) -> Object | None:
        """The outputs as the cloud has them now; None when it is gone."""
        request = protocol.ReadRequest(_urn(made.token, "it"), made.identifier, object_to_wire(made.outputs), made.wire)
        answer = finished(self.provider.read(request))
        return object_from_wire(answer.properties or {}) if answer.resource_id else None

    def ask(self, token: str, **arguments: Value) -> Object:
        answer = finished(self.provider.invoke(protocol.InvokeRequest(token, object_to_wire(arguments))))
        return object_from_wire(answer.return_value or {})

    def launch(self, machine: str, *subnets: Made, count: int = 1, **template: Value) -> list[str]:
        """What EC2 says when machines are started from a template, each with its code in front."""
        wanted = Launch(
            template=template, machine=machine, subnets=tuple(place.identifier for place in subnets), count=count
        )
        with self.store.transaction() as account:
            return [str(refusal) for refusal in launch_refusals(Call(account=account, region=self.region), wanted)]

    def knows(self, token: str, path: str) -> bool:
        """Whether the SDK has the property at a path of a table."""
        fields = resource_inputs(token)
        for step in path.split("."):
            shape = fields.shapes.get(step) if fields else None
            if shape is None:
                return False
            fields = _fields(shape)
        return True

    def records(self, token: str) -> list[Record]:
        with self.store.transaction() as account:
            return account.records(token)

    def will_fail(self, fault: Fault) -> None:
        with self.store.transaction() as account:
            plan_fault(account, fault)

    def vpc(self, cidr: str = "10.0.0.0/16") -> Made:
        return self.create(v.VPC, cidrBlock=cidr, enableDnsHostnames=True)

    def subnet(self, vpc: Made, cidr: str = "10.0.0.0/24", zone: str = "us-east-2b") -> Made:
        return self.create(v.SUBNET, vpcId=vpc.identifier, cidrBlock=cidr, availabilityZone=zone)

    def group(self, vpc: Made, name: str = "nodes") -> Made:
        return self.create(v.SECURITY_GROUP, name=name, vpcId=vpc.identifier)

    def table(self, vpc: Made) -> Made:
        return self.create(v.ROUTE_TABLE, vpcId=vpc.identifier)


def finished(call: Awaitable[_Answer]) -> _Answer:
    """The answer of a call; ``asyncio.run`` would take the thread's loop away from Pulumi."""

    async def wait() -> _Answer:
        return await call

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(wait())
    finally:
        loop.close()


def _fields(shape: Shape) -> Fields | None:
    match shape:
        case ObjectOf():
            return shape.fields
        case ListOf(item):
            return _fields(item)
        case OneShapeOf(shapes):
            return next((found for candidate in shapes if (found := _fields(candidate))), None)
        case _:
            return None


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::tests::{token}::{name}"
