"""Layers of an image: files by their path, written to a tar archive that depends on nothing but them.

Owners are root's and the order is that of the paths. A file from a folder keeps its time: Python takes compiled code
only when it names the time of its source, and a read-only root file system cannot hold another. What is written here
has no time of its own and gets ``EPOCH``.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from typing_extensions import Buffer

EPOCH = 1_700_000_000
_BUFFER = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Member:
    """One path of a layer; exactly one of the last three says what it is, and none of them a folder.

    Attributes:
        mode: Permissions.
        mtime: Seconds since 1970.
        source: File whose content it has.
        content: Its content.
        target: What a symbolic link names.
    """

    mode: int = 0o755
    mtime: int = EPOCH
    source: Path | None = None
    content: bytes | None = None
    target: str | None = None


Layer = dict[str, Member]
"""Members by their path in the image, without a leading slash."""


def folder_members(folder: Path, at: str, left_out: tuple[str, ...] = ()) -> Layer:
    """Everything below a folder, as it is there.

    Args:
        folder: The folder.
        at: Where it lies in the image, such as ``/opt/venv``; ``/`` for its root.
        left_out: Patterns of paths in the image, such as ``usr/share/doc/*``.
    """
    found: Layer = {}
    prefix = PurePosixPath(at.strip("/"))
    for path in _walked(folder):
        inside = str(prefix / path.relative_to(folder).as_posix())
        if any(fnmatch(inside, pattern) for pattern in left_out):
            continue
        about = path.lstat()
        mode, mtime = stat.S_IMODE(about.st_mode), int(about.st_mtime)
        if stat.S_ISLNK(about.st_mode):
            found[inside] = Member(mode=0o777, mtime=mtime, target=str(path.readlink()))
        elif stat.S_ISDIR(about.st_mode):
            found[inside] = Member(mode=mode, mtime=mtime)
        elif stat.S_ISREG(about.st_mode):
            found[inside] = Member(mode=mode, mtime=mtime, source=path)
    return found


def _walked(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(where) / name


def with_parents(layer: Mapping[str, Member]) -> Layer:
    """The layer with every folder above its members, so that none gets a mode of the unpacker's choice."""
    found = dict(layer)
    for path in layer:
        for parent in PurePosixPath(path).parents:
            if str(parent) != ".":
                found.setdefault(str(parent), Member())
    return found


class _Hashed(io.RawIOBase):
    """Hands on what is written, and knows its SHA-256."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def write(self, data: Buffer, /) -> int:
        """Take the next bytes."""
        written = bytes(data)
        self.digest.update(written)
        return self._stream.write(written)


def write_layer(layer: Mapping[str, Member], target: Path) -> str:
    """Write the layer as an uncompressed tar archive and return its SHA-256 in hex."""
    complete = with_parents(layer)
    with target.open("wb") as stream:
        hashed = _Hashed(stream)
        with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=_BUFFER) as archive:
            for path in sorted(complete):
                _add(archive, path, complete[path])
    return hashed.digest.hexdigest()


def _add(archive: tarfile.TarFile, path: str, member: Member) -> None:
    about = tarfile.TarInfo(path)
    about.mode, about.mtime, about.uname, about.gname = member.mode, member.mtime, "root", "root"
    if member.target is not None:
        about.type, about.linkname = tarfile.SYMTYPE, member.target
        archive.addfile(about)
    elif member.source is not None:
        about.size = member.source.stat().st_size
        with member.source.open("rb") as content:
            archive.addfile(about, content)
    elif member.content is not None:
        about.size = len(member.content)
        archive.addfile(about, io.BytesIO(member.content))
    else:
        about.type = tarfile.DIRTYPE
        archive.addfile(about)


def layer_key(layer: Mapping[str, Member], content_of: Callable[[Path], str]) -> str:
    """What the layer's bytes depend on, as one hash.

    Args:
        layer: The layer.
        content_of: Stands for the content of a file; the same text means the same content.
    """
    digest = hashlib.sha256()
    for path in sorted(layer):
        member = layer[path]
        content = content_of(member.source) if member.source else (member.content or b"").hex()
        digest.update(repr((path, member.mode, member.mtime, member.target, content)).encode())
    return digest.hexdigest()
