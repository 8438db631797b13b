"""Custom resource definitions that every start makes sure of."""

from __future__ import annotations

from collections.abc import Callable

from .layout import Layout
from .record import Record, write_record


def apply_crds(layout: Layout, tell: Callable[[str], None]) -> list[str]:
    """Apply those that are new or changed."""
    return []


def forget(layout: Layout, record: Record) -> None:
    """Take all for new at the next start."""
    write_record(layout.record, record.model_copy(update={"crds": {}}))
