"""What can be seen of a control plane from outside, without changing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import processes
from .drivers import read_drivers
from .health import healthy
from .layout import COMPONENTS, Layout
from .record import read_record
from .side_processes import ALWAYS, PROVISIONER, SERVICE_CONTROLLERS, SideProcess


@dataclass(frozen=True, kw_only=True)
class ComponentStatus:
    """One process."""

    name: str
    pid: int | None
    """None when it is not running."""
    healthy: bool
    log: Path

    @property
    def alive(self) -> bool:
        """Whether the process exists."""
        return self.pid is not None


@dataclass(frozen=True, kw_only=True)
class Status:
    """A control plane."""

    name: str
    exists: bool
    """Whether it was ever started and not deleted since."""
    components: tuple[ComponentStatus, ...]
    kubeconfig: Path
    server: str | None
    """Address of the API; None before the first start."""
    since: datetime | None
    """When all its processes were last started; None unless it is ready."""

    @property
    def ready(self) -> bool:
        """Whether every component is well."""
        return all(component.healthy for component in self.components)


def server_url(port: int) -> str:
    """Address of the API."""
    return f"https://127.0.0.1:{port}"


def alive(layout: Layout) -> dict[str, int]:
    """Process id of each component that runs."""
    found = processes.running(layout.program(component) for component in COMPONENTS)
    return {program.name: pids[0] for program, pids in found.items() if pids}


def read_status(layout: Layout) -> Status:
    """The state right now."""
    record = read_record(layout.record)
    pids = alive(layout)
    well = healthy(layout, record.ports, pids) if record and pids else frozenset[str]()
    components = tuple(
        ComponentStatus(name=name, pid=pids.get(name), healthy=name in well, log=layout.log(name))
        for name in COMPONENTS
    )
    components += tuple(_side_status(layout, process) for process in ALWAYS)
    if read_drivers(layout):
        components += (_side_status(layout, PROVISIONER),)
    if layout.account.exists():
        components += (_side_status(layout, SERVICE_CONTROLLERS),)
    is_ready = len(well) == len(COMPONENTS)
    return Status(
        name=layout.name,
        exists=layout.home.is_dir(),
        components=components,
        kubeconfig=layout.kubeconfig,
        server=server_url(record.ports.apiserver) if record else None,
        since=datetime.fromtimestamp(record.since, UTC) if record and is_ready else None,
    )


def _side_status(layout: Layout, process: SideProcess) -> ComponentStatus:
    """It has no health endpoint, so it counts as well while it runs."""
    pid = process.pid(layout)
    return ComponentStatus(name=process.name, pid=pid, healthy=pid is not None, log=layout.log(process.name))
