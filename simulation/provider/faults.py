"""Failures that a test asks for, and the record of calls that it may look at afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from .store import Account


class Moment(StrEnum):
    """When a failure strikes."""

    BEFORE = "before"
    """The call is refused and nothing happens."""
    AFTER = "after"
    """The object exists, comes up badly, and the program hears of it."""
    LOST = "lost"
    """The object exists, and the answer with its id never arrives."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The next ``times`` operations of a kind fail.

    Attributes:
        operation: ``create``, ``read``, ``update`` or ``delete``.
        kind: Token of the type, with wildcards.
        name: Name of the object or of the resource in the program, with wildcards.
        code: Code of the error.
        message: Its words; the cloud's usual ones where empty.
        moment: When it strikes.
        times: How often.
    """

    operation: str
    kind: str
    code: str
    name: str = "*"
    message: str = ""
    moment: Moment = Moment.BEFORE
    times: int = 1


def plan_fault(account: Account, fault: Fault) -> None:
    """Let it happen."""
    account.connection.execute(
        "INSERT INTO faults (operation, kind, name, code, message, moment, times) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (fault.operation, fault.kind, fault.name, fault.code, fault.message, fault.moment.value, fault.times),
    )


def take_fault(account: Account, operation: str, kind: str, names: tuple[str, ...]) -> Fault | None:
    """The failure that is due for this call, which thereby happens once less."""
    rows: list[tuple[int, str, str, str, str, str, str, int]] = account.connection.execute(
        "SELECT number, operation, kind, name, code, message, moment, times FROM faults"
        " WHERE times > 0 AND operation = ? ORDER BY number",
        (operation,),
    ).fetchall()
    for number, _, wanted, name, code, message, moment, times in rows:
        if fnmatchcase(kind, wanted) and any(fnmatchcase(candidate, name) for candidate in names):
            account.connection.execute("UPDATE faults SET times = times - 1 WHERE number = ?", (number,))
            return Fault(
                operation=operation,
                kind=wanted,
                name=name,
                code=code,
                message=message,
                moment=Moment(moment),
                times=times - 1,
            )
    return None


def clear_faults(account: Account) -> None:
    """Let nothing further happen."""
    account.connection.execute("DELETE FROM faults")


@dataclass(frozen=True)
class CallRecord:
    """One call that the account answered."""

    operation: str
    kind: str
    identifier: str
    code: str
    """Code of the refusal; empty for a call that went well."""


def record_call(account: Account, call: CallRecord) -> None:
    """Note a call."""
    account.connection.execute(
        "INSERT INTO calls (operation, kind, id, code) VALUES (?, ?, ?, ?)",
        (call.operation, call.kind, call.identifier, call.code),
    )


def recorded_calls(account: Account) -> list[CallRecord]:
    """Every call that changed the account or was refused, in order."""
    rows: list[tuple[str, str, str, str]] = account.connection.execute(
        "SELECT operation, kind, id, code FROM calls ORDER BY number"
    ).fetchall()
    return [CallRecord(*row) for row in rows]
