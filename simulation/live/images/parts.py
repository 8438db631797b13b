"""What images are made of."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from components.contracts.errors import StrataError

from .debian import unpacked
from .layers import Layer, Member, folder_members

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def go_architecture() -> str:
    """This machine's architecture as Go, and images, name it."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where parts come from.

    Attributes:
        programs: Folders with programs of the toolchain, such as ``.strata/bin``.
        cache: Folder of the project's cache for images.
    """

    programs: tuple[Path, ...]
    cache: Path


@dataclass(frozen=True)
class Program:
    """A program of the toolchain at a path of the image, and links to it; it is static but for those that need C."""

    name: str
    at: str
    links: tuple[str, ...] = ()

    def layer(self, sources: Sources) -> Layer:
        """Its file and links."""
        found = shutil.which(self.name, path=os.pathsep.join(map(str, sources.programs)))
        if found is None:
            raise StrataError.of(
                "toolchain",
                cause=f"{self.name} is in none of {', '.join(map(str, sources.programs))}",
                consequence=f"the image with {self.at} cannot be made",
                fix="make toolchain-live, or for a controller make toolchain-controllers",
            )
        inside = self.at.strip("/")
        links = {link.strip("/"): Member(mode=0o777, target=f"/{inside}") for link in self.links}
        return {inside: Member(source=Path(found).resolve()), **links}


@dataclass(frozen=True)
class Debian:
    """Packages of Debian 12, unpacked; what nothing reads at run time is left out."""

    packages: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def layer(self, sources: Sources) -> Layer:
        """Every file of the packages."""
        root = unpacked(self.packages, sources.cache)
        found = folder_members(root, "/", (*_NEVER_READ, *self.left_out))
        bundle = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
        if bundle:
            text = b"".join(path.read_bytes() for path in bundle)
            found["etc/ssl/certs/ca-certificates.crt"] = Member(mode=0o644, content=text)
        return found


_NEVER_READ = ("usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/info/*", "usr/share/lintian/*")


@dataclass(frozen=True, kw_only=True)
class Files:
    """Folders by their permissions, and small files by their text."""

    folders: Mapping[str, int] = field(default_factory=dict[str, int])
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    links: Mapping[str, str] = field(default_factory=dict[str, str])

    def layer(self, _sources: Sources) -> Layer:
        """The folders, files and links."""
        return {
            **{path.strip("/"): Member(mode=mode) for path, mode in self.folders.items()},
            **{path.strip("/"): Member(mode=0o644, content=text.encode()) for path, text in self.texts.items()},
            **{path.strip("/"): Member(mode=0o777, target=target) for path, target in self.links.items()},
        }


class Part(Protocol):
    """Something that a layer is made of."""

    def layer(self, sources: Sources, /) -> Layer:
        """Its files."""
        ...
