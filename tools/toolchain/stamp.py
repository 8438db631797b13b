"""The proof that nothing is to be done.

Owns the stamp in `.strata/`: what the toolchain was made from and where its parts are. The second `make up` reads this
file, looks at each part and is done; no program is started.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from .manifest import Group
from .workspace import Workspace, replace_text


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What was installed."""

    key: str
    groups: tuple[Group, ...]
    programs: dict[str, str]
    marks: dict[str, str]


def key(sources: Sequence[Path], cache: Path) -> str:
    """Changes with every file that says what is to be installed, and with the place where it is kept."""
    digest = hashlib.sha256(str(cache).encode())
    for file in sorted(sources):
        digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def read(workspace: Workspace) -> Stamp | None:
    """The last stamp, if there is a readable one."""
    try:
        loaded: object = json.loads(_file(workspace).read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(loaded, dict):
        return None
    fields = cast("dict[str, object]", loaded)
    groups = fields.get("groups")
    names = cast("list[object]", groups) if isinstance(groups, list) else []
    return Stamp(
        key=str(fields.get("key")),
        groups=tuple(group for group in Group if group.value in names),
        programs=_texts(fields.get("programs")),
        marks=_texts(fields.get("marks")),
    )


def write(workspace: Workspace, stamp: Stamp) -> None:
    """Keeps it for the next run."""
    fields = {"key": stamp.key, "groups": list(stamp.groups), "programs": stamp.programs, "marks": stamp.marks}
    replace_text(_file(workspace), json.dumps(fields, indent=2) + "\n")


def is_current(stamp: Stamp | None, wanted_key: str, groups: Sequence[Group]) -> bool:
    """Whether all that is wanted is there and untouched."""
    if stamp is None or stamp.key != wanted_key or not set(groups) <= set(stamp.groups):
        return False
    return all(mark(Path(path)) == known for path, known in stamp.marks.items())


def marks(paths: Sequence[Path]) -> dict[str, str]:
    """How each file looks now."""
    return {str(path): mark(path) for path in paths}


def mark(path: Path) -> str:
    """Size and time of a file, or nothing when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}" if path.is_file() else "folder"


def _file(workspace: Workspace) -> Path:
    return workspace.state / "toolchain.json"


def _texts(value: object) -> dict[str, str]:
    items = cast("dict[str, object]", value).items() if isinstance(value, dict) else ()
    return {name: text for name, text in items if isinstance(text, str)}
