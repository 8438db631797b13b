"""What makes the engine start simulated providers in place of the real ones.

Owns a plugin folder of the project's own: the engine takes whatever lies there under a provider's name
and version. Nothing outside of the project's state folder is written, and nothing is downloaded.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import ssl
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from components.contracts.errors import StrataError

from .clouds import PACKAGES
from .environment import AUTHORITIES_VARIABLE, RESOURCE_MANAGER_VARIABLE, STATE_VARIABLE

_STATE = Path(".strata", "simulated")
_ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = Path(__file__).resolve().parent / "commands"
"""Programs of the vendors that a run calls, such as the one that logs in to a cluster."""


class _PluginFile(BaseModel):
    """``pulumi-plugin.json`` of an SDK."""

    version: str


def simulated_environment(project: Path) -> dict[str, str]:
    """Variables under which the engine meets simulated clouds only.

    May be called before each run: what is there already stays. A project that was moved is repaired.

    Args:
        project: Root of the project.

    Raises:
        StrataError: when the SDK of a simulated cloud is not installed.
    """
    state = project.resolve() / _STATE
    home = state / "pulumi-home"
    backend = state / "backend"
    backend.mkdir(parents=True, exist_ok=True)
    plugins = home / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    _link_real_plugins(plugins)
    for package in PACKAGES:
        _write_plugin(plugins, package)
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return {
        "SIMULATED": "1",
        STATE_VARIABLE: str(state),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        # A real provider that lies on the PATH, or that the engine would fetch, must never take part.
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        RESOURCE_MANAGER_VARIABLE: _resource_manager(),
        AUTHORITIES_VARIABLE: _authorities(state / "authorities.pem"),
        "PATH": os.pathsep.join([str(_COMMANDS), *(folder for folder in path if folder != str(_COMMANDS))]),
    }


def _authorities(path: Path) -> str:
    """A file with the authorities of this machine, to which those of simulated clusters are added."""
    if not path.exists():
        known = Path(ssl.get_default_verify_paths().cafile or os.devnull)
        path.write_text(known.read_text(encoding="utf-8"), encoding="utf-8")
    return str(path)


def _resource_manager() -> str:
    """Address at which the simulated Resource Manager will answer: that of the run around this one, or a free one."""
    around = os.environ.get(RESOURCE_MANAGER_VARIABLE, "")
    if STATE_VARIABLE in os.environ and around.startswith("http://127.0.0.1:"):
        return around
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@cache
def version_of(package: str) -> str:
    """Version of the installed SDK of a Pulumi package; the SDK is not imported.

    Raises:
        StrataError: when it is not installed.
    """
    module = f"pulumi_{package.replace('-', '_')}"
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise StrataError.of(
            f"package {module}",
            cause="it is not installed",
            consequence=f"the simulated {package} has the types of its resources from there",
            fix=f"install it: make install TARGET={package}",
        )
    return _PluginFile.model_validate_json((Path(spec.origin).parent / "pulumi-plugin.json").read_text()).version


def _write_plugin(plugins: Path, package: str) -> None:
    folder = plugins / f"resource-{package}-v{version_of(package)}"
    for other in plugins.glob(f"resource-{package}-v*"):
        if other != folder:
            shutil.rmtree(other)
    folder.mkdir(exist_ok=True)
    program = folder / f"pulumi-resource-{package}"
    # The engine starts it in the project's folder, which may hold packages of the same names: -P.
    script = (
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(_ROOT))} "
        f'exec {shlex.quote(sys.executable)} -P -m simulation.clouds {package} "$@"\n'
    )
    if program.exists() and program.read_text() == script:
        return
    fresh = folder / f".{package}.{os.getpid()}"
    fresh.write_text(script)
    fresh.chmod(0o755)
    fresh.replace(program)


def _link_real_plugins(plugins: Path) -> None:
    """Everything that is not simulated, such as the Kubernetes provider.

    The engine passes over folders that are links, so their files are linked.
    """
    real = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    if not real.is_dir() or real.resolve() == plugins.resolve():
        return
    simulated = tuple(f"resource-{package}-v" for package in PACKAGES)
    wanted = [entry for entry in real.iterdir() if entry.is_dir() and not entry.name.startswith(simulated)]
    names = {plugin.name for plugin in wanted}
    for folder in plugins.iterdir():
        if folder.name not in names and not folder.name.startswith(simulated):
            shutil.rmtree(folder)
    for folder in wanted:
        (plugins / folder.name).mkdir(exist_ok=True)
        for file in folder.iterdir():
            _link(plugins / folder.name / file.name, file.resolve())


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
