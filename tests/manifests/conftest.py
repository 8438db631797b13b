"""The dev stack's rendered objects and an API server that knows their kinds."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from pytest import MonkeyPatch  # noqa: PT013 - the type

from cli.rendering import render_stack
from cli.stack import load_stack
from simulation import ControlPlane
from tests.manifests.examples import Recording, recordings


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with every object of the dev stack."""
    folder = tmp_path_factory.mktemp("rendered")
    assert render_stack(load_stack("dev"), folder) > 15, "checks over no objects would hold for anything"
    return folder


@pytest.fixture(scope="session")
def crds(project: Path, rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CRDs of the kinds that are rendered: the collected real ones where they are there, else the toolchain's."""
    shared = project.parent / "shared" / "crds"
    source = shared if shared.is_dir() else project / ".strata" / "crds"
    groups = set(
        re.findall(r"^apiVersion: ([a-z0-9.-]+)/", "\n".join(f.read_text() for f in rendered.iterdir()), re.MULTILINE)
    )
    folder = tmp_path_factory.mktemp("crds")
    for path in sorted(source.rglob("*.y*ml")):
        found = re.search(r"^  group: ['\"]?([a-z0-9.-]+)", path.read_text(), re.MULTILINE)
        if found and found[1] in groups:
            (folder / path.name).write_text(path.read_text())
    assert list(folder.iterdir()), f"no CRD of {groups} in {source}"
    return folder


@pytest.fixture(scope="session")
def api_server(
    project: Path, crds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[ControlPlane, None, None]:
    """A control plane with these CRDs."""
    state = tmp_path_factory.mktemp("api")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    plane = ControlPlane("manifests", state)
    try:
        with MonkeyPatch.context() as patch:
            patch.setenv("CRD_DIR", str(crds))
            plane.start()
        yield plane
    finally:
        plane.delete()


@pytest.fixture(scope="session")
def recorded(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Recording]:
    """What every example and variant registers; it takes minutes, so once."""
    return recordings(project, tmp_path_factory.mktemp("examples"))


def tool(project: Path, *command: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of the project's tools."""
    path = f"{project / '.strata' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path, **(environment or {})},
    )
