"""Where the files of live nodes lie, and the names by which their processes are known.

Owns paths only; nothing here reads or writes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..control_plane.layout import Layout


@dataclass(frozen=True)
class Places:
    """The live part of one control plane's folder."""

    layout: Layout

    @property
    def home(self) -> Path:
        """Everything that goes with the live nodes."""
        return self.layout.home / "live"

    @property
    def lock(self) -> Path:
        """Outside of ``home``, so that removing the one does not unlock the other."""
        return self.layout.state / "control-planes" / f"{self.layout.name}.live.lock"

    @property
    def key(self) -> str:
        """Tells these nodes from those of other control planes of this machine."""
        return hashlib.sha256(str(self.layout.home).encode()).hexdigest()[:6]

    @property
    def host_link(self) -> str:
        """Name of the host's end of the link; at most 15 characters."""
        return f"strata-{self.key}"

    @property
    def cgroup(self) -> str:
        """The control group of all containers, below the root."""
        return f"strata-live-{self.key}"

    def marker(self, node: str) -> str:
        """Source of a mount by which processes in a node's mount namespace are known."""
        return f"strata-live:{self.key}:{node}"

    def program(self, name: str) -> Path:
        """Name under which a process is started; it tells ours from all others."""
        return self.home / "bin" / name

    def log(self, name: str) -> Path:
        """What a process wrote."""
        return self.home / "logs" / f"{name}.log"

    @property
    def registry(self) -> Path:
        """Layers that the registry serves."""
        return self.layout.state / "live-registry"

    @property
    def certificates(self) -> Path:
        """Certificates of the nodes."""
        return self.home / "certificates"

    def node(self, name: str) -> Path:
        """Files of one node."""
        return self.home / "nodes" / name
