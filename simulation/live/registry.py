"""Filling the registry of live nodes.

Owns how an image's name becomes a repository: the registry's host is left out, so containerd finds every name there.
"""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from components.contracts.errors import StrataError

from .addresses import REGISTRY
from .programs import Programs

_PARALLEL = 4
_AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"


def repository_of(name: str) -> str:
    """Where the registry keeps an image, as containerd asks for it: ``library/python:3.12`` of ``python:3.12``."""
    first, _, rest = name.partition("/")
    has_host = bool(rest) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if has_host else ("docker.io", name)
    path = path if "/" in path or host != "docker.io" else f"library/{path}"
    path, at, digest = path.partition("@")
    tagged = path if ":" in path.rpartition("/")[2] else f"{path}:latest"
    # An image that is pinned is pushed by its tag and found by its digest.
    return tagged if not at else f"{path.partition(':')[0]}:{digest.partition(':')[2][:32]}"


def push(programs: Programs, images: Mapping[str, str]) -> None:
    """Push each archive under its name; layers that are there already are not sent again.

    Raises:
        StrataError: when the registry does not take one.
    """

    def one(item: tuple[str, str]) -> None:
        name, archive = item
        _crane(programs, name, ["push", "--insecure", archive, _target(name)])

    with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
        list(pool.map(one, images.items()))


def let_trust(programs: Programs, name: str, certificate: Path, folder: Path) -> None:
    """Make an image's programs trust one server: it becomes the only authority that they know.

    Args:
        programs: Where crane is.
        name: An image that was pushed.
        certificate: The server's certificate.
        folder: Where the layer is written.
    """
    layer = folder / "trust.tar"
    with tarfile.open(layer, "w") as tar:
        entry = tarfile.TarInfo(_AUTHORITIES)
        entry.size, entry.mode = certificate.stat().st_size, 0o644
        with certificate.open("rb") as content:
            tar.addfile(entry, content)
    target = _target(name)
    _crane(programs, name, ["append", "--insecure", "--base", target, "--new_layer", str(layer), "--new_tag", target])


def _target(name: str) -> str:
    return f"{REGISTRY}/{repository_of(name)}"


def _crane(programs: Programs, name: str, arguments: Sequence[str]) -> None:
    argv = [str(programs["crane"]), *arguments]
    done = subprocess.run(argv, env=programs.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StrataError.of(
            f"image {name}",
            cause=f"the registry of the live nodes does not take it: {done.stderr.strip()[-300:]}",
            consequence="no pod that needs it could start",
            fix="see whether its archive is whole (make live-down, then make live makes it anew)",
        )
