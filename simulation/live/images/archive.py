"""An image as one file: the archive that ``docker save`` writes, which containerd, crane, kind and k3d take."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .layers import EPOCH, Layer, write_layer

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a container of the image starts.

    Attributes:
        entrypoint: Program with its first arguments.
        command: Arguments that a pod may replace.
        user: User id, and group id after a colon.
        environment: Variables beside ``PATH``.
        folder: Working folder.
    """

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: str = "/"

    def config(self) -> dict[str, object]:
        """As the image's configuration has it."""
        variables = {"PATH": _PATH, **self.environment}
        written: dict[str, object] = {
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.command),
            "User": self.user,
            "Env": [f"{name}={value}" for name, value in variables.items()],
            "WorkingDir": self.folder,
        }
        return {key: value for key, value in written.items() if value}


def write_archive(name: str, layers: Sequence[Layer], start: Start, architecture: str, target: Path) -> None:
    """Write the image; ``target`` is there only when it is whole.

    Args:
        name: What a manifest calls it, without a digest.
        layers: Lowest first.
        start: How it starts.
        architecture: As Go names it, such as ``amd64``.
        target: The file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as scratch:
        digests: list[str] = []
        for number, layer in enumerate(layers):
            written = Path(scratch) / f"layer{number}"
            digests.append(write_layer(layer, written))
            written.rename(Path(scratch) / digests[-1])
        config = json.dumps(_config(digests, start, architecture), sort_keys=True).encode()
        config_name = f"{hashlib.sha256(config).hexdigest()}.json"
        paths = [f"{digest}/layer.tar" for digest in digests]
        manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": paths}]).encode()
        whole = Path(scratch) / "image.tar"
        with tarfile.open(whole, "w", format=tarfile.PAX_FORMAT) as archive:
            _put(archive, config_name, config)
            for digest, path in zip(digests, paths, strict=True):
                if path not in archive.getnames():
                    _put_file(archive, path, Path(scratch) / digest)
            _put(archive, "manifest.json", manifest)
        os.replace(whole, target)  # noqa: PTH105 - over another one, on every platform


def _config(digests: Sequence[str], start: Start, architecture: str) -> dict[str, object]:
    return {
        "architecture": architecture,
        "os": "linux",
        "created": "2023-11-14T22:13:20Z",
        "config": start.config(),
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": [{"created_by": "strata live images"} for _ in digests],
    }


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mtime = len(content), EPOCH
    archive.addfile(about, io.BytesIO(content))


def _put_file(archive: tarfile.TarFile, name: str, source: Path) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mtime = source.stat().st_size, EPOCH
    with source.open("rb") as content:
        archive.addfile(about, content)
