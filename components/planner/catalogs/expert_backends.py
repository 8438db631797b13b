"""How engines send tokens to experts on other GPUs, a row for each engine, fabric and role of servers.

Owns the choice among the backends that a release of the engine has; ``since`` is the oldest release for which a row
was checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ...contracts.fabric import ExpertBackend
from ...contracts.serving import Engine, Role
from .table import Row, read_table, yes

NVLINK_DOMAIN = "nvlink-domain"
"""Stands for NVLink that joins several nodes, in place of a transport."""


def _row(row: Row) -> ExpertBackend:
    return ExpertBackend(
        engine=Engine(row["engine"]),
        since=row["since"],
        role=Role(row["role"]),
        backend=row["backend"],
        overlap=yes(row["overlap"]),
    )


@cache
def expert_backends() -> Mapping[str, tuple[ExpertBackend, ...]]:
    """The backends by transport, or for NVLink between nodes."""
    found: dict[str, tuple[ExpertBackend, ...]] = {}
    for row in read_table("expert_backends"):
        found[row["fabric"]] = (*found.get(row["fabric"], ()), _row(row))
    return found
