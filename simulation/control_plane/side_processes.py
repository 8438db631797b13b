"""Python processes of a control plane that kwokctl does not know; they stand in for software of nodes and clouds.

Owns starting, finding and ending them. Each is found like the components of the control plane, by the
name under which it was started, and ends with the control plane.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .layout import Layout

_PATIENCE_SECONDS = 2.0
_POLL_SECONDS = 0.005


@dataclass(frozen=True)
class SideProcess:
    """One such process of any control plane.

    Attributes:
        name: What status and logs call it.
        module: The Python module that it runs, with the control plane's name and state folder as arguments.
    """

    name: str
    module: str

    def program(self, layout: Layout) -> Path:
        """Name under which it is started."""
        return layout.home / self.name

    def pid(self, layout: Layout) -> int | None:
        """Its process id; None when it does not run."""
        program = self.program(layout)
        pids = processes.running([program])[program]
        return pids[0] if pids else None

    def ensure(self, layout: Layout) -> list[str]:
        """Start it unless it runs; what had to be done."""
        if self.pid(layout) is not None:
            return []
        self._launch(layout)
        return [f"started {self.name}"]

    def ensure_where(self, wanted: Path, layout: Layout) -> list[str]:
        """Start it where a file says that it is wanted; what had to be done."""
        return self.ensure(layout) if wanted.exists() else []

    def end(self, layout: Layout) -> bool:
        """End it; whether it ran."""
        program = self.program(layout)
        pids = processes.running([program])[program]
        processes.end(
            pids, still_ours=lambda pid: processes.started_as(pid) == str(program), patience=_PATIENCE_SECONDS
        )
        return bool(pids)

    def _launch(self, layout: Layout) -> None:
        """Start it under a name of this control plane; it outlives the caller."""
        program = self.program(layout)
        program.unlink(missing_ok=True)
        program.symlink_to(Path(sys.executable).resolve())
        # A Python started under another name does not find the virtual environment by itself.
        search = [str(Path(__file__).resolve().parents[2]), *filter(None, sys.path)]
        # Begins with two dashes, as a listing of ps is split there; the option itself is Python's default.
        command = [str(program), "--check-hash-based-pycs", "default"]
        with layout.log(self.name).open("ab") as log:
            started = subprocess.Popen(
                [*command, "-m", self.module, layout.name, str(layout.state)],
                cwd=layout.home,
                env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": os.pathsep.join(search)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _wait_for_name(started.pid, str(program))


def _wait_for_name(pid: int, program: str) -> None:
    """Return when the process is listed under its name.

    The system lists a new program without arguments for a moment after it was started, and whoever asks
    in that moment would start a second one, or leave this one behind.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while processes.started_as(pid) != program and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


PROVISIONER = SideProcess("csi-provisioner", "simulation.control_plane.provisioner")
"""Makes the volumes of the installed CSI drivers; there is one only where drivers are installed."""
DEVICE_MANAGER = SideProcess("device-manager", "simulation.control_plane.devices.manager")
"""Makes devices of nodes appear and go with the pods that advertise them."""
CLUSTER_NETWORK = SideProcess("cluster-network", "simulation.control_plane.cluster_network")
"""Carries what the API server sends to nodes, and answers for servers of aggregated APIs on simulated ones."""
ALWAYS = (DEVICE_MANAGER, CLUSTER_NETWORK)
"""Those of every control plane."""
SERVICE_CONTROLLERS = SideProcess("service-controllers", "simulation.clouds.service_controllers")
"""Makes load balancers of Services; there is one only where a cloud made the control plane."""
SIDE_PROCESSES = (*ALWAYS, PROVISIONER, SERVICE_CONTROLLERS)
"""All of them."""
