"""The engine's side of a program: what each resource is registered with, options included.

Owns recording. A recorder of inputs alone cannot see a parent that is missing or an option that leaks.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import alias_pb2, resource_pb2
from pulumi.runtime.rpc import deserialize_properties

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
_STACK = "pulumi:pulumi:Stack"
_KUBECONFIG = b'clusters: [{cluster: {server: "https://found", certificate-authority-data: QQ==}}]'
_FOUND: dict[str, dict[str, Json]] = {
    "aws:eks/getCluster:getCluster": {
        "name": "found",
        "version": "1.35",
        "endpoint": "https://found",
        "certificateAuthorities": [{"data": "QQ=="}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-01234567"},
    },
    "gcp:container/getCluster:getCluster": {
        "endpoint": "198.51.100.7",
        "masterAuths": [{"clusterCaCertificate": "QQ=="}],
        "privateClusterConfigs": [{"privateEndpoint": "10.37.0.2"}],
    },
    "azure-native:containerservice:getManagedCluster": {"name": "found", "kubernetesVersion": "1.35"},
    "azure-native:containerservice:listManagedClusterUserCredentials": {
        "kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(_KUBECONFIG).decode()}]
    },
    "azure-native:managedidentity:getUserAssignedIdentity": {"id": "own", "clientId": "own", "principalId": "own"},
    "gcp:organizations/getProject:getProject": {"number": "1"},
}
"""What clouds answer about clusters and identities that exist."""


class _Request(Protocol):
    """What the SDK asks the engine to register (pulumi/proto, resource.proto)."""

    type: str
    name: str
    parent: str
    provider: str
    custom: bool
    object: struct_pb2.Struct
    dependencies: list[str]
    aliases: list[alias_pb2.Alias]
    ignoreChanges: list[str]  # noqa: N815 - the engine's own name


class _Outputs(Protocol):
    urn: str


@dataclass(frozen=True)
class Made:
    """One resource.

    Attributes:
        urn: Its URN.
        token: Type token.
        name: Logical name.
        parent: URN of its parent.
        provider: Reference of its provider; empty for the default one and for components.
        custom: Whether a provider makes it; components have none.
        inputs: Its inputs.
        waits_for: URNs that it depends on.
        aliases: Former names that it carries.
        ignores: Properties whose changes are ignored.
    """

    urn: str
    token: str
    name: str
    parent: str
    provider: str
    custom: bool
    inputs: dict[str, Json]
    waits_for: frozenset[str]
    aliases: frozenset[str]
    ignores: frozenset[str]


class Engine(Mocks):
    """Records what a program registers, and answers with the inputs.

    Args:
        outputs: Further outputs by class.

    Attributes:
        made: Every resource in the order of registration.
        finished: URNs of components that registered their outputs, once for each time.
        asked: Provider of each look-up by its token.
    """

    def __init__(self, outputs: dict[str, dict[str, Json]] | None = None) -> None:
        self.made: list[Made] = []
        self.finished: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self._outputs = outputs or {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Json]]:
        given = cast("dict[str, Json]", args.inputs)  # pyright: ignore[reportUnknownMemberType] - untyped
        short = args.typ.rpartition(":")[2]
        return f"{args.name}-id", {"name": args.name, **self._outputs.get(short, {}), **given, **_answered(given)}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Json], list[tuple[str, str]]]:
        self.asked.append((args.token, args.provider))
        return _FOUND.get(args.token, {}), []


class _Monitor(MockMonitor):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def RegisterResource(self, request: _Request) -> resource_pb2.RegisterResourceResponse:  # noqa: N802 - the engine's own name
        answer = super().RegisterResource(request)  # pyright: ignore[reportUnknownMemberType] - untyped
        if request.type != _STACK:
            self._engine.made.append(
                Made(
                    urn=answer.urn,
                    token=request.type,
                    name=request.name,
                    parent=request.parent,
                    provider=request.provider,
                    custom=request.custom,
                    inputs=cast("dict[str, Json]", deserialize_properties(request.object)),
                    waits_for=frozenset(request.dependencies),
                    aliases=frozenset(alias.spec.name for alias in request.aliases if alias.spec.name),
                    ignores=frozenset(request.ignoreChanges),
                )
            )
        return answer

    def RegisterResourceOutputs(self, request: _Outputs) -> empty_pb2.Empty:  # noqa: N802 - the engine's own name
        self._engine.finished.append(request.urn)
        return super().RegisterResourceOutputs(request)  # pyright: ignore[reportUnknownMemberType] - untyped


def run(program: Callable[[], object], outputs: dict[str, dict[str, Json]] | None = None) -> Engine:
    """Run a function that declares resources, as at preview, until nothing is left to wait for."""
    engine = Engine(outputs)
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(engine, project="strata", stack="test", preview=True, monitor=_Monitor(engine))

    @run_to_end
    def declared() -> None:
        program()

    try:
        declared()
    finally:
        asyncio.set_event_loop(asyncio.new_event_loop())  # for programs of other tests
    return engine


class Holder(pulumi.ComponentResource):
    """A component of somebody else's."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("acme:index:Holder", name, None, opts)
        self.register_outputs({})


def _answered(given: dict[str, Json]) -> dict[str, Json]:
    """Azure's identities are given as a list of ids and answered by id (pulumi-azure-native, ``IsStringSet``)."""
    match given.get("identity"):
        case {"userAssignedIdentities": list(ids), **rest}:
            return {"identity": {**rest, "userAssignedIdentities": {str(identity): {} for identity in ids}}}
        case _:
            return {}
