"""Recording a stack's resources without an engine and without a cluster.

Runs the composition against mocks of the engine. Secrets are never read: placeholders replace them, so the recorded
resources cannot leak one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped
from pulumi.runtime.settings import SETTINGS

from components.clusters.environment import EnvironmentContext
from components.contracts.serving import ServingPlan

from .definitions import OURS
from .layers import LAYERS
from .layers.layer import Run
from .layers.platform import NAMESPACE
from .layers.stack import LayeredStack
from .outputs import KUBECONFIG
from .project import PROJECT, charts_folder
from .secret_names import SecretNames
from .settings import Settings
from .stack import CheckedStack
from .yaml_file import Value

WITHHELD = "withheld"
"""Placeholder for a secret."""
UNKNOWN = "known-once-deployed"
"""Placeholder for a value that the provider returns on creation, such as the name of a file share."""


@dataclass(frozen=True)
class Registered:
    """One resource as the program registers it.

    Attributes:
        token: Type token, such as ``kubernetes:apps/v1:Deployment``.
        name: Logical name.
        inputs: Its inputs as the engine would get them.
        provider: Reference of its provider; empty for the default one.
        chart: Release of the Helm chart that it belongs to; None for a resource of the program's own.
    """

    token: str
    name: str
    inputs: Mapping[str, Value]
    provider: str
    chart: str | None = None

    @property
    def is_kubernetes_object(self) -> bool:
        """Whether it becomes an object of a cluster."""
        return "apiVersion" in self.inputs and "kind" in self.inputs


def record(project: Path, settings: Settings, plans: Mapping[str, ServingPlan], stack: str) -> list[Registered]:
    """Every resource of the stack, in the order of registration.

    Args:
        project: Folder of the project.
        settings: What the stack's file says.
        plans: The plan of each model by its name.
        stack: Its name.
    """
    whole = LayeredStack(settings.scope, settings, LAYERS, OURS.context(project))
    return record_checked(project, whole.planned(plans), settings.secrets, stack)


def record_checked(
    project: Path, checked: CheckedStack, secrets: SecretNames, stack: str, *, namespace: str | None = None
) -> list[Registered]:
    """Every resource of a checked stack, in the order of registration; stacks below need not be up.

    Args:
        project: Folder of the project.
        checked: The stack.
        secrets: Names of its secrets.
        stack: Its name.
        namespace: Namespace that a stack below makes.
    """
    recorder = _Recorder({**_OUTPUTS, KUBECONFIG: WITHHELD, NAMESPACE: namespace or UNKNOWN})
    asyncio.set_event_loop(_preview_loop())
    set_mocks(recorder, project=PROJECT, stack=stack, preview=True, organization="organization")

    @run_to_end
    def program() -> None:
        withheld = secrets.values(_withheld)
        environment = EnvironmentContext(project=project, secrets=withheld)
        stacks = OURS.context(project)
        checked.declare(
            Run(
                stack=stack,
                environment=environment,
                stacks=stacks,
                secret=_withheld,
                charts=charts_folder(project),
            )
        )

    program()
    return recorder.resources


def _preview_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose threads know that this is a preview.

    The SDK keeps that in a context variable, which its threads do not inherit: they see the first value of the process.
    After a program that was not a preview they would treat an unknown value as None.
    """
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(initializer=setattr, initargs=(SETTINGS, "dry_run", True)))
    return loop


def _withheld(_key: str) -> pulumi.Output[str]:
    return pulumi.Output.secret(WITHHELD)


_OUTPUTS: Mapping[str, Value] = {name: UNKNOWN for layer in LAYERS for name in layer.outputs}
"""Outputs of stacks below, which may not be up."""
# Marks a secret in the engine's wire format (sdk/python/lib/pulumi/runtime/rpc.py).
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a public constant


def _plain(value: Value) -> Value:
    """The value as it was written: the engine transmits numbers as floats and secrets in an envelope."""
    match value:
        case {"value": inner, **rest} if _SECRET_MARK in rest:
            return _plain(inner)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case None | str() | bool() | int() | float():
            return value
        case _:
            return UNKNOWN


class _Recorder(Mocks):
    def __init__(self, outputs: Mapping[str, Value]) -> None:
        self._outputs = outputs
        self.resources: list[Registered] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Value]]:
        given = cast("dict[str, Value]", args.inputs)  # pyright: ignore[reportUnknownMemberType] - likewise
        inputs = {key: _plain(value) for key, value in given.items()}
        self.resources.append(Registered(args.typ, args.name, inputs, args.provider or ""))
        known: dict[str, Value] = {"outputs": dict(self._outputs)} if args.typ == "pulumi:pulumi:StackReference" else {}
        return f"{args.name}-id", {**given, **known, **_reshaped(given)}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Value], list[tuple[str, str]] | None]:  # noqa: ARG002
        return {}, []


def _reshaped(given: dict[str, Value]) -> dict[str, Value]:
    """Properties that a provider returns in another shape than it accepts them.

    Azure accepts identities as a list of ids and returns a map by id (pulumi-azure-native, ``IsStringSet``), and says
    where a cluster's tokens are issued once that is asked for (``ManagedClusterOIDCIssuerProfileResponse.issuerURL``);
    Filestore returns the addresses of its networks (pulumi-gcp, ``InstanceNetwork.ipAddresses``).
    """
    returned: dict[str, Value] = {}
    match given:
        case {"identity": {"userAssignedIdentities": list(ids), **rest}}:
            returned["identity"] = {**rest, "userAssignedIdentities": {str(identity): {} for identity in ids}}
        case {"fileShares": _, "networks": list(networks)}:
            returned["networks"] = [
                {**network, "ipAddresses": [UNKNOWN]} for network in networks if isinstance(network, dict)
            ]
        case _:
            pass
    match given:
        case {"oidcIssuerProfile": {"enabled": True, **rest}}:
            returned["oidcIssuerProfile"] = {**rest, "enabled": True, "issuerURL": UNKNOWN}
        case _:
            pass
    return returned
