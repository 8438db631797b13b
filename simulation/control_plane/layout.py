"""Where the files of one control plane lie.

Owns paths only; nothing here reads or writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import StrataError

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller")
"""The processes of a control plane, in the order in which they depend on each other."""

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Layout:
    """The folder of one control plane, ``<state>/control-planes/<name>``."""

    name: str
    state: Path
    """The project's state folder, absolute and without symbolic links."""

    @classmethod
    def of(cls, name: str, state_dir: Path) -> Layout:
        """The layout of that name below that state folder.

        Raises:
            StrataError: when the name could not be a folder and a context name.
        """
        if not _NAME.fullmatch(name):
            raise StrataError.of(
                "control plane",
                cause=f"{name[:60]!r} is not a name for a control plane",
                consequence="its folder and its kubeconfig context could not carry it",
                fix="use 1 to 40 of a-z, 0-9 and '-', beginning and ending with a letter or digit",
            )
        return cls(name, state_dir.expanduser().resolve())

    @property
    def home(self) -> Path:
        """All that belongs to this control plane."""
        return self.state / "control-planes" / self.name

    @property
    def lock(self) -> Path:
        """Outside of ``home``, so that deleting the one does not unlock the other."""
        return self.state / "control-planes" / f"{self.name}.lock"

    @property
    def record(self) -> Path:
        """What has to be remembered between runs."""
        return self.home / "record.json"

    @property
    def live_nodes(self) -> Path:
        """What has to be remembered of live nodes; there as long as there are any."""
        return self.home / "live.json"

    @property
    def etcd_data(self) -> Path:
        """Every object of the cluster.

        Not in kwokctl's folder, which kwokctl deletes when an installation fails.
        """
        return self.home / "etcd"

    @property
    def identity(self) -> Path:
        """A copy of the certificates and keys, for the same reason."""
        return self.home / "pki"

    @property
    def certificates(self) -> Path:
        """The certificates and keys in use, where kwokctl makes and expects them."""
        return self.work / "pki"

    @property
    def kubeconfig(self) -> Path:
        """For people, ``kubectl`` and providers."""
        return self.home / "kubeconfig"

    @property
    def kwokctl_config(self) -> Path:
        """What kwokctl is asked for."""
        return self.home / "kwokctl.yaml"

    @property
    def egress(self) -> Path:
        """How the API server finds the process that carries its connections to nodes and Services."""
        return self.home / "egress.json"

    @property
    def cluster_socket(self) -> Path:
        """Where that process listens."""
        return self.home / "cluster.sock"

    @property
    def kwokctl(self) -> Path:
        """Name under which kwokctl is started, which tells ours from all others."""
        return self.home / "kwokctl"

    @property
    def kwokctl_log(self) -> Path:
        """What kwokctl said last."""
        return self.home / "kwokctl.log"

    @property
    def work(self) -> Path:
        """Folder of kwokctl for this cluster, below ``$HOME/.kwok`` where ``home`` is its home directory."""
        return self.home / ".kwok" / "clusters" / self.name

    @property
    def drivers(self) -> Path:
        """Which CSI drivers are installed; absent where none ever was."""
        return self.home / "drivers.json"

    @property
    def account(self) -> Path:
        """Which account of a simulated cloud it belongs to; absent where no cloud made it."""
        return self.home / "account.json"

    def program(self, component: str) -> Path:
        """Name under which a component is started; it tells our processes from all others."""
        return self.work / "bin" / component

    def pid_file(self, component: str) -> Path:
        """Where kwokctl looks for the component's process."""
        return self.work / "pids" / f"{component}.pid"

    def log(self, component: str) -> Path:
        """What a component wrote."""
        return self.work / "logs" / f"{component}.log"
