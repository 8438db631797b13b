"""What live nodes could leave behind on a machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_FOLDERS = ("/run", "/var/lib", "/var/log", "/etc/cni", "/opt/cni", "/tmp/hostpath_pv")  # noqa: S108 - looked at only
_DEEPEST = 4


def snapshot(folder: Path) -> Mapping[str, frozenset[str]]:
    """Processes of a project's folder, and links, routes, rules, mounts, control groups and files of the machine."""
    return {
        "processes": frozenset(_processes(folder)),
        "links": _lines("ip", "-br", "link"),
        "addresses": _lines("ip", "-br", "address"),
        "routes": _lines("ip", "route", "show", "table", "all"),
        "rules": _lines("ip", "rule"),
        "mounts": frozenset(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        # One without a name lives as long as a process in it.
        "named namespaces": _lines("ip", "netns", "list"),
        "control groups": frozenset(str(path) for path in Path("/sys/fs/cgroup").rglob("*strata*")),
        "forwarding": frozenset({Path("/proc/sys/net/ipv4/ip_forward").read_text()}),
        "packet filters": frozenset(_filters(folder)),
        "files": frozenset(_files()),
    }


def left(before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """What there is now and was not before."""
    return {kind: sorted(after[kind] - before[kind]) for kind in before if after[kind] - before[kind]}


def _processes(folder: Path) -> list[str]:
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        try:
            arguments = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if entry.name.isdigit() and (str(folder) in arguments or "containerd-shim" in arguments):
            found.append(arguments[:200])
    return found


def _lines(*argv: str) -> frozenset[str]:
    return frozenset(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines())


def _filters(folder: Path) -> list[str]:
    nft = folder / ".strata" / "unpacked" / "node-runtime" / "usr" / "sbin" / "nft"
    if not nft.exists():
        return []
    libraries = str(nft.parents[1] / "lib" / f"{os.uname().machine}-linux-gnu")
    argv = [str(nft), "list", "ruleset"]
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)
    return done.stdout.splitlines()


def _files() -> list[str]:
    found: list[str] = []
    for top in _FOLDERS:
        for folder, folders, files in os.walk(top):
            if folder.count("/") >= _DEEPEST:
                folders.clear()
            found += [f"{folder}/{name}" for name in (*folders, *files)]
    return found
