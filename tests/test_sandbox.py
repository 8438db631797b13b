"""What a sandbox leaves on the machine when a test is done with it: nothing that runs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulation import ControlPlane
from simulation.provider.managed_cluster import ManagedCluster, existing_clusters
from tests.sandbox import delete_control_planes, sandbox


@pytest.fixture
def etcd(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the control plane "lost", whose folder is gone."""
    program = ControlPlane("lost", tmp_path).layout.program("etcd")
    program.parent.mkdir(parents=True)
    program.symlink_to(shutil.which("sleep") or "/bin/sleep")
    process = subprocess.Popen([str(program), "600"])
    try:
        shutil.rmtree(tmp_path / "control-planes")
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_control_plane_whose_folder_is_gone_ends_too(etcd: subprocess.Popen[bytes], tmp_path: Path) -> None:
    delete_control_planes(tmp_path)
    assert etcd.poll() is not None
    assert not list((tmp_path / "control-planes").iterdir())


def test_whoever_has_one_at_hand_ends_it_without_its_folder(etcd: subprocess.Popen[bytes], tmp_path: Path) -> None:
    ControlPlane("lost", tmp_path).delete()
    assert etcd.poll() is not None


@pytest.mark.engine
@pytest.mark.slow
def test_embedded_clusters_and_those_of_simulated_clouds_end_with_it(project: Path, tmp_path: Path) -> None:
    with sandbox(project, tmp_path, "dev") as box:
        state = box.folder / ".strata"
        (state / "simulated").mkdir()
        (state / "simulated" / "bin").symlink_to(state / "bin")
        planes = [ControlPlane("dev", state), ManagedCluster("site", state / "simulated", cloud="site").control_plane]
        planes[0].start()
        ManagedCluster("site", state / "simulated", cloud="site").create()
    assert [plane.name for plane in planes if any(component.pid for component in plane.status().components)] == []
    assert existing_clusters(state / "simulated") == []
