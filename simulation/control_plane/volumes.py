"""Folders that the controller manager makes for volumes on this machine.

Owns removing those of a cluster whose objects are thrown away. While a cluster lives, the
controller manager makes and removes them itself, always below one fixed folder.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

VOLUMES = Path("/tmp/hostpath_pv")  # noqa: S108 - fixed in Kubernetes, volume/hostpath
_VOLUME = re.compile(rb"/tmp/hostpath_pv/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def remove_volumes(etcd_data: Path) -> int:
    """Remove the folder of every volume that the database mentions; how many there were.

    The files are searched as they are, since the cluster may be too damaged to be asked.
    """
    names: set[str] = set()
    for file in etcd_data.rglob("*"):
        if file.is_file():
            names |= {found.decode() for found in _VOLUME.findall(file.read_bytes())}
    folders = [folder for folder in (VOLUMES / name for name in names) if folder.is_dir()]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        VOLUMES.rmdir()
    return len(folders)
