"""Control planes of the tests' own, each deleted on the way out, and simulated accounts that are empty at first."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from simulation import ControlPlane
from tests.simulation.clouds.aws_account import AwsAccount
from tests.simulation.kube import Kube


@pytest.fixture(scope="module")
def state(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a blank and a comma in its path, and the project's programs."""
    folder = tmp_path_factory.mktemp("state") / "a b,c"
    folder.mkdir()
    (folder / "bin").symlink_to(project / ".strata" / "bin")
    return folder


@pytest.fixture(scope="module")
def new_plane(state: Path) -> Generator[Callable[[str], ControlPlane], None, None]:
    made: list[ControlPlane] = []

    def make(name: str) -> ControlPlane:
        plane = ControlPlane(name, state)
        made.append(plane)
        return plane

    yield make
    for plane in made:
        plane.delete()


@pytest.fixture(scope="module")
def plane(new_plane: Callable[[str], ControlPlane]) -> ControlPlane:
    made = new_plane("one")
    made.start()
    return made


@pytest.fixture(scope="module")
def kube(project: Path, plane: ControlPlane) -> Kube:
    return Kube(project, plane)


@pytest.fixture
def aws(tmp_path: Path) -> AwsAccount:
    return AwsAccount(tmp_path)
