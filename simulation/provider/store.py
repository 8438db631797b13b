"""What exists in a simulated account, kept outside of Pulumi's state.

Owns the file. Each change is one transaction, so that several provider processes may work at once
and one that is killed leaves nothing half written.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from .values import Object, Value, at, leaves, merged

_PATIENCE_SECONDS = 60.0
_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    kind TEXT, id TEXT, inputs TEXT, computed TEXT, status TEXT, ready_at REAL, seeded INTEGER, born REAL,
    PRIMARY KEY (kind, id)
);
CREATE TABLE IF NOT EXISTS faults (
    number INTEGER PRIMARY KEY, operation TEXT, kind TEXT, name TEXT, code TEXT, message TEXT, moment TEXT,
    times INTEGER
);
CREATE TABLE IF NOT EXISTS calls (number INTEGER PRIMARY KEY, operation TEXT, kind TEXT, id TEXT, code TEXT);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
"""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One object of the account.

    Attributes:
        kind: Token of its type.
        identifier: Its id, unique within the type.
        inputs: What was asked for.
        computed: What the cloud added.
        status: How it is; empty for types without a status.
        ready_at: When it is up, seconds since the epoch.
        seeded: Whether it was there before any program.
    """

    kind: str
    identifier: str
    inputs: Object
    computed: Object = field(default_factory=dict[str, Value])
    status: str = ""
    ready_at: float = 0.0
    seeded: bool = False

    @property
    def properties(self) -> Object:
        """All that is known of it; what was asked for wins."""
        return {"id": self.identifier, **merged(self.computed, self.inputs)}

    def get(self, path: str) -> Value:
        """One property."""
        return self.identifier if path == "id" else at(self.properties, path)

    def text(self, path: str) -> str:
        """One property, when it is text."""
        found = self.get(path)
        return found if isinstance(found, str) else ""

    def names(self, path: str, value: str) -> bool:
        """Whether the property, or an entry of it, is that text."""
        return any(found == value for _, found in leaves(self.properties, path))

    @property
    def is_up(self) -> bool:
        """Whether it has come up."""
        return time.time() >= self.ready_at


class Account:
    """The objects of the account within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def records(self, *kinds: str) -> list[Record]:
        """All objects of these types, or all, in the order in which they were made."""
        where = f"WHERE kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        rows = self._connection.execute(
            f"SELECT kind, id, inputs, computed, status, ready_at, seeded FROM objects {where} ORDER BY born, rowid",  # noqa: S608 - only question marks are put in
            kinds,
        )
        return [_record(row) for row in rows]

    def get(self, kind: str, identifier: str) -> Record | None:
        """The object of that id."""
        rows = self._connection.execute(
            "SELECT kind, id, inputs, computed, status, ready_at, seeded FROM objects WHERE kind = ? AND id = ?",
            (kind, identifier),
        ).fetchall()
        return _record(rows[0]) if rows else None

    def find(self, kinds: str | Iterable[str], path: str, value: str) -> Record | None:
        """The first object of which the property is that text."""
        wanted = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        if path == "id":
            return next((found for kind in wanted if (found := self.get(kind, value))), None)
        return next((record for record in self.records(*wanted) if record.get(path) == value), None)

    def where(self, kind: str, path: str, value: str) -> list[Record]:
        """Every object of the type whose property is, or holds, that text."""
        return [record for record in self.records(kind) if record.names(path, value)]

    def put(self, record: Record) -> None:
        """Write an object, new or changed."""
        self._connection.execute(
            "INSERT INTO objects (kind, id, inputs, computed, status, ready_at, seeded, born)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET inputs = excluded.inputs,"
            " computed = excluded.computed, status = excluded.status, ready_at = excluded.ready_at",
            (
                record.kind,
                record.identifier,
                json.dumps(record.inputs, sort_keys=True),
                json.dumps(record.computed, sort_keys=True),
                record.status,
                record.ready_at,
                record.seeded,
                time.time(),
            ),
        )

    def seed(self, kind: str, identifier: str, inputs: Object, computed: Object | None = None) -> Record:
        """Write an object that no program made."""
        record = Record(kind=kind, identifier=identifier, inputs=inputs, computed=computed or {}, seeded=True)
        self.put(record)
        return record

    def remove(self, kind: str, identifier: str) -> bool:
        """Take an object away; whether there was one."""
        gone = self._connection.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, identifier))
        return gone.rowcount > 0

    def fact(self, name: str) -> str | None:
        """A fact of the account that is no object, such as a quota."""
        rows = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchall()
        return cast("str", rows[0][0]) if rows else None

    def set_fact(self, name: str, value: str) -> None:
        """Set such a fact."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @property
    def connection(self) -> sqlite3.Connection:
        """For the modules that keep other tables in the same file."""
        return self._connection


class Store:
    """The file of one account.

    Args:
        path: Where it lies.
        seed: Fills an account that is new.
    """

    def __init__(self, path: Path, seed: Callable[[Account], None]) -> None:
        self.path = path
        self._seed = seed
        path.parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def transaction(self) -> Generator[Account]:
        """Look at the account and change it; all of it or, on an exception, nothing."""
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # a killed process loses nothing; a power cut may
            connection.execute("BEGIN IMMEDIATE")
            try:
                account = Account(connection)
                self._prepare(account)
                yield account
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prepare(self, account: Account) -> None:
        tables = account.connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
        if tables[0] == 0:
            for statement in filter(str.strip, _TABLES.split(";")):
                account.connection.execute(statement)
            self._seed(account)

    def amend(self, kind: str, identifier: str, *, status: str | None = None, computed: Object) -> Record | None:
        """Add outputs to an object and set its status, if it still exists."""
        with self.transaction() as account:
            record = account.get(kind, identifier)
            if record is None:
                return None
            changed = replace(
                record,
                computed={**record.computed, **computed},
                status=record.status if status is None else status,
            )
            account.put(changed)
            return changed


def _record(row: tuple[str, str, str, str, str, float, int]) -> Record:
    kind, identifier, inputs, computed, status, ready_at, seeded = row
    return Record(
        kind=kind,
        identifier=identifier,
        inputs=cast("Object", json.loads(inputs)),
        computed=cast("Object", json.loads(computed)),
        status=status,
        ready_at=ready_at,
        seeded=bool(seeded),
    )
