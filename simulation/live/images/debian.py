"""Debian packages, downloaded and unpacked, installed nowhere.

Which files a list of packages means is asked once and written down, so that the same image comes out of it until the
cache is removed. Scripts of packages do not run: what they would set up, such as the certificates' bundle, is made by
the part of the image that needs it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from components.contracts.errors import StrataError

from .commands import run

_URI = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+) SHA256:(?P<digest>[0-9a-f]{64})$", re.MULTILINE)
_SECONDS = 600


def unpacked(packages: Sequence[str], cache: Path) -> Path:
    """A folder with the content of these packages, the same one for the same files.

    Args:
        packages: Names, dependencies included.
        cache: Folder of the project's cache.

    Raises:
        StrataError: where apt or the packages cannot be had.
    """
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise _problem(packages, f"{program} is not installed")
    cache.mkdir(parents=True, exist_ok=True)
    asked = hashlib.sha256("\n".join(sorted(packages)).encode()).hexdigest()[:16]
    listing = cache / f"debian-{asked}.json"
    if not listing.is_file():
        listing.write_text(json.dumps(_versions(packages, cache), indent=1))
    files: dict[str, str] = json.loads(listing.read_text())
    made = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
    folder = cache / f"debian-{made}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=cache, prefix=".making-") as scratch:
            _download(packages, files, Path(scratch), cache)
            root = Path(scratch) / "root"
            for file in sorted(files):
                _run(["dpkg-deb", "-x", str(Path(scratch) / file), str(root)], packages)
            root.rename(folder)
    return folder


def _versions(packages: Sequence[str], cache: Path) -> dict[str, str]:
    """SHA-256 of each package's file, by its name."""
    _apt(["update", "-qq"], packages, cache)
    answer = _apt(["download", "--print-uris", *packages], packages, cache)
    found = {match["file"]: match["digest"] for match in _URI.finditer(answer)}
    if len(found) != len(set(packages)):
        raise _problem(packages, f"apt names {len(found)} files for {len(set(packages))} packages")
    return found


def _download(packages: Sequence[str], files: dict[str, str], folder: Path, cache: Path) -> None:
    _apt(["download", "-qq", *(_pinned(file) for file in sorted(files))], packages, cache, folder)
    for file, digest in files.items():
        if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
            raise _problem(packages, f"{file} is not the file that was written down in {cache}")


def _pinned(file: str) -> str:
    name, version, _ = file.removesuffix(".deb").split("_")
    return f"{name}={version.replace('%3a', ':')}"


def _apt(arguments: Sequence[str], packages: Sequence[str], cache: Path, folder: Path | None = None) -> str:
    """Run apt with lists of its own, as the system's may be missing and only root may renew them."""
    state = cache / "apt"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    own = ["-o", f"Dir::State::Lists={state}/lists", "-o", f"Dir::Cache={state}", "-o", "APT::Sandbox::User="]
    (state / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    return _run(["apt-get", *own, *arguments], packages, folder)


def _run(argv: Sequence[str], packages: Sequence[str], folder: Path | None = None) -> str:
    return run(argv, partial(_problem, packages), folder=folder, seconds=_SECONDS)


def _problem(packages: Sequence[str], cause: str) -> StrataError:
    return StrataError.of(
        "live images",
        cause=f"packages of Debian 12 such as {packages[0]} cannot be had: {cause}",
        consequence="images that are made of them are missing, so their pods could not start",
        fix="run on Debian 12 with a way to its mirror, or with the internet LIVE_IMAGES=real, which pulls the "
        "published images instead",
    )
