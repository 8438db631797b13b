"""Bringing the processes of a control plane up, from any state they may be in.

Owns the decisions: what is well stays, what is dead is started again, what does not fit its
installation is installed anew over the same data. It works under the lock that ``control_plane``
holds, so nobody else changes the same cluster meanwhile.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable

from components.contracts.errors import StrataError

from . import identity, kwokctl, processes
from .binaries import Binaries, find_binaries
from .health import healthy
from .layout import COMPONENTS, Layout
from .ports import Ports, choose_ports, is_free
from .record import Record, read_record, write_record, write_whole
from .side_processes import SIDE_PROCESSES
from .status import alive, server_url

_READY_SECONDS = 120.0
# A component that cannot reach the API server for ten seconds gives up; a slow machine takes longer.
_STARTS = 6
_POLL_SECONDS = 0.05
_LOG_LINES = 8
# How long a component is given to end by itself; the API server waits for watches that never end.
_PATIENCE = {"etcd": 10.0, "kube-apiserver": 3.0}
_PATIENCE_OTHERS = 5.0
_PORT_TAKEN = "address already in use"


class Installer:
    """Makes a control plane run."""

    def __init__(self, layout: Layout, tell: Callable[[str], None]) -> None:
        self._layout = layout
        self._tell = tell
        self.record: Record = read_record(layout.record) or Record(ports=Ports(**dict.fromkeys(Ports.model_fields, 0)))

    def ensure(self) -> list[str]:
        """Make every component well; what had to be done."""
        binaries = find_binaries(self._layout.state)
        digest = self._digest(binaries)
        fits = self.record.installed == digest
        if fits and len(healthy(self._layout, self.record.ports)) == len(COMPONENTS) == len(alive(self._layout)):
            identity.write_kubeconfig(self._layout, server_url(self.record.ports.apiserver))
            return []
        self._end_kwokctl()
        changed = self._repair(binaries) if fits else None
        if changed is None:
            changed = self._install(binaries)
        identity.write_kubeconfig(self._layout, server_url(self.record.ports.apiserver))
        self._remember(since=time.time())
        return changed

    def end_all(self) -> bool:
        """End every process; whether there were any."""
        ended = self._end_kwokctl()
        for process in SIDE_PROCESSES:
            ended |= process.end(self._layout)
        # The API server goes before etcd, so that nothing that was acknowledged is on its way still.
        for component in reversed(COMPONENTS):
            ended |= self._end(component)
        return ended

    def _repair(self, binaries: Binaries) -> list[str] | None:
        """Start what is dead and restart what is ill; None when it takes a new installation."""
        ill = set(COMPONENTS) - healthy(self._layout, self.record.ports)
        dead = [component for component in COMPONENTS if component not in alive(self._layout)]
        for component in sorted(ill - set(dead)):
            self._tell(f"{component} runs but does not answer; restarting it")
            self._end(component)
        if self._has_lost_ports():
            return None
        verb = "starting" if len(dead) == len(COMPONENTS) else "repairing"
        self._tell(f"{verb} {', '.join(component for component in COMPONENTS if component in ill)}")
        if not self._bring_up(binaries, "start"):
            return None
        return [f"{'started' if verb == 'starting' else 'restarted'} {', '.join(sorted(ill))}"]

    def _install(self, binaries: Binaries) -> list[str]:
        self.end_all()
        self._layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        has_data = (self._layout.etcd_data / "member").is_dir()
        self._tell("installing the control plane anew over its data" if has_data else "creating the control plane")
        for attempt in range(3):
            if attempt or self.record.ports.etcd == 0 or self._has_lost_ports():
                self._remember(ports=choose_ports(self._ports_of_others()), installed="")
            self._prepare()
            if self._bring_up(binaries, "create"):
                identity.keep(self._layout)
                self._remember(installed=self._digest(binaries))
                return ["installed anew" if has_data else "created"]
            self.end_all()
        raise self._failure("kube-apiserver", "its ports are taken again and again")

    def _prepare(self) -> None:
        """An empty kwokctl folder with everything that an installation starts from."""
        layout = self._layout
        identity.keep(layout)
        self._remember(installed="")
        shutil.rmtree(layout.work, ignore_errors=True)
        layout.work.joinpath("bin").mkdir(parents=True)
        binaries = find_binaries(layout.state)
        for component in COMPONENTS:
            # kwokctl downloads nothing that is there already.
            layout.program(component).symlink_to(binaries[component])
        identity.put_back(layout)
        write_whole(layout.egress, kwokctl.egress_config(layout))
        write_whole(layout.kwokctl_config, kwokctl.kwokctl_config(layout, self.record.ports))

    def _bring_up(self, binaries: Binaries, verb: str) -> bool:
        """Have kwokctl start the components until all are well; False when a port was taken by others."""
        deadline = time.monotonic() + _READY_SECONDS
        starts = 0
        starter: subprocess.Popen[bytes] | None = None
        while time.monotonic() < deadline:
            living = alive(self._layout)
            if len(living) == len(COMPONENTS) == len(healthy(self._layout, self.record.ports)):
                self._finish(starter)
                return True
            if starter is None or (starter.poll() is not None and len(living) < len(COMPONENTS)):
                if starter is not None and self._says_port_taken(set(COMPONENTS) - set(living)):
                    return False
                if starts == _STARTS:
                    break
                self._believe(living)
                starter = kwokctl.launch(self._layout, binaries, verb if starts == 0 else "start")
                starts += 1
            time.sleep(_POLL_SECONDS)
        self._end_kwokctl()
        ill = [component for component in COMPONENTS if component not in healthy(self._layout, self.record.ports)]
        raise self._failure(ill[0] if ill else "kwok-controller", f"not ready after {starts} starts")

    def _finish(self, starter: subprocess.Popen[bytes] | None) -> None:
        if starter is None:
            return
        try:
            starter.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._end_kwokctl()
            starter.wait()

    def _believe(self, living: dict[str, int]) -> None:
        """Make kwokctl's pid files true, as it takes any process with that number for its own."""
        for component in COMPONENTS:
            file = self._layout.pid_file(component)
            if component in living and file.parent.is_dir():
                file.write_text(str(living[component]))
            else:
                file.unlink(missing_ok=True)

    def _end(self, component: str) -> bool:
        program = self._layout.program(component)
        pids = processes.running([program])[program]
        processes.end(
            pids,
            still_ours=lambda pid: processes.started_as(pid) == str(program),
            patience=_PATIENCE.get(component, _PATIENCE_OTHERS),
        )
        self._layout.pid_file(component).unlink(missing_ok=True)
        return bool(pids)

    def _end_kwokctl(self) -> bool:
        """End a kwokctl that a killed start left behind; it would go on changing things."""
        program = self._layout.kwokctl
        pids = processes.running([program])[program]
        processes.end(pids, still_ours=lambda pid: processes.started_as(pid) == str(program), patience=0)
        return bool(pids)

    def _has_lost_ports(self) -> bool:
        ports = self.record.ports
        living = alive(self._layout)
        listeners = {
            "etcd": (ports.etcd, ports.etcd_peer),
            "kube-apiserver": (ports.apiserver,),
            "kube-controller-manager": (ports.controller_manager,),
            "kube-scheduler": (ports.scheduler,),
            "kwok-controller": (ports.kwok,),
        }
        return any(
            not is_free(port) for component in COMPONENTS if component not in living for port in listeners[component]
        )

    def _ports_of_others(self) -> Iterable[int]:
        for file in self._layout.home.parent.glob("*/record.json"):
            record = read_record(file)
            if record is not None and file != self._layout.record:
                yield from record.ports.all()

    def _says_port_taken(self, dead: Iterable[str]) -> bool:
        return any(_PORT_TAKEN in self._tail(component) for component in dead)

    def _tail(self, component: str) -> str:
        try:
            with self._layout.log(component).open("rb") as log:
                log.seek(max(0, os.fstat(log.fileno()).st_size - 8192))
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def _failure(self, component: str, cause: str) -> StrataError:
        lines = [line for line in self._tail(component).splitlines() if line.strip()][-_LOG_LINES:]
        said = "".join(f"\n      {line[:300]}" for line in lines) or " nothing"
        return StrataError.of(
            f"control plane {self._layout.name}",
            cause=f"{component} is {cause}; it last said:{said}",
            consequence="the embedded cluster cannot be used; its data is kept",
            fix=f"see {self._layout.log(component)}, then start again; 'reset' starts with an empty cluster",
        )

    def _digest(self, binaries: Binaries) -> str:
        return kwokctl.installation_digest(kwokctl.kwokctl_config(self._layout, self.record.ports), binaries)

    def _remember(self, **changes: object) -> None:
        self.record = self.record.model_copy(update=changes)
        write_record(self._layout.record, self.record)
