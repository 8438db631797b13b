"""The programs that a control plane consists of.

Owns finding them. Installing them is the toolchain's: it links them into ``.strata/bin``.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import StrataError

_PROGRAMS = {
    "etcd": "etcd",
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    "kwok-controller": "kwok",
    "kwokctl": "kwokctl",
    "kubectl": "kubectl",
}


@dataclass(frozen=True)
class Binaries:
    """Absolute paths by role."""

    by_role: dict[str, Path]

    def __getitem__(self, role: str) -> Path:
        return self.by_role[role]

    @property
    def search_path(self) -> str:
        """PATH for kwokctl, which calls ``kubectl`` by name."""
        return os.pathsep.join([str(self["kubectl"].parent), os.environ.get("PATH", os.defpath)])

    def fingerprint(self) -> dict[str, str]:
        """Changes whenever another version of a program is in place."""
        return {role: f"{path.resolve()} {path.stat().st_size}" for role, path in self.by_role.items()}


def find_binaries(state: Path) -> Binaries:
    """The programs in ``<state>/bin``, else on PATH.

    Raises:
        StrataError: naming every program that is missing.
    """
    search = os.pathsep.join([str(state / "bin"), os.environ.get("PATH", os.defpath)])
    found = {role: shutil.which(program, path=search) for role, program in _PROGRAMS.items()}
    missing = [_PROGRAMS[role] for role, path in found.items() if path is None]
    if missing:
        raise StrataError.of(
            "toolchain",
            cause=f"not found in {state / 'bin'} or on PATH: {', '.join(missing)}",
            consequence="the embedded control plane cannot start",
            fix="run 'make tools', which downloads or builds them",
        )
    return Binaries({role: Path(path).absolute() for role, path in found.items() if path is not None})
