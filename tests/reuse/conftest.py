"""The wheel as users get it, and environments with nothing else in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_SOURCES = ("components", "pyproject.toml", "setup.py", "README.md", "LICENSE")
_UNREACHABLE = re.compile(
    r"ConnectionError|NewConnectionError|No matching distribution|Temporary failure|ConnectTimeout"
)

InstalledWith = Callable[[str], Path]
"""From extras, such as ``[aws]`` or an empty text, to the Python of an environment that holds the wheel with them."""


def run_quietly(*command: str | Path, cwd: Path | None = None) -> str:
    """What a program prints; fails the test with all of it when the program fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    text = done.stdout + done.stderr
    if done.returncode and _UNREACHABLE.search(text):
        pytest.skip("the package index cannot be reached, so no empty environment can be filled")
    assert done.returncode == 0, text[-4000:]
    return done.stdout


@pytest.fixture(scope="session")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built outside of it."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    sources.mkdir()
    for name in _SOURCES:
        if (project / name).is_dir():
            shutil.copytree(project / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(project / name, sources / name)
    run_quietly(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder / "built", sources)
    (built,) = (folder / "built").glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed_with(project: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> InstalledWith:
    """Environments by their extras, each made once."""
    made: dict[str, Path] = {}

    def install(extras: str) -> Path:
        if extras not in made:
            folder = tmp_path_factory.mktemp("environment")
            run_quietly(sys.executable, "-m", "venv", folder)
            # Tested with the versions that the repository pins; a hash would be asked of the wheel as well.
            pins = folder / "constraints.txt"
            pins.write_text(
                "\n".join(re.findall(r"^[\w.-]+==[\w.]+", (project / "requirements.txt").read_text(), re.MULTILINE))
            )
            python = folder / "bin" / "python"
            run_quietly(python, "-m", "pip", "install", "--no-input", "--constraint", pins, f"{wheel}{extras}")
            made[extras] = python
        return made[extras]

    return install
