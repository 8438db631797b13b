"""Custom resource definitions that every start makes sure of.

They come from the operators' own releases, which the toolchain lays into ``.strata/crds``, or from
the directory that ``CRD_DIR`` names. Only files that are new or changed are sent. A cluster of a cloud or of hosts gets
only the latter: what it is to know besides Kubernetes, the program has to install.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from components.contracts.errors import StrataError

from .binaries import find_binaries
from .layout import Layout
from .record import Record, read_record, write_record

_PATIENCE_SECONDS = 600
# Arguments of one kubectl call; far below any limit of the system.
_BATCH = 100


def apply_crds(layout: Layout, tell: Callable[[str], None], *, is_bare: bool = False) -> list[str]:
    """Apply those that are new or changed; the names of what was done.

    Args:
        layout: The control plane.
        tell: Progress.
        is_bare: Whether only definitions that the user names are applied.

    Raises:
        StrataError: The API server refuses one of them.
    """
    record = read_record(layout.record)
    if record is None:
        return []
    digests = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(layout, is_bare=is_bare)}
    changed = [path for path, digest in digests.items() if record.crds.get(path) != digest]
    if not changed:
        return []
    tell(f"installing {len(changed)} custom resource definitions")
    for begin in range(0, len(changed), _BATCH):
        _apply(layout, changed[begin : begin + _BATCH])
    write_record(layout.record, record.model_copy(update={"crds": {**record.crds, **digests}}))
    return [f"{len(changed)} CRDs"]


def apply_folder(layout: Layout, folder: Path) -> None:
    """Apply every definition of a folder, for a control plane that brings kinds of its own.

    Raises:
        StrataError: The API server refuses one of them.
    """
    _apply(layout, [str(path) for path in sorted(folder.glob("*.y*ml"))])


def forget(layout: Layout, record: Record) -> None:
    """Take all for new at the next start."""
    write_record(layout.record, record.model_copy(update={"crds": {}}))


def _files(layout: Layout, *, is_bare: bool) -> list[Path]:
    chosen = os.environ.get("CRD_DIR")
    if is_bare and not chosen:
        return []
    folder = Path(chosen).expanduser().resolve() if chosen else layout.state / "crds"
    if chosen and not folder.is_dir():
        raise StrataError.of(
            "CRD_DIR",
            cause=f"{folder} is no directory",
            consequence="the cluster would not know the resources of any operator",
            fix="name a directory with CRD files, or unset CRD_DIR",
        )
    # One level of links, as the toolchain links each bundle; Path.rglob would not follow them.
    folders = [folder, *(entry for entry in folder.glob("*") if entry.is_dir())] if folder.is_dir() else []
    return sorted({path for root in folders for path in root.glob("*.y*ml")})


def _apply(layout: Layout, paths: list[str]) -> None:
    kubectl = find_binaries(layout.state)["kubectl"]
    command = [str(kubectl), f"--kubeconfig={layout.kubeconfig}", "apply", "--server-side", "--force-conflicts"]
    files = [argument for path in paths for argument in ("-f", path)]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS)
    if done.returncode:
        raise StrataError.of(
            "custom resource definitions",
            cause=done.stderr.strip()[-500:],
            consequence="objects of these kinds could not be created",
            fix="correct the file that is named, or remove it",
        )
