"""Start, stop, status, reset and deletion of a named control plane.

Owns the order of things and what survives what: an etcd that holds data is never discarded by a
start. How the parts are found, asked and ended lies in the modules beside it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from . import crds, volumes
from .install import Installer
from .layout import Layout
from .locks import exclusive
from .provisioning import ensure_provisioner
from .record import read_record
from .side_processes import ALWAYS, SERVICE_CONTROLLERS
from .status import Status, read_status, server_url

_LOCK_PATIENCE_SECONDS = 600.0


Progress: TypeAlias = Callable[[str], None]
"""Receives short lines about what is going on."""


def _silent(_line: str) -> None:
    """Progress that nobody wants to read."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A control plane that is ready."""

    name: str
    kubeconfig: Path
    server: str
    changed: tuple[str, ...]
    """What this start did; empty when all was well already."""
    seconds: float


class ControlPlane:
    """One embedded control plane.

    Args:
        name: Tells it from others of the same project.
        state_dir: The project's state folder, ``.strata``.
        is_bare: Whether it knows no kinds of operators until somebody installs them.
    """

    def __init__(self, name: str, state_dir: Path, *, is_bare: bool = False) -> None:
        self._layout = Layout.of(name, state_dir)
        self._is_bare = is_bare

    @property
    def name(self) -> str:
        """Its name."""
        return self._layout.name

    @property
    def kubeconfig(self) -> Path:
        """Path of its kubeconfig, which keeps its content from the first start to the deletion."""
        return self._layout.kubeconfig

    @property
    def layout(self) -> Layout:
        """Where its files lie."""
        return self._layout

    def start(self, *, progress: Progress = _silent) -> Running:
        """Make it ready, whatever state it is in: new, stopped, damaged, half made or ready.

        Raises:
            StrataError: when it cannot be made ready, with the reason of the component that fails.
        """
        began = time.monotonic()
        with self._lock(progress):
            installer = Installer(self._layout, progress)
            changed = installer.ensure()
            changed += crds.apply_crds(self._layout, progress, is_bare=self._is_bare)
            changed += self._ensure_side_processes()
            record = installer.record
        return Running(
            name=self.name,
            kubeconfig=self.kubeconfig,
            server=server_url(record.ports.apiserver),
            changed=tuple(changed),
            seconds=time.monotonic() - began,
        )

    def revive(self, *, progress: Progress = _silent) -> None:
        """Start again what died of it; one that is gone, or goes just now, stays gone."""
        with self._lock(progress):
            if read_record(self._layout.record) is not None:
                Installer(self._layout, progress).ensure()
                self._ensure_side_processes()

    def stop(self, *, progress: Progress = _silent) -> bool:
        """End all its processes and keep its data. Whether there were any."""
        with self._lock(progress):
            return Installer(self._layout, progress).end_all()

    def reset(self, *, progress: Progress = _silent) -> Running:
        """Throw every object away and start empty; address, certificates and kubeconfig stay."""
        with self._lock(progress):
            Installer(self._layout, progress).end_all()
            self._discard_data()
        return self.start(progress=progress)

    def delete(self, *, progress: Progress = _silent) -> None:
        """End it and remove all of its files."""
        with self._lock(progress):
            Installer(self._layout, progress).end_all()
            self._discard_data()
            # Without it a deletion that was cut short leaves a half-made control plane, which belongs to nobody.
            self._layout.record.unlink(missing_ok=True)
            shutil.rmtree(self._layout.home, ignore_errors=True)
            self._layout.lock.unlink(missing_ok=True)

    def status(self) -> Status:
        """What runs and whether it is well."""
        return read_status(self._layout)

    def is_ready(self) -> bool:
        """Whether every component is well."""
        return self.status().ready

    def _ensure_side_processes(self) -> list[str]:
        changed = [done for process in ALWAYS for done in process.ensure(self._layout)]
        changed += ensure_provisioner(self._layout)
        changed += SERVICE_CONTROLLERS.ensure_where(self._layout.account, self._layout)
        return changed

    def _discard_data(self) -> None:
        volumes.remove_volumes(self._layout.etcd_data)
        shutil.rmtree(self._layout.etcd_data, ignore_errors=True)
        record = read_record(self._layout.record)
        if record is not None:
            crds.forget(self._layout, record)

    def _lock(self, progress: Progress) -> AbstractContextManager[None]:
        return exclusive(self._layout.lock, patience=_LOCK_PATIENCE_SECONDS, tell=progress)
