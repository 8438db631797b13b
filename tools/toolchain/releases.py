"""Installing official releases.

Owns download, checksum, unpacking and trying the result out. It deliberately treats every failure alike: the tool is
built from source instead, and the reason is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from . import archives, path_search
from .checksums import ChecksumError, verify
from .manifest import Release, Tool
from .platforms import Platform
from .store import Store
from .versioning import Version
from .web import UnreachableError, Web


class ReleaseError(Exception):
    """This tool cannot come from an official release here; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A release with its texts filled in for this platform."""

    release: Release
    version: str
    platform: Platform

    @property
    def url(self) -> str:
        """Where the file is."""
        return self.release.filled(self.release.url, self.version, self.platform)

    @property
    def checksum_url(self) -> str:
        """Where its checksum is."""
        return self.release.filled(self.release.checksum_url, self.version, self.platform)

    @property
    def members(self) -> dict[str, str]:
        """Files to take out of it, by the name that they get."""
        filled = self.release.members.items()
        return {name: self.release.filled(member, self.version, self.platform) for name, member in filled}


def offer(release: Release | None, version: str, platform: Platform) -> Offer | None:
    """The release for this platform, if its publisher makes one."""
    if release is None or str(platform) not in release.platforms:
        return None
    return Offer(release=release, version=version, platform=platform)


def recipe(chosen: Offer) -> str:
    """Names what an installed release was made from."""
    text = repr((sorted(asdict(chosen.release).items()), chosen.version, str(chosen.platform)))
    return f"release:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class Releases:
    """Downloads into the store."""

    def __init__(self, store: Store, web: Web) -> None:
        self._store = store
        self._web = web

    def reachable(self, offers: Iterable[Offer]) -> tuple[set[str], set[str]]:
        """Hosts that answer and hosts that do not."""
        return self._web.reachable([url for one in offers for url in (one.url, one.checksum_url)])

    def install(self, tool: Tool, chosen: Offer) -> None:
        """Puts a tool into the store, or raises `ReleaseError`."""
        with self._store.making(tool.name) as scratch:
            if self._store.holds(tool.name, tool.version, recipe(chosen)):
                return
            prepared = scratch / "prepared"
            self.unpack(chosen, scratch, prepared / "bin")
            check_program(tool, prepared / "bin")
            self._store.put(tool.name, tool.version, prepared, recipe(chosen))

    def unpack(self, chosen: Offer, scratch: Path, into: Path) -> None:
        """Downloads, verifies and unpacks."""
        asset = Path(urlsplit(chosen.url).path).name
        download = scratch / asset
        try:
            self._web.file(chosen.url, download)
            verify(
                download,
                asset=asset,
                published=self._web.text(chosen.checksum_url),
                form=chosen.release.checksum_form,
                algorithm=chosen.release.algorithm,
            )
            archives.take(download, chosen.release.archive_kind(chosen.platform), chosen.members, into)
        except (UnreachableError, ChecksumError, archives.BadArchiveError) as error:
            raise ReleaseError(str(error)) from error


def check_program(tool: Tool, folder: Path) -> None:
    """Runs the program once: one for another system, or with a wrong version in it, is found out here."""
    if tool.path is None:
        return
    found = path_search.asked_version(folder / tool.binaries[0], tool.path)
    if found != Version.parse(tool.version):
        said = f"says that it is {found}" if found else "does not run"
        raise ReleaseError(f"{tool.binaries[0]} {said}; {tool.version} was expected")
