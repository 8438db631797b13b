"""Taking files out of an archive.

Owns tar, zip and bare files, and refuses any archive with a member that would land outside: one such member says that
the archive is not what it should be. Only the files asked for are written.
"""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath


class BadArchiveError(Exception):
    """The archive cannot be trusted or lacks what it should hold."""


def take(archive: Path, kind: str, members: Mapping[str, str], into: Path) -> None:
    """Writes `members` (name to write → name in the archive) below `into`, executable."""
    into.mkdir(parents=True, exist_ok=True)
    try:
        if kind == "tar.gz":
            _take_from_tar(archive, members, into)
        elif kind == "zip":
            _take_from_zip(archive, members, into)
        else:
            for name in members:
                shutil.copyfile(archive, into / name)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise BadArchiveError(f"{archive.name} cannot be read: {error}") from error
    for name in members:
        (into / name).chmod(0o755)


def _take_from_tar(archive: Path, members: Mapping[str, str], into: Path) -> None:
    with tarfile.open(archive, "r:gz") as tar:
        entries = {_inside(entry.name, archive): entry for entry in tar.getmembers()}
        for name, member in members.items():
            entry = entries.get(member)
            source = tar.extractfile(entry) if entry is not None and entry.isfile() else None
            if source is None:
                raise BadArchiveError(f"{archive.name} holds no file {member}")
            with source, (into / name).open("wb") as target:
                shutil.copyfileobj(source, target)


def _take_from_zip(archive: Path, members: Mapping[str, str], into: Path) -> None:
    with zipfile.ZipFile(archive) as bundle:
        entries = {_inside(entry.filename, archive): entry for entry in bundle.infolist()}
        for name, member in members.items():
            entry = entries.get(member)
            if entry is None or entry.is_dir():
                raise BadArchiveError(f"{archive.name} holds no file {member}")
            with bundle.open(entry) as source, (into / name).open("wb") as target:
                shutil.copyfileobj(source, target)


def _inside(name: str, archive: Path) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise BadArchiveError(f"{archive.name} holds {name}, which would land outside the target folder")
    return str(path)
