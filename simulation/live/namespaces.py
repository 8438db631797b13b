"""The namespaces of live nodes and the processes in them.

Owns finding processes, entering namespaces and ending what is in them. Nothing is believed that was written down: a
process is a node's when its mount namespace holds the node's marker, or when it is in the nodes' control group. So this
works after any kill, and after a reboot finds nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from ..control_plane import processes
from .places import Places

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_POLL_SECONDS = 0.05
_END_SECONDS = 20.0


def marked(places: Places) -> dict[str, list[int]]:
    """Processes in the mount namespaces of this control plane's live nodes, by node."""
    prefix = f" {places.marker('')}"
    nodes: dict[str, str] = {}
    found: dict[str, list[int]] = {}
    for entry in os.listdir(_PROC):  # noqa: PTH208 - called in loops
        if not entry.isdigit():
            continue
        try:
            namespace = Path(f"/proc/{entry}/ns/mnt").readlink().name
            if namespace not in nodes:
                text = Path(f"/proc/{entry}/mountinfo").read_text(encoding="utf-8", errors="replace")
                _, _, rest = text.partition(prefix)
                nodes[namespace] = rest.split(None, 1)[0] if rest else ""
        except OSError:
            continue
        if nodes[namespace]:
            found.setdefault(nodes[namespace], []).append(int(entry))
    return found


def named(places: Places) -> dict[str, int]:
    """Processes that were started under a name of ours, by that name."""
    folder = f"{places.home / 'bin'}{os.sep}"
    found: dict[str, int] = {}
    for entry in os.listdir(_PROC):  # noqa: PTH208 - called in loops
        if entry.isdigit():
            program = processes.started_as(int(entry)) or ""
            if program.startswith(folder):
                found[program.removeprefix(folder)] = int(entry)
    return found


def cgroups(places: Places) -> list[Path]:
    """The control group of all containers, in each hierarchy that has it."""
    # Runtimes also make it where no controller is, as in `unified` beside hierarchies of version 1.
    candidates = [_CGROUPS, *(folder for folder in _CGROUPS.iterdir() if folder.is_dir() and not folder.is_symlink())]
    return [folder / places.cgroup for folder in candidates if (folder / places.cgroup).is_dir()]


def make_cgroup(places: Places, node: str) -> str:
    """Make the control group under which a kubelet makes those of its pods; its name, as kubelets spell it."""
    for hierarchy in _hierarchies() or [_CGROUPS]:
        folder = hierarchy / places.cgroup / node
        # The kubelet would give its own the CPUs that it believes to have, which the kernel refuses.
        (folder / "kubepods").mkdir(parents=True, exist_ok=True)
        # A new one of this kind has no CPU, and no process could enter it.
        for part in (folder.parent, folder, folder / "kubepods"):
            for file in ("cpuset.cpus", "cpuset.mems"):
                with contextlib.suppress(OSError):
                    if (part / file).is_file() and not (part / file).read_text().strip():
                        (part / file).write_text((part.parent / file).read_text())
    if not _hierarchies():
        for folder in (_CGROUPS, _CGROUPS / places.cgroup, _CGROUPS / places.cgroup / node):
            for controller in (folder / "cgroup.controllers").read_text().split():
                with contextlib.suppress(OSError):
                    (folder / "cgroup.subtree_control").write_text(f"+{controller}")
    return f"/{places.cgroup}/{node}"


def end_everything(places: Places) -> None:
    """End every process of the live nodes, containers included, and remove their control groups."""
    deadline = time.monotonic() + _END_SECONDS
    while (pids := list(_everyone(places))) and time.monotonic() < deadline:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)
    _remove_cgroups(cgroups(places))


def end_node(places: Places, node: str) -> None:
    """End what is left of a node whose namespaces are gone."""
    folders = [folder / node for folder in cgroups(places)]
    deadline = time.monotonic() + _END_SECONDS
    while (pids := set(_in_cgroups(folders))) and time.monotonic() < deadline:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)
    _remove_cgroups(folders)


def _everyone(places: Places) -> Iterator[int]:
    # The supervisor goes first, as it starts again what ends.
    pids = named(places)
    if "supervisor" in pids:
        yield pids["supervisor"]
        return
    yield from pids.values()
    for members in marked(places).values():
        yield from members
    yield from _in_cgroups(cgroups(places))


def _in_cgroups(folders: list[Path]) -> Iterator[int]:
    for folder in folders:
        for file in folder.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                yield from (int(line) for line in file.read_text().split())


def _remove_cgroups(folders: list[Path]) -> None:
    deadline = time.monotonic() + _END_SECONDS
    while any(folder.is_dir() for folder in folders) and time.monotonic() < deadline:
        for folder in folders:
            for part in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
                with contextlib.suppress(OSError):
                    part.rmdir()
            with contextlib.suppress(OSError):
                folder.rmdir()
        if any(folder.is_dir() for folder in folders):
            time.sleep(_POLL_SECONDS)


def _hierarchies() -> list[Path]:
    """Folders of the controllers where each has its own (version 1); empty where one holds all."""
    if (_CGROUPS / "cgroup.controllers").exists():
        return []
    folders = [folder for folder in _CGROUPS.iterdir() if (folder / "cgroup.procs").exists()]
    return [folder for folder in folders if not folder.is_symlink() and not (folder / "cgroup.controllers").exists()]
