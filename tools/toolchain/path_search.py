"""Tools that the user already has.

Owns finding a program on PATH, asking it for its version and judging it. It deliberately skips the folders that the
installer itself fills, or yesterday's link would count as the user's own tool.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .manifest import PathRule, Tool
from .versioning import Version

# A wrapper that wants to log in or to download would otherwise hold everything up.
_ASK_SECONDS = 5.0


def search_folders(path: str, own: Sequence[Path]) -> list[Path]:
    """The folders of PATH, in order, less those that the installer fills."""
    skipped = [folder.resolve() for folder in own]
    folders: list[Path] = []
    for entry in path.split(os.pathsep):
        folder = Path(entry)
        if entry and not any(folder.resolve().is_relative_to(skip) for skip in skipped):
            folders.append(folder)
    return folders


def find(tool: Tool, folders: Sequence[Path]) -> Path | None:
    """The folder that holds a compatible set of this tool's programs; the first that does wins."""
    rule = tool.path
    if rule is None:
        return None
    for folder in folders:
        if not all(is_program(folder / binary) for binary in (*tool.binaries, *rule.requires)):
            continue
        version = asked_version(folder / tool.binaries[0], rule)
        if version is not None and rule.accept.accepts(version):
            return folder
    return None


def is_program(path: Path) -> bool:
    """Whether this user can run it."""
    return path.is_file() and os.access(path, os.X_OK)


def asked_version(program: Path, rule: PathRule) -> Version | None:
    """What the program says about itself; None when it does not run or says nothing."""
    try:
        answer = subprocess.run(
            [str(program), *rule.ask],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(rule.pattern, answer.stdout + answer.stderr)
    return Version.parse(match.group(1)) if match else None
