"""The installed CSI drivers of a control plane: their objects, and the process that makes their volumes.

Owns bringing both in line with what is installed. The process exists only while there is a driver,
and is found like those of the control plane, by the name under which it was started.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from . import processes
from .api import Answer, Api, Json
from .drivers import read_drivers
from .layout import PROVISIONER, Layout

_LABEL = "simulation.strata.dev/driver"
_PATH = "/apis/storage.k8s.io/v1/csidrivers"
_PATIENCE_SECONDS = 2.0
_POLL_SECONDS = 0.005


class _Metadata(Answer):
    name: str


class _CsiDriver(Answer):
    metadata: _Metadata


class _CsiDriverList(Answer):
    items: list[_CsiDriver]


def ensure_provisioner(layout: Layout) -> list[str]:
    """Make the drivers' objects and their process what is installed; what had to be done."""
    if not layout.drivers.exists():
        return []
    drivers = read_drivers(layout)
    api = Api(layout)
    seen = _CsiDriverList.model_validate_json(api.get(_PATH, labelSelector=_LABEL)).items
    for driver in seen:
        if driver.metadata.name not in drivers:
            api.delete(f"{_PATH}/{driver.metadata.name}")
    # Names with a slash are those of provisioners that are no CSI drivers, such as rancher.io/local-path.
    for name in (driver for driver in drivers if "/" not in driver):
        api.apply(f"{_PATH}/{name}", _object(name))
    if not drivers:
        return [f"ended {PROVISIONER}"] if end_provisioner(layout) else []
    if provisioner_pid(layout) is not None:
        return []
    _launch(layout)
    return [f"started {PROVISIONER}"]


def end_provisioner(layout: Layout) -> bool:
    """End the process; whether there was one."""
    program = layout.provisioner
    pids = processes.running([program])[program]
    processes.end(pids, still_ours=lambda pid: processes.started_as(pid) == str(program), patience=_PATIENCE_SECONDS)
    return bool(pids)


def provisioner_pid(layout: Layout) -> int | None:
    """Its process id; None when it does not run."""
    pids = processes.running([layout.provisioner])[layout.provisioner]
    return pids[0] if pids else None


def _object(name: str) -> Json:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSIDriver",
        "metadata": {"name": name, "labels": {_LABEL: "true"}},
        # There is nothing to attach here, and each volume would report that nobody did.
        "spec": {"attachRequired": False, "podInfoOnMount": False},
    }


def _launch(layout: Layout) -> None:
    """Start the process under a name of this control plane; it outlives this one."""
    layout.provisioner.unlink(missing_ok=True)
    layout.provisioner.symlink_to(Path(sys.executable).resolve())
    # A Python started under another name does not find the virtual environment by itself.
    search = [str(Path(__file__).resolve().parents[2]), *filter(None, sys.path)]
    # Begins with two dashes, as a listing of ps is split there; the option itself is Python's default.
    program = [str(layout.provisioner), "--check-hash-based-pycs", "default"]
    with layout.log(PROVISIONER).open("ab") as log:
        started = subprocess.Popen(
            [*program, "-m", "simulation.control_plane.provisioner", layout.name, str(layout.state)],
            cwd=layout.home,
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": os.pathsep.join(search)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait_for_name(started.pid, str(layout.provisioner))


def _wait_for_name(pid: int, program: str) -> None:
    """Return when the process is listed under its name.

    The system lists a new program without arguments for a moment after it was started, and whoever asks
    in that moment would start a second one, or leave this one behind.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while processes.started_as(pid) != program and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
