"""What a control plane has to remember between runs: its ports and how it was installed.

Owns reading and writing it whole or not at all, so that a killed run leaves the old or the new.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from components.contracts.model import Contract

from .ports import Ports


class Record(Contract):
    """The remembered facts."""

    ports: Ports
    installed: str = ""
    """Digest of everything the installation was made from; empty while it is not finished."""
    since: float = 0.0
    """When all processes were last started, seconds since 1970."""
    crds: dict[str, str] = {}
    """Digest of each CRD file that was applied, by path."""


def read_record(path: Path) -> Record | None:
    """The record; None where there is none or a broken one, which is treated as a half-made cluster."""
    try:
        return Record.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write_record(path: Path, record: Record) -> None:
    """Replace the record."""
    write_whole(path, record.model_dump_json(indent=2))


def write_whole(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file so that it has the old or the new content even if this process is killed."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
