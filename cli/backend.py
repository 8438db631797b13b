"""What a killed run leaves in a file backend: locks and pending operations.

Finds them. ``engine`` removes locks and operations with the engine's own commands; files that make those commands fail
are removed here.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from components.contracts.errors import StrataError
from stacks.project import PROJECT


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Lock(_Model):
    """The lock of a stack, as the engine writes it."""

    pid: int
    username: str
    hostname: str
    timestamp: str

    @property
    def is_stale(self) -> bool:
        """Whether the process that took it ran on this machine and has ended."""
        return self.hostname == socket.gethostname() and not _is_engine(self.pid)


class _Operation(_Model):
    type: str


class _Deployment(_Model):
    pending_operations: list[_Operation] = []
    resources: list[_Operation] = []


class StateFile(_Model):
    """The part of an exported or stored state that matters here."""

    deployment: _Deployment | None = None
    checkpoint: _Checkpoint | None = None


class _Checkpoint(_Model):
    latest: _Deployment | None = None


StateFile.model_rebuild()


@dataclass(frozen=True)
class FileBackend:
    """A state folder on this machine."""

    folder: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> FileBackend | None:
        """The backend that the engine will use, when it is a folder."""
        url = environment.get("PULUMI_BACKEND_URL", "")
        return cls(Path(url.removeprefix("file://"))) if url.startswith("file://") else None

    def state_path(self, stack: str) -> Path:
        """Path of the stack's state file."""
        return self.folder / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"

    def locks(self, stack: str) -> list[Lock]:
        """Every readable lock on the stack."""
        folder = self.folder / ".pulumi" / "locks" / "organization" / PROJECT / stack
        found: list[Lock] = []
        for path in sorted(folder.glob("*.json")):
            try:
                found.append(Lock.model_validate_json(path.read_text()))
            except (OSError, ValidationError):
                # A lock whose writer was killed while it wrote; `pulumi cancel` removes it with the others.
                found.append(Lock(pid=0, username="unknown", hostname=socket.gethostname(), timestamp="unknown"))
        return found

    def drop_cut_off_attributes(self, stack: str) -> bool:
        """Remove truncated ``.attrs`` files that a killed engine left; whether there were any.

        The engine writes the state file atomically, but not the ``.attrs`` file beside it, which only holds a
        checksum and a content type: it cannot load the state with a truncated one, but can without one.
        """
        state = self.state_path(stack)
        broken = [path for path in state.parent.glob(f"{state.name}*.attrs") if not _is_json(path)]
        for path in broken:
            path.unlink()
        return bool(broken)

    def pending_operations(self, stack: str) -> int:
        """Number of operations that began and were never reported as finished.

        Raises:
            StrataError: The state is damaged.
        """
        path = self.state_path(stack)
        if not path.exists():
            return 0
        try:
            state = StateFile.model_validate_json(path.read_bytes())
        except ValidationError:
            raise StrataError.of(
                f"stack {stack}",
                cause=f"its state {path} is damaged",
                consequence="what the stack holds is unknown; nothing was changed",
                fix=f"restore the newest file of {self.folder / '.pulumi' / 'backups' / PROJECT / stack}",
            ) from None
        latest = state.checkpoint.latest if state.checkpoint else None
        return len(latest.pending_operations) if latest else 0


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


def _is_engine(pid: int) -> bool:
    """Whether the process is alive and an engine; the system reuses process ids."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    command = Path(f"/proc/{pid}/cmdline")
    return "pulumi" in command.read_bytes().decode(errors="replace") if command.exists() else True
