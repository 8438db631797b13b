"""Entry of the catalog Job: says why the volume cannot be written before anything is downloaded.

It runs in the Job from the same ConfigMap as ``fetch_program``, which lies beside it as ``downloads.py``, uses the
standard library alone and imports nothing of Strata.
"""

from __future__ import annotations

import json
import os
import runpy
import stat
import sys
import tempfile
from pathlib import Path

COMPLETE = ".complete"


def refused_folder(catalog: Path, listing: Path) -> Path | None:
    """The first folder that refuses a file that some model needs; None when each takes one."""
    for entry in json.loads(listing.read_text()):
        folder = catalog / entry["path"]
        try:
            if (folder / COMPLETE).exists():
                continue
            while not folder.exists():
                folder = folder.parent
            with tempfile.TemporaryFile(dir=folder):
                pass
        except PermissionError:
            return folder
    return None


def explanation(folder: Path) -> str:
    """Why the folder refuses files, and what to do about it."""
    about, groups = folder.stat(), ", ".join(map(str, os.getgroups())) or "none"
    return (
        f"{folder}: Permission denied: this Job runs as user {os.getuid()} with groups {groups} (the last is the pod's "
        f"fsGroup), and the folder belongs to user {about.st_uid}, group {about.st_gid}, mode "
        f"{stat.filemode(about.st_mode)}.\n"
        "The CSI driver of the storage class leaves owners as they are on volumes that many nodes mount: see "
        "fsGroupPolicy in `kubectl get csidrivers -o yaml`.\n"
        f"Fix: as root, in a pod of a namespace that allows it, run `chown {os.getuid()}:{os.getgid()}` on the root "
        "folder of the volume once; or use a class whose driver sets owner or mode, such as by fsGroupPolicy: File, "
        "mountPermissions, or uid and gid of an access point."
    )


def main() -> int:
    """Check the volume, then fetch; 1 when it cannot be written or a model cannot be fetched."""
    folder = refused_folder(Path(os.environ["CATALOG_DIR"]), Path(os.environ["MODELS_FILE"]))
    if folder is not None:
        print(explanation(folder), file=sys.stderr)
        return 1
    runpy.run_path(str(Path(__file__).with_name("downloads.py")), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
