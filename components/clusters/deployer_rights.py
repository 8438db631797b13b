"""What whoever deploys a stack has to be allowed at a cloud, by what the stack's program registers.

Each cloud keeps a table: the rights that each resource type needs, with the source of each. The document is written in
the cloud's own form, ready to be given to its command line.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
ACCOUNT = "account"
"""Stands in a table where a type would: what is asked of the account before anything is made, and logging in."""


@dataclass(frozen=True)
class Declared:
    """One resource that the program registers.

    Attributes:
        token: Its type.
        inputs: What the provider gets.
    """

    token: str
    inputs: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a stack needs at one cloud.

    Attributes:
        stack: Its name.
        rights: The rights, sorted.
        resources: What it registers there.
    """

    stack: str
    rights: Sequence[str]
    resources: Sequence[Declared]


@dataclass(frozen=True, kw_only=True)
class DeployerRights:
    """The rights at one cloud.

    Attributes:
        package: The provider's package, with which its types begin, such as ``kubernetes``.
        table: CSV file with the columns ``used_by``, ``right`` and ``source``.
        document: The rights in the cloud's own form.
        advice: What has to be given beside the document, and how it is put in place.
    """

    package: str
    table: Path
    document: Callable[[Wanted], dict[str, Json]]
    advice: Sequence[str]

    def wanted(self, stack: str, resources: Sequence[Declared]) -> Wanted | None:
        """What the stack needs there; None where it registers nothing there.

        Args:
            stack: Its name.
            resources: Everything that it registers, at any cloud.

        Raises:
            LookupError: The table does not know a type.
        """
        own = [made for made in resources if made.token.startswith(f"{self.package}:")]
        if not own:
            return None
        table = read_rights(self.table)
        unknown = sorted({made.token for made in own} - table.keys())
        if unknown:
            raise LookupError(f"{self.table.name} has no rights of {', '.join(unknown)}")
        used = {ACCOUNT, *(made.token for made in own)}
        rights = sorted({right for used_by in used for right in table[used_by]})
        return Wanted(stack=stack, rights=rights, resources=own)


@cache
def read_rights(table: Path) -> Mapping[str, frozenset[str]]:
    """The rights of each type; a type that needs none has a row without a right."""
    rights: dict[str, set[str]] = {}
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rights.setdefault(row["used_by"], set()).update([row["right"]] if row["right"] else [])
    return {used_by: frozenset(found) for used_by, found in rights.items()}
