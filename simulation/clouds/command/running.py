"""Running a script on a simulated host.

The script is the real one, and a real shell runs it: restricted, so that it can start nothing but the
programs of ``bin`` and can write nowhere by itself. Those programs see a host whose files lie in a folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from components.planner.catalogs.instances import instance

from ...provider.errors import CloudError
from .site import SiteHost, read_site

_BIN = Path(__file__).resolve().parent / "bin"
_ROOT = Path(__file__).resolve().parents[3]
_HOURS = 3600.0


@dataclass(frozen=True)
class Printed:
    """What a script printed."""

    stdout: str
    stderr: str


def host_folder(state: Path, host: SiteHost) -> Path:
    """Where the files of a host lie."""
    return state / "hosts" / host.name


def _install_system(root: Path) -> None:
    """What the installer of the operating system leaves behind."""
    table = root / "etc" / "fstab"
    if not table.exists():
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text("/dev/nvme0n1p2 / ext4 defaults 0 1\n/swap.img none swap sw 0 0\n")
    (root / "etc" / "os-release").write_text('ID=ubuntu\nVERSION_ID="24.04"\n')


def run_script(state: Path, host: SiteHost, script: str, stdin: str) -> Printed:
    """Run a script to its end.

    Raises:
        CloudError: when it fails; the words are those of the real provider.
    """
    home = host_folder(state, host)
    _install_system(home / "root")
    (home / "home").mkdir(exist_ok=True)
    gpus = instance(host.machine)
    (home / "gpus.json").write_text(json.dumps([gpus.gpu] * gpus.gpus if host.has_driver else []))
    (home / "names.json").write_text(json.dumps([read_site(state).load_balancer.partition(":")[0]]))
    done = subprocess.run(
        [shutil.which("bash") or "/bin/bash", "--noprofile", "--norc", "--restricted", "-c", script],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=_HOURS,
        cwd=home / "home",
        env={
            "PATH": str(_BIN),
            "HOME": str(home / "home"),
            "LANG": "C.UTF-8",
            "STRATA_SIMULATED_STATE": str(state),
            "STRATA_SIMULATED_HOST": host.name,
            "STRATA_SIMULATED_ROOT": str(home / "root"),
            "STRATA_SIMULATED_PYTHON": sys.executable,
            "STRATA_SIMULATED_SOURCES": str(_ROOT),
            # The embedded control plane's parts, and the real kubectl.
            "STRATA_SIMULATED_PATH": os.environ.get("PATH", os.defpath),
        },
    )
    if done.returncode != 0:
        raise CloudError(
            "ExitStatus",
            f"Process exited with status {done.returncode}: running {script!r}:\n{done.stderr.strip() or done.stdout}",
        )
    return Printed(done.stdout.removesuffix("\n"), done.stderr.removesuffix("\n"))
