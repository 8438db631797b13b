"""Row B4 on a real API server and controller manager: a catalog that was taken down binds to its volume again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest

from simulation.provider.managed_cluster import ManagedCluster
from tests.registration import Json, registered
from tests.simulation.kube import Kube

from .volumes import FILESTORE, SHARED, declare_catalog, declare_classes

pytestmark = [pytest.mark.engine]
CLAIM, VOLUME = "persistentvolumeclaim/model-catalog", f"persistentvolume/{SHARED}"


@pytest.fixture(scope="module")
def kube(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Kube, None, None]:
    """A cluster with the classes of the platform and the driver that could buy another file system."""
    state = tmp_path_factory.mktemp("volumes")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    cluster = ManagedCluster("volumes", state, cloud="gcp", location="us-central1")
    try:
        cluster.create()
        cluster.install_driver(FILESTORE.driver)
        made = Kube(project, cluster.control_plane)
        made.run("create", "namespace", "models")
        apply(made, objects(lambda: declare_classes(FILESTORE)))
        yield made
    finally:
        cluster.delete()


def objects(declare: Callable[[], object]) -> list[dict[str, Json]]:
    """Volumes, claims and classes among what is declared."""
    made = [one.inputs for one in registered(declare).made if one.token.startswith("kubernetes:")]
    kinds = ["StorageClass", "PersistentVolume", "PersistentVolumeClaim"]
    return sorted((one for one in made if one["kind"] in kinds), key=lambda one: kinds.index(str(one["kind"])))


def apply(kube: Kube, items: Sequence[dict[str, Json]]) -> None:
    content: dict[str, Json] = {"apiVersion": "v1", "kind": "List", "items": [*items]}
    kube.run("-n", "models", "apply", "--server-side", "-f", "-", stdin=json.dumps(content))


def up(kube: Kube) -> None:
    apply(kube, objects(lambda: declare_catalog(FILESTORE)))


def phase(kube: Kube, name: str, wanted: str) -> str:
    """Its phase once it is the wanted one, or after ten seconds."""
    found = ""
    for _ in range(20):
        found = kube.run("-n", "models", "get", name, "--output=jsonpath={.status.phase}")
        if found == wanted:
            break
        time.sleep(0.5)
    return found


def test_b4_the_catalog_binds_again_after_down_and_up(kube: Kube) -> None:
    up(kube)
    assert phase(kube, CLAIM, "Bound") == "Bound"
    kube.run("-n", "models", "delete", CLAIM)
    assert phase(kube, VOLUME, "Released") == "Released"
    up(kube)
    assert phase(kube, CLAIM, "Bound") == "Pending", "a volume that outlives its claim never binds again"
    kube.run("-n", "models", "delete", CLAIM, VOLUME)
    up(kube)
    assert phase(kube, CLAIM, "Bound") == "Bound"
    assert kube.run("-n", "models", "get", CLAIM, "--output=jsonpath={.spec.volumeName}") == SHARED
    kube.run("-n", "models", "delete", CLAIM, VOLUME)


def test_b4_another_claim_of_the_class_neither_takes_the_volume_nor_buys_one(kube: Kube) -> None:
    made = objects(lambda: declare_catalog(FILESTORE))
    claim = next(one for one in made if one["kind"] == "PersistentVolumeClaim")
    theirs: dict[str, Json] = {**claim, "metadata": {"name": "theirs", "namespace": "models"}}
    apply(kube, [one for one in made if one["kind"] == "PersistentVolume"])
    apply(kube, [theirs])
    time.sleep(2)
    assert phase(kube, "persistentvolumeclaim/theirs", "Pending") == "Pending"
    up(kube)
    assert phase(kube, CLAIM, "Bound") == "Bound"
    names = kube.run("-n", "models", "get", "persistentvolumes", "--output=name").split()
    assert names == [f"persistentvolume/{SHARED}"], "the driver bought a second file system"
