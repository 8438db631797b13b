"""Events as the engine writes them, for tests of reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from cli.report.changes import Run, run_of
from cli.report.events import read_events

SECRET: dict[str, JsonValue] = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "plaintext": "x",
}


def step(  # noqa: PLR0913 - one argument for each field of the event
    op: str,
    token: str,
    name: str,
    *,
    old: Mapping[str, JsonValue] | None = None,
    new: Mapping[str, JsonValue] | None = None,
    detailed: Mapping[str, str] | None = None,
    outputs: Mapping[str, JsonValue] | None = None,
    protect: bool = False,
) -> dict[str, JsonValue]:
    """One `resourcePreEvent`."""
    details: dict[str, JsonValue] = {
        path: {"diffKind": kind, "inputDiff": True} for path, kind in (detailed or {}).items()
    }
    metadata: dict[str, JsonValue] = {
        "op": op,
        "urn": f"urn:pulumi:aws::strata::{token}::{name}",
        "type": token,
        "old": None if old is None else {"inputs": dict(old), "outputs": dict(outputs or {}), "protect": protect},
        "new": None if new is None else {"inputs": dict(new)},
        "keys": [],
        "detailedDiff": details or None,
    }
    return {"resourcePreEvent": {"metadata": metadata}}


def summary(**counts: int) -> dict[str, JsonValue]:
    """The last event of a run."""
    return {"summaryEvent": {"resourceChanges": dict(counts)}}


def error(message: str) -> dict[str, JsonValue]:
    """A message that ends a run."""
    return {"diagnosticEvent": {"message": message, "severity": "error"}}


def run_from(folder: Path, *events: Mapping[str, JsonValue]) -> Run:
    """What reading a log with these events finds."""
    log = folder / "events"
    log.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return run_of(read_events(log))
