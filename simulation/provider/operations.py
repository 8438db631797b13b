"""Create, read, update and delete against the account.

Owns the order of things within one operation: what is asked before anything is written, what happens
outside of the records, and what remains when it goes wrong in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from . import pace
from .checking import with_defaults
from .errors import CloudError, PartialFailureError, ProviderError
from .faults import CallRecord, Fault, Moment, record_call, take_fault
from .store import Account, Record, Store
from .tables import Call, Cloud, Kind
from .values import Object, leaves, merged

_RETRY_SECONDS = 0.01
_Result = TypeVar("_Result")


def _compared(record: Record, path: str) -> str:
    """A text or number by which objects are told apart, as refusals write it; empty where there is none."""
    found = record.get(path)
    if isinstance(found, float):
        found = round(found)
    return str(found) if isinstance(found, int | str) else ""


@dataclass(frozen=True)
class Operations:
    """One cloud's account as its provider changes it.

    Attributes:
        cloud: Its tables.
        store: The account.
        configuration: The provider's configuration.
    """

    cloud: Cloud
    store: Store
    configuration: Object

    def create(self, kind: Kind, name: str, inputs: Object) -> Record:
        """Make an object.

        Raises:
            ProviderError: when the cloud refuses.
            PartialFailureError: when it exists and came up badly.
        """

        def attempt(account: Account) -> Record:
            call = self._call(account, inputs)
            self._ask(kind, call, inputs, {})
            for demand in kind.on_create:
                demand(call, inputs)
            call = replace(call, identifier=kind.make_id(call, inputs))
            if account.get(kind.token, call.identifier) is not None and not kind.adopts:
                code, message = kind.exists
                raise CloudError(code, message.format(id=call.identifier))
            record = Record(
                kind=kind.token,
                identifier=call.identifier,
                inputs=inputs,
                computed={"region": call.region, **kind.compute(call, inputs), **kind.recompute(call, inputs)},
                status=kind.states[0] if kind.status else "",
                ready_at=time.time() + pace.seconds(kind.minutes),
            )
            account.put(record)
            record_call(account, CallRecord("create", kind.token, record.identifier, ""))
            return record

        record, fault = self._retry("create", kind, (name, *_names(kind, inputs)), attempt)
        if fault is not None and fault.moment is Moment.LOST:
            raise ProviderError(f"creating {kind.noun} ({record.identifier}): request send failed: {fault.code}")
        return self._bring_up(kind, record, fault)

    def _bring_up(self, kind: Kind, record: Record, fault: Fault | None) -> Record:
        try:
            if fault is not None:
                raise kind.words(self.store, record, fault.code, fault.message)
            computed = kind.effects.created(self.store, record)
        except CloudError as error:
            if kind.all_or_nothing:
                with self.store.transaction() as account:
                    account.remove(kind.token, record.identifier)
                raise ProviderError(self.cloud.wording.refused("create", kind, record.identifier, error, 1)) from error
            failed = self.store.amend(kind.token, record.identifier, status=kind.failed or None, computed={})
            record = failed or record
            raise PartialFailureError(
                record.identifier,
                record.inputs,
                self.outputs(kind, record),
                [self.cloud.wording.broken(kind, record.identifier, error)],
            ) from error
        time.sleep(max(0.0, record.ready_at - time.time()))
        ready = self.store.amend(
            kind.token, record.identifier, status=kind.states[1] if kind.status else "", computed=computed
        )
        if ready is None:
            raise ProviderError(f"waiting for {kind.noun} ({record.identifier}) create: couldn't find resource")
        return ready

    def read(self, kind: Kind, identifier: str) -> Record | None:
        """The object as it is; None when it is gone.

        Raises:
            ProviderError: when the cloud refuses.
        """

        def attempt(account: Account) -> Record | None:
            return account.get(kind.token, identifier)

        return self._retry("read", kind, (identifier,), attempt)[0]

    def update(self, kind: Kind, identifier: str, inputs: Object) -> Record:
        """Change an object.

        Raises:
            ProviderError: when the cloud refuses.
            PartialFailureError: when the change took place and it is not well.
        """

        def attempt(account: Account) -> Record:
            record = account.get(kind.token, identifier)
            if record is None:
                code, message = kind.missing
                raise CloudError(code, message.format(id=identifier))
            call = replace(self._call(account, inputs), identifier=identifier)
            self._ask(kind, call, inputs, record.inputs)
            for transition in kind.on_update:
                transition(call, record.properties, inputs)
            changed = replace(record, inputs=inputs, computed={**record.computed, **kind.recompute(call, inputs)})
            account.put(changed)
            record_call(account, CallRecord("update", kind.token, identifier, ""))
            return changed

        before = self.read(kind, identifier) if kind.all_or_nothing else None
        record, fault = self._retry("update", kind, (identifier, *_names(kind, inputs)), attempt)
        try:
            if fault is not None:
                raise kind.words(self.store, record, fault.code, fault.message)
            computed = kind.effects.updated(self.store, record)
        except CloudError as error:
            if before is not None:
                with self.store.transaction() as account:
                    account.put(before)
                raise ProviderError(self.cloud.wording.refused("update", kind, identifier, error, 1)) from error
            reason = self.cloud.wording.broken(kind, identifier, error)
            raise PartialFailureError(identifier, record.inputs, self.outputs(kind, record), [reason]) from error
        return self.store.amend(kind.token, identifier, computed=computed) or record

    def delete(self, kind: Kind, identifier: str) -> None:
        """Take an object away; nothing happens when there is none.

        Raises:
            ProviderError: when the cloud refuses.
        """

        def attempt(account: Account) -> Record | None:
            record = account.get(kind.token, identifier)
            if record is None:
                return None
            call = replace(self._call(account, record.inputs), identifier=identifier)
            for demand in kind.on_delete:
                demand(call, record.properties)
            holder = self._holder(account, kind, record)
            if holder is not None:
                code, message = kind.in_use
                raise CloudError(code, message.format(id=identifier, holder=holder.identifier))
            return record

        with self.store.transaction() as account:
            found = account.get(kind.token, identifier)
        names = (identifier, *_names(kind, found.inputs)) if found else (identifier,)
        record, _ = self._retry("delete", kind, names, attempt)
        if record is None:
            return
        try:
            kind.effects.deleted(self.store, record)
        except CloudError as error:
            raise ProviderError(self.cloud.wording.refused("delete", kind, identifier, error, 1)) from error
        time.sleep(pace.seconds(kind.delete_minutes))
        with self.store.transaction() as account:
            account.remove(kind.token, identifier)
            if kind.stays(record.properties):
                account.seed(kind.token, identifier, record.inputs, record.computed)
            record_call(account, CallRecord("delete", kind.token, identifier, ""))

    def outputs(self, kind: Kind, record: Record) -> Object:
        """What the program sees of an object."""
        inputs = with_defaults(kind, record.inputs)
        region = self._region(record.inputs)
        common = self.cloud.decorate(kind, record.inputs, self.configuration, region)
        status: Object = {kind.status: record.status} if kind.status else {}
        return {
            **merged(record.computed, inputs),
            **common,
            **status,
            **self.listed(kind, record),
            "id": record.identifier,
        }

    def listed(self, kind: Kind, record: Record) -> Object:
        """Properties that answers hold with more than was set."""
        with self.store.transaction() as account:
            return kind.listed(account, record)

    def _ask(self, kind: Kind, call: Call, inputs: Object, old: Object) -> None:
        for path, reference in kind.references:
            known = [value for _, value in leaves(old, path)]
            for _, value in leaves(inputs, path):
                if not isinstance(value, str) or value in reference.outside or value in known:
                    continue
                if call.account.find(reference.kinds, reference.by, value) is None:
                    raise CloudError(reference.code, reference.message.format(value=value))
        for unique in kind.unique:
            self._ask_unique(kind, call, unique.paths, inputs, unique.code, unique.message)
        for demand in kind.demands:
            demand(call, inputs)

    def _ask_unique(
        self, kind: Kind, call: Call, paths: tuple[str, ...], inputs: Object, code: str, message: str
    ) -> None:
        wanted = Record(kind=kind.token, identifier="", inputs=inputs)
        values = [_compared(wanted, path) for path in paths]
        for other in call.account.records(kind.token):
            if other.identifier != call.identifier and [_compared(other, path) for path in paths] == values:
                raise CloudError(code, message.format(*values, id=other.identifier))

    def _holder(self, account: Account, kind: Kind, record: Record) -> Record | None:
        """An object that keeps this one from being deleted."""
        for other in self.cloud.kinds.values():
            for path, reference in other.references:
                if not reference.holds or kind.token not in reference.kinds:
                    continue
                name = record.text(reference.by)
                for holder in account.where(other.token, path, name) if name else ():
                    if (holder.kind, holder.identifier) != (record.kind, record.identifier):
                        return holder
        return None

    def _retry(
        self, operation: str, kind: Kind, names: tuple[str, ...], attempt: Callable[[Account], _Result]
    ) -> tuple[_Result, Fault | None]:
        """Try as often as the provider does; word the refusal as the provider does.

        The failure that strikes is taken in a transaction of its own, as a refusal undoes all else.
        """
        wording = self.cloud.wording
        tries = 0
        while True:
            tries += 1
            with self.store.transaction() as account:
                fault = take_fault(account, operation, kind.token, names)
            try:
                if fault is not None and fault.moment is Moment.BEFORE and fault.code not in kind.comes_up_badly:
                    _strike(fault)
                with self.store.transaction() as account:
                    return attempt(account), fault
            except CloudError as error:
                with self.store.transaction() as account:
                    record_call(account, CallRecord(operation, kind.token, names[0], error.code))
                if error.code in wording.retried and tries < wording.attempts:
                    time.sleep(_RETRY_SECONDS)
                    continue
                raise ProviderError(wording.refused(operation, kind, names[0], error, tries)) from error

    def _call(self, account: Account, inputs: Object) -> Call:
        return Call(account=account, region=self._region(inputs))

    def _region(self, inputs: Object) -> str:
        own = inputs.get("region")
        return own if isinstance(own, str) else self.cloud.region_of(self.configuration)


def _names(kind: Kind, inputs: Object) -> tuple[str, ...]:
    name = inputs.get(kind.autoname) if kind.autoname else None
    return (name,) if isinstance(name, str) else ()


def _strike(fault: Fault | None) -> None:
    if fault is not None:
        raise CloudError(fault.code, fault.message or "injected failure")
