"""The simulation as a distribution of its own: its wheel holds all of it, and runs without the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

_FLOORS = ("contracts", "planner")
"""The only floors of the library that it may bring along."""


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the wheel, as an installation lays them out."""
    folder = tmp_path_factory.mktemp("wheel")
    for part in ("simulation", "components"):
        # A build in the checkout would pack what an earlier build left behind.
        shutil.copytree(project / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder), str(folder / "simulation")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Could not find a version that satisfies the requirement setuptools" in done.stderr:
        pytest.skip("building a wheel takes a current setuptools, and no package index answers")
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("strata_simulation-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def files_below(folder: Path, is_wanted: Callable[[Path], bool]) -> set[str]:
    found = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return {str(file) for file in found if "__pycache__" not in file.parts and is_wanted(file)}


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_simulation(project: Path, installed: Path) -> None:
    sources = files_below(project / "simulation", lambda file: file.name not in {"pyproject.toml", "setup.cfg"})
    assert files_below(installed / "simulation", lambda _: True) == sources


@pytest.mark.slow
def test_the_wheel_brings_only_the_two_floors_it_imports(installed: Path) -> None:
    assert {entry.name for entry in (installed / "components").iterdir() if entry.is_dir()} == set(_FLOORS)


@pytest.mark.slow
def test_every_module_of_it_is_imported_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    # programs.host is a script of simulated hosts, which finds its neighbours as scripts do.
    program = (
        "import importlib, pkgutil, simulation\n"
        "for module in pkgutil.walk_packages(simulation.__path__, 'simulation.'):\n"
        "    if not module.name.endswith(('__main__', 'programs.host')):\n"
        "        importlib.import_module(module.name)\n"
    )
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
