"""The programs that live nodes consist of, and the environment that they need.

Owns finding them. Installing them is the toolchain's: it links them into ``.strata``.
"""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import Problem

BUILT = ("kubelet", "kube-proxy", "kube-router", "coredns", "crane", "live-node", "pause")
UNPACKED = ("containerd", "containerd-shim-runc-v2", "ctr", "runc", "iptables", "iptables-restore", "nft", "ipset")
OF_THE_SYSTEM = ("ip", "nsenter", "unshare", "mount", "umount", "sh", "openssl")


@dataclass(frozen=True)
class Programs:
    """Where everything is.

    Attributes:
        state: The project's state folder.
    """

    state: Path

    @property
    def unpacked(self) -> Path:
        """Debian packages that the toolchain unpacked; absent where all of it is installed."""
        return self.state / "unpacked" / "node-runtime"

    @property
    def search_path(self) -> str:
        """PATH of every process of a live node."""
        own = [self.state / "bin", self.unpacked / "usr" / "sbin", self.unpacked / "usr" / "bin"]
        system = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]
        return os.pathsep.join([*map(str, own), *system])

    @property
    def environment(self) -> dict[str, str]:
        """Environment of every process of a live node."""
        variables = {"PATH": self.search_path, "HOME": "/root"}
        if self.unpacked.is_dir():
            libraries = self.unpacked / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
            variables |= {"LD_LIBRARY_PATH": str(libraries), "XTABLES_LIBDIR": str(libraries / "xtables")}
        return variables

    @property
    def network_plugins(self) -> Path:
        """Folder of the CNI plugins."""
        folders = (self.unpacked / "usr" / "lib" / "cni", Path("/opt/cni/bin"), Path("/usr/lib/cni"))
        return next((folder for folder in folders if (folder / "ptp").is_file()), folders[0])

    def __getitem__(self, name: str) -> Path:
        found = shutil.which(name, path=self.search_path)
        return Path(found or name)

    def problems(self) -> list[Problem]:
        """What is missing."""
        missing = [name for name in (*BUILT, *UNPACKED) if shutil.which(name, path=self.search_path) is None]
        if not (self.network_plugins / "ptp").is_file():
            missing.append("the CNI plugins")
        absent = [name for name in OF_THE_SYSTEM if shutil.which(name, path=self.search_path) is None]
        problems: list[Problem] = []
        if missing:
            problems.append(
                Problem(
                    field="toolchain",
                    cause=f"not found in {self.state / 'bin'}, {self.unpacked} or on PATH: {', '.join(missing)}",
                    consequence="no live node can run",
                    fix="make toolchain-live",
                )
            )
        if absent:
            problems.append(
                Problem(
                    field="this machine",
                    cause=f"not found on PATH: {', '.join(absent)}",
                    consequence="no live node can run",
                    fix="install iproute2, util-linux and openssl by the system's package manager",
                )
            )
        return problems
