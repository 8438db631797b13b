"""How a shared file system is told to the driver that mounts it."""

from __future__ import annotations

import pulumi

from components.clusters.gke.settings import LustreStorage
from components.clusters.gke.shared_files import GkeSharedFiles, SharedFilesArgs
from components.contracts.quantities import ByteSize
from tests.conformance.engine import run

from .pools import ZONES


def test_b4_lustre_has_the_handle_that_its_driver_can_read() -> None:
    """GoogleCloudPlatform/lustre-csi-driver, examples/pre-prov/preprov-pvc-pv.yaml: project, location, instance."""
    handles: list[str] = []

    def declare() -> None:
        storage = LustreStorage(zone=ZONES[0], capacity=ByteSize.gib(36_000), throughput=500)
        args = SharedFilesArgs(
            storage=storage,
            cluster="prod",
            project="acme-prod-1",
            region="us-central1",
            zone=ZONES[0],
            network="projects/acme-prod-1/global/networks/prod",
            network_project="acme-prod-1",
        )
        volume = GkeSharedFiles("prod-shared", args).volume
        assert volume is not None
        pulumi.Output.from_input(volume.handle).apply(handles.append)

    run(declare, {"Instance": {"mountPoint": "10.0.0.3@tcp:/models"}})
    assert handles == [f"acme-prod-1/{ZONES[0]}/prod-shared"]
