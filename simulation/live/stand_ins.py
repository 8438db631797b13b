"""Images in the place of those that nothing builds: programs of ours under the commands that manifests name.

Owns the archives of such images. Their programs only wait until they are ended; ``make live`` lists them.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def stand_in(name: str, commands: Collection[str], waits: Path, folder: Path) -> Path:
    """An archive for an image.

    Args:
        name: Name of the image.
        commands: Programs that manifests start in it; its own entry point where there are none.
        waits: Program that does nothing until it is ended.
        folder: Where archives are kept.
    """
    files = {"usr/bin/wait": waits}
    for command in commands:
        path = PurePosixPath(command)
        place = str(path).lstrip("/") if path.is_absolute() else f"usr/bin/{path.name}"
        files[place] = waits
    layer = _layer(files)
    key = hashlib.sha256(name.encode() + layer).hexdigest()[:16]
    archive = folder / f"{key}.tar"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = archive.with_suffix(".part")
        _write(draft, name, layer)
        draft.replace(archive)
    return archive


def _layer(files: dict[str, Path]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        folders = {str(parent) for place in files for parent in PurePosixPath(place).parents if str(parent) != "."}
        for folder in sorted({*folders, "tmp"}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        for place, source in sorted(files.items()):
            entry = tarfile.TarInfo(place)
            body = source.read_bytes()
            entry.size, entry.mode = len(body), 0o755
            tar.addfile(entry, io.BytesIO(body))
    return content.getvalue()


def _write(archive: Path, name: str, layer: bytes) -> None:
    digest = hashlib.sha256(layer).hexdigest()
    config = json.dumps(
        {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Entrypoint": ["/usr/bin/wait"], "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
    ).encode()
    about = hashlib.sha256(config).hexdigest()
    index = json.dumps([{"Config": f"{about}.json", "RepoTags": [name], "Layers": [f"{digest}/layer.tar"]}])
    with tarfile.open(archive, "w") as tar:
        for path, body in (
            (f"{about}.json", config),
            (f"{digest}/layer.tar", layer),
            ("manifest.json", index.encode()),
        ):
            entry = tarfile.TarInfo(path)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
