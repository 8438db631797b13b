"""Filling the registry of live nodes.

Owns how an image's name becomes a repository: the registry's host is left out, so containerd finds every name there.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from components.contracts.errors import StrataError

from .addresses import REGISTRY
from .programs import Programs


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
    for name, archive in images.items():
        target = f"{REGISTRY}/{repository_of(name)}"
        done = subprocess.run(
            [str(programs["crane"]), "push", "--insecure", archive, target],
            env=programs.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StrataError.of(
                f"image {name}",
                cause=f"the registry of the live nodes does not take it: {done.stderr.strip()[-300:]}",
                consequence="no pod that needs it could start",
                fix=f"see whether {archive} is a whole image archive, then run the same command again",
            )
