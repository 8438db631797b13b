"""Python environments: `.venv` in the tree, and one in the cache for checkov.

Owns making them with exactly the packages whose hashes are committed. It deliberately leaves a whole `.venv` alone,
also one that `pulumi install` made: pip finds everything there and changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import ToolchainError
from .locks import exclusive
from .processes import Children, tail
from .progress import Progress
from .store import Store

MINIMUM_PYTHON = 11  # of Python 3
_STAMP = "strata-requirements"
_PYTHON_VERSION = re.compile(r"^version(?:_info)? = 3\.(\d+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment: the requirement files that are wanted in it now, and all that may ever be."""

    name: str
    folder: Path
    wanted: tuple[Path, ...]
    known: tuple[Path, ...]

    @property
    def stamp_file(self) -> Path:
        """Lists the requirement files that are installed in it."""
        return self.folder / _STAMP

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def is_current(self) -> bool:
        """Whether every wanted file's packages are there as committed."""
        return self._works and {requirements_key(file) for file in self.wanted} <= _stamps(self.folder)

    @property
    def can_be_completed(self) -> bool:
        """Whether packages are only missing; one that holds outdated ones is made anew."""
        known = {requirements_key(file) for file in self.known}
        return self._works and _stamps(self.folder) <= known

    @property
    def _works(self) -> bool:
        """Whether there is an interpreter, also after an upgrade of the system, and one that is new enough."""
        match = _PYTHON_VERSION.search(_text(self.folder / "pyvenv.cfg"))
        return self.python.exists() and match is not None and int(match.group(1)) >= MINIMUM_PYTHON


def requirements_key(file: Path) -> str:
    """Changes with the content of the file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def base_python() -> str:
    """The interpreter outside every virtual environment, because the one inside may be about to be replaced."""
    program = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return str(program) if program.exists() else sys.executable


class PythonEnvironments:
    """Makes environments."""

    def __init__(self, store: Store, children: Children, progress: Progress) -> None:
        self._store = store
        self._children = children
        self._progress = progress

    def make(self, environment: Environment) -> None:
        """Makes or completes it; one that stopped halfway is taken up again."""
        folder = environment.folder
        name = f"python-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"

        def waiting() -> None:
            self._progress.say(f"{folder.name}: another installer is at it; waiting for it")

        with exclusive(self._store.root / "locks" / f"{name}.lock", self._children, waiting):
            if environment.is_current:
                return
            log = self._store.log(name)
            if not environment.can_be_completed or not self._has_pip(environment, log):
                self._create(folder, log)
            self._install(folder, environment.wanted, log)
            stamps = _stamps(folder) | {requirements_key(file) for file in environment.wanted}
            (folder / _STAMP).write_text("\n".join(sorted(stamps)) + "\n")

    def _has_pip(self, environment: Environment, log: Path) -> bool:
        """An interrupt while the environment was made leaves a Python without it."""
        return self._children.run([str(environment.python), "-m", "pip", "--version"], log=log) == 0

    def _create(self, folder: Path, log: Path) -> None:
        if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
            raise ToolchainError(
                field=folder.name,
                cause=f"{folder} is there and is no virtual environment",
                consequence="it would have to be overwritten",
                fix="move it away, then run the same command again",
            )
        if folder.exists():
            self._progress.say(f"{folder.name}: made anew, because it is outdated or not whole")
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if self._children.run([base_python(), "-m", "venv", str(folder)], log=log) != 0:
            raise ToolchainError(
                field=folder.name,
                cause=f"python -m venv failed:\n{tail(log)}",
                consequence="the program has no environment to run in",
                fix=f"install the venv module of {base_python()} (Debian and Ubuntu: python3-venv)",
            )

    def _install(self, folder: Path, files: Sequence[Path], log: Path) -> None:
        argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        argv += ["--quiet", "--require-hashes"]
        for file in files:
            argv += ["-r", str(file)]
        environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
        if self._children.run(argv, log=log, env=environment) != 0:
            raise ToolchainError(
                field=", ".join(file.name for file in files),
                cause=f"pip install failed; the end of {log}:\n{tail(log)}",
                consequence=f"{folder.name} is incomplete",
                fix="make a package index reachable (pip.conf, PIP_INDEX_URL), then run the same command again",
            )


def _stamps(folder: Path) -> set[str]:
    return set(_text(folder / _STAMP).split())


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
