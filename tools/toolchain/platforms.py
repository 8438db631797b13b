"""The machine that the installer runs on.

Owns the names of operating systems and architectures and how much memory and how many cores a build may use. It
deliberately knows no tool: how a release spells `amd64` is written with that release in `versions.toml`.
"""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import ToolchainError

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}

# The rest stays with the desktop, the page cache and the installer itself.
_USABLE_SHARE = 0.85
# macOS counts most memory as "in use" although it gives it up at once; half of it is what a build gets.
_USABLE_SHARE_MACOS = 0.5
_FALLBACK_MB = 4096


@dataclass(frozen=True)
class Platform:
    """Names as Go spells them."""

    os: str
    arch: str

    def __str__(self) -> str:
        return f"{self.os}/{self.arch}"

    @classmethod
    def current(cls) -> Platform:
        """This machine, or an error when nothing can be had for it."""
        system, machine = platform.system(), platform.machine().lower()
        if system not in _SYSTEMS or machine not in _ARCHITECTURES:
            raise ToolchainError(
                field="platform",
                cause=f"{system} on {machine} is not supported",
                consequence="no tool can be installed",
                fix="use Linux or macOS on amd64 or arm64; on Windows use WSL 2",
            )
        return cls(_SYSTEMS[system], _ARCHITECTURES[machine])


def cores() -> int:
    """Cores that this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def memory_budget_mb() -> int:
    """Memory that builds may use together."""
    available = _linux_available_mb(Path("/proc/meminfo"))
    if available is not None:
        limit = _cgroup_available_mb(Path("/sys/fs/cgroup"))
        return int(min(available, limit or available) * _USABLE_SHARE)
    total = _macos_total_mb()
    return int(total * _USABLE_SHARE_MACOS) if total else _FALLBACK_MB


def _linux_available_mb(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return None


def _cgroup_available_mb(root: Path) -> int | None:
    """What a container still has before the kernel kills in it; None without a limit."""
    try:
        limit = (root / "memory.max").read_text().strip()
        used = int((root / "memory.current").read_text())
    except (OSError, ValueError):
        return None
    return max(0, int(limit) - used) // 2**20 if limit.isdigit() else None


def _macos_total_mb() -> int | None:
    try:
        answer = subprocess.run(["sysctl", "-n", "hw.memsize"], capture_output=True, text=True, timeout=5, check=True)
        return int(answer.stdout) // 2**20
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
