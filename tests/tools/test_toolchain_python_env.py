"""`.venv` is made once, completed when something is missing, and made anew when something is outdated."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.toolchain.errors import ToolchainError
from tools.toolchain.processes import Children
from tools.toolchain.progress import Progress
from tools.toolchain.python_env import Environment, PythonEnvironments, base_python, requirements_key
from tools.toolchain.store import Store


@dataclass(frozen=True)
class Project:
    run: Path
    dev: Path
    venv: Path

    def environment(self, *wanted: Path) -> Environment:
        return Environment(name=".venv", folder=self.venv, wanted=wanted, known=(self.run, self.dev))

    def stamp(self, *files: Path) -> None:
        (self.venv / "strata-requirements").write_text("\n".join(requirements_key(file) for file in files))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "requirements.txt", tmp_path / "requirements-dev.txt", tmp_path / ".venv")
    project.run.write_text("a==1\n")
    project.dev.write_text("b==1\n")
    (project.venv / "bin").mkdir(parents=True)
    (project.venv / "bin" / "python").symlink_to(sys.executable)
    (project.venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    return project


def test_what_is_there_as_committed_is_current(project: Project) -> None:
    project.stamp(project.run)
    assert project.environment(project.run).is_current
    assert not project.environment(project.run, project.dev).is_current


def test_missing_packages_are_added_to_the_environment(project: Project) -> None:
    project.stamp(project.run)
    assert project.environment(project.run, project.dev).can_be_completed


def test_an_environment_that_pulumi_install_made_is_completed(project: Project) -> None:
    assert project.environment(project.run).can_be_completed


def test_an_environment_with_outdated_packages_is_made_anew(project: Project) -> None:
    project.stamp(project.run, project.dev)
    project.dev.write_text("b==2\n")
    assert project.environment(project.run).is_current
    assert not project.environment(project.run, project.dev).can_be_completed


def test_an_environment_whose_python_is_gone_is_made_anew(project: Project) -> None:
    project.stamp(project.run)
    (project.venv / "bin" / "python").unlink()
    assert not project.environment(project.run).is_current
    assert not project.environment(project.run).can_be_completed


def test_an_environment_of_an_old_python_is_made_anew(project: Project) -> None:
    project.stamp(project.run)
    (project.venv / "pyvenv.cfg").write_text("version = 3.10.4\n")
    assert not project.environment(project.run).can_be_completed


def test_a_folder_that_is_no_environment_is_not_overwritten(project: Project, tmp_path: Path) -> None:
    children, progress = Children(), Progress(io.StringIO())
    pythons = PythonEnvironments(Store(tmp_path / "cache", children, progress), children, progress)
    (project.venv / "pyvenv.cfg").unlink()
    with pytest.raises(ToolchainError, match="no virtual environment"):
        pythons.make(project.environment(project.run))
    assert project.venv.exists()


def test_the_base_python_lies_outside_every_environment() -> None:
    assert not Path(base_python()).is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix
