"""The provider that the engine talks to, for any cloud that has tables.

Owns the protocol: names, checks, what a change means, what a preview may know. What the cloud says
lies in ``operations`` and in its tables.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from .checking import as_changed, as_previewed, table_failures
from .diffing import Change, changes
from .errors import CloudError, ProviderError
from .operations import Operations
from .schema import Scalar, provider_inputs, resource_inputs, resource_outputs
from .store import Store
from .tables import Call, Cloud, Kind
from .typecheck import Failure, type_failures
from .values import (
    UNKNOWN,
    Object,
    Value,
    has_unknown,
    object_from_wire,
    object_to_wire,
)

STATUS_KEY = "simulated-status"
"""Under which the servicer hands the old status on."""
_DEFAULTS = "__defaults"
"""Where the real provider notes which names are its own choice."""


class SimulatedProvider(protocol.Provider):
    """One cloud's provider.

    Args:
        cloud: Its tables.
        store: The account.
    """

    def __init__(self, cloud: Cloud, store: Store) -> None:
        self._cloud = cloud
        self._operations = Operations(cloud, store, {})
        self._store = store

    @property
    def operations(self) -> Operations:
        """What changes the account."""
        return self._operations

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Are the provider's own inputs of its types and in its table?"""
        inputs = self._decoded(request.new_inputs)
        fields = provider_inputs(self._cloud.package)
        failures = [] if fields is None else list(type_failures(inputs, fields))
        if not failures:
            failures = list(table_failures(f"provider {self._cloud.package}", self._cloud.configuration, inputs))
        return protocol.CheckResponse(request.new_inputs, _wire_failures(failures))

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        """Take the configuration; secrets stay with the engine."""
        self._operations = Operations(self._cloud, self._store, self._decoded(request.args))
        # Outputs are not taken: those that are not known yet break the SDK's reader.
        return protocol.ConfigureResponse(supports_preview=True)

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Names what has no name, and says what the provider would refuse without asking the cloud."""
        kind = self._kind(request.type)
        inputs = object_from_wire(request.new_inputs)
        named: list[Value] = []
        if kind.autoname and kind.autoname not in inputs and f"{kind.autoname}Prefix" not in inputs:
            inputs[kind.autoname] = self._name(kind, request)
            named.append(kind.autoname)
        fields = resource_inputs(kind.token)
        if fields is None:
            raise ProviderError(f"the installed SDK has no resource {kind.token}")
        failures = list(type_failures(inputs, fields))
        failures = failures or list(table_failures(kind.token, kind.properties, inputs))
        if not failures:
            failures = [failure for check in kind.checks for failure in check(inputs)]
        checked: Object = {**inputs, _DEFAULTS: named} if named else inputs
        return protocol.CheckResponse(object_to_wire(checked), _wire_failures(failures))

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Nothing, an update or a replacement; an object that came up badly is replaced.

        The servicer puts the old inputs where the engine has the old state, whose status it keeps.
        """
        kind = self._kind(request.type)
        old, new = object_from_wire(request.old_state), object_from_wire(request.new_inputs)
        status = old.pop(STATUS_KEY, None)
        found = changes(kind, old, new)
        replaces = [change.path for change in found if change.replaces]
        details = {change.path: protocol.PropertyDiff(_difference(change), input_diff=True) for change in found}
        if kind.failed and status == kind.failed:
            # Terraform calls it tainted; the failed object stands in the way of a new one until it is deleted.
            replaces.append(kind.status)
            details[kind.status] = protocol.PropertyDiff(protocol.PropertyDiffKind.UPDATE_REPLACE, input_diff=False)
        return protocol.DiffResponse(
            changes=bool(details),
            replaces=replaces,
            delete_before_replace=bool(replaces) and self._keeps_name(kind, request, old, new),
            diffs=[path.split(".")[0].split("[")[0] for path in details],
            detailed_diff=details,
        )

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Make an object, or say what a preview can know of it."""
        kind = self._kind(request.type)
        inputs = object_from_wire(request.properties)
        if request.preview:
            unknown: Object = dict.fromkeys(resource_outputs(kind.token), UNKNOWN)
            common = {} if has_unknown(inputs) else self._common(kind, inputs)
            shown = self._cloud.foreseen(as_previewed(kind, inputs))
            return protocol.CreateResponse("", object_to_wire({**unknown, **shown, **common}))
        record = await asyncio.to_thread(self._operations.create, kind, request.name, inputs)
        return protocol.CreateResponse(record.identifier, object_to_wire(self._operations.outputs(kind, record)))

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        """The object as the cloud has it, with whatever was changed by other hands."""
        kind = self._kind(request.type)
        record = await asyncio.to_thread(self._operations.read, kind, request.resource_id)
        if record is None:
            return protocol.ReadResponse("")
        outputs, listed = self._operations.outputs(kind, record), self._operations.listed(kind, record)
        inputs = object_to_wire({**record.inputs, **_listed_since(listed, request)})
        kept = {key: value for key, value in request.inputs.items() if key == _DEFAULTS}
        return protocol.ReadResponse(record.identifier, object_to_wire(outputs), {**inputs, **kept})

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Change an object, or say what a preview can know of it."""
        kind = self._kind(request.type)
        inputs = object_from_wire(request.news)
        if request.preview:
            old = object_from_wire(request.olds)
            return protocol.UpdateResponse(object_to_wire(as_changed(kind, old, inputs)))
        record = await asyncio.to_thread(self._operations.update, kind, request.resource_id, inputs)
        return protocol.UpdateResponse(object_to_wire(self._operations.outputs(kind, record)))

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Take an object away."""
        await asyncio.to_thread(self._operations.delete, self._kind(request.type), request.resource_id)

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """Answer a look-up."""
        function = self._cloud.functions.get(request.tok)
        if function is None:
            raise ProviderError(_unknown("function", request.tok, self._cloud.functions))
        arguments = object_from_wire(request.args)
        own = arguments.get("region")
        region = own if isinstance(own, str) else self._cloud.region_of(self._operations.configuration)
        try:
            with self._store.transaction() as account:
                answer = function.answer(Call(account=account, region=region), arguments)
        except CloudError as error:
            raise ProviderError(f"invoking {request.tok}: {self._cloud.wording.asked(error)}") from error
        return protocol.InvokeResponse(object_to_wire({**arguments, "region": region, **answer}))

    async def cancel(self) -> None:
        """Nothing waits for long here."""

    def status_of(self, urn: str, state: Mapping[str, PropertyValue]) -> str:
        """The status in an object's state; empty for types without one."""
        token = urn.split("::")[-2].rsplit("$", maxsplit=1)[-1]
        kind = self._cloud.kinds.get(token)
        value = state[kind.status].value if kind is not None and kind.status in state else None
        return value if isinstance(value, str) else ""

    def _common(self, kind: Kind, inputs: Object) -> Object:
        configuration = self._operations.configuration
        return self._cloud.decorate(kind, inputs, configuration, self._cloud.region_of(configuration))

    def _kind(self, token: str) -> Kind:
        kind = self._cloud.kinds.get(token.rsplit("$", maxsplit=1)[-1])
        if kind is None:
            raise ProviderError(_unknown("resource type", token, self._cloud.kinds))
        return kind

    def _name(self, kind: Kind, request: protocol.CheckRequest) -> str:
        old = request.old_inputs.get(kind.autoname)
        if old is not None and isinstance(old.value, str) and _DEFAULTS in request.old_inputs:
            return old.value
        chance = random.Random(request.random_seed)  # noqa: S311 - the engine's seed, so that a plan can be repeated
        return f"{request.name}-{chance.randrange(16**7):07x}"

    def _keeps_name(self, kind: Kind, request: protocol.DiffRequest, old: Object, new: Object) -> bool:
        """Whether the new object would have the old one's name, which is taken."""
        own_choice = _DEFAULTS in request.new_inputs
        return bool(kind.autoname) and not own_choice and old.get(kind.autoname) == new.get(kind.autoname)

    def _decoded(self, wire: Mapping[str, PropertyValue]) -> Object:
        """The provider's configuration, of which all that is not text arrives as JSON text."""
        fields = provider_inputs(self._cloud.package)
        decoded: Object = {}
        for name, value in object_from_wire(wire).items():
            shape = fields.shapes.get(name) if fields else None
            is_text = isinstance(shape, Scalar) and shape.name == "string"
            if isinstance(value, str) and not is_text and shape is not None:
                decoded[name] = _parsed(value)
            elif name != "version":
                decoded[name] = value
        return decoded


def _listed_since(listed: Object, request: protocol.ReadRequest) -> Object:
    """Inputs of what other objects are listed in: the state's own, or the list itself where it is another than then.

    The provider takes the difference between the old answer and the new one into the inputs: pulumi-azure-native,
    provider/pkg/provider/provider.go, Read; seen in its issues 1298, 2059 and 2719.
    """
    answered, known = object_from_wire(request.properties), object_from_wire(request.inputs)
    return {
        path: known[path] if answered.get(path) == value and path in known else value for path, value in listed.items()
    }


def _parsed(value: str) -> Value:
    try:
        parsed: Value = json.loads(value)
    except ValueError:
        return value
    return parsed


def _difference(change: Change) -> protocol.PropertyDiffKind:
    kinds = protocol.PropertyDiffKind
    if change.added:
        return kinds.ADD_REPLACE if change.replaces else kinds.ADD
    if change.removed:
        return kinds.DELETE_REPLACE if change.replaces else kinds.DELETE
    return kinds.UPDATE_REPLACE if change.replaces else kinds.UPDATE


def _wire_failures(failures: Iterable[Failure]) -> list[protocol.CheckFailure]:
    return [protocol.CheckFailure(failure.path, failure.reason) for failure in failures]


def _unknown(what: str, token: str, known: Iterable[str]) -> str:
    near = get_close_matches(token, list(known), n=1)
    hint = f" (nearest: {near[0]})" if near else ""
    return f"the simulated cloud has no {what} {token}{hint}; add it to the tables with its source"
