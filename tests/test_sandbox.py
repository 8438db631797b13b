"""What a sandbox leaves on the machine when a test is done with it: nothing that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation import ControlPlane
from simulation.provider.managed_cluster import ManagedCluster, existing_clusters
from tests.sandbox import sandbox


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
