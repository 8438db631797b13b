"""Row B4: a volume that exists is reserved for the catalog's claim, lives as long as it, and nobody buys another."""

from __future__ import annotations

import pytest

from components.clusters import Cluster, ClusterArgs, StaticVolume, VolumeSource
from components.serving import ServedModels
from tests.registration import refusal, registered
from tests.serving.test_served_models import ON_H100, ON_H200, TWO_POOLS

from .volumes import FILESTORE, SHARED, declare_catalog, declare_classes


def test_b4_the_volume_is_made_with_its_claim_and_reserved_for_it() -> None:
    made = registered(lambda: declare_catalog(FILESTORE))
    volume = made.only("PersistentVolume")
    assert volume.at("metadata", "name") == SHARED
    assert volume.at("spec", "claimRef") == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": "models",
        "name": made.only("PersistentVolumeClaim").at("metadata", "name"),
    }, "a uid is that of one claim, and a claim that is made again has another"
    assert volume.at("spec", "persistentVolumeReclaimPolicy") == "Retain"
    assert volume.at("spec", "csi", "volumeHandle") == FILESTORE.handle
    assert not registered(lambda: declare_catalog(None)).of("PersistentVolume")


@pytest.mark.parametrize(
    ("volume", "provisioner"), [(FILESTORE, "kubernetes.io/no-provisioner"), (None, FILESTORE.driver)]
)
def test_b4_a_class_of_one_volume_buys_no_other(volume: StaticVolume | None, provisioner: str) -> None:
    made = registered(lambda: declare_classes(volume))
    assert made.only("StorageClass").at("provisioner") == provisioner
    assert not made.of("PersistentVolume"), "a volume that outlives its claim is Released and never binds again"


def test_b4_models_of_a_cluster_get_its_volume_and_a_second_catalog_is_refused() -> None:
    sources = {TWO_POOLS.storage.read_write_many.name: VolumeSource(volume=FILESTORE)}

    def declare(*, second: bool) -> None:
        lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=TWO_POOLS, volume_sources=sources))
        ServedModels("llms", cluster=lab, models=[ON_H100])
        if second:
            ServedModels("more", cluster=lab, models=[ON_H200], namespace="theirs")

    volume = registered(lambda: declare(second=False)).only("PersistentVolume")
    assert (volume.at("spec", "claimRef", "namespace"), volume.at("spec", "claimRef", "name")) == (
        "llms",
        "llms-catalog",
    )
    error, _ = refusal(lambda: declare(second=True))
    (problem,) = error.problems
    assert (problem.field, "one volume" in problem.cause, "'llms'" in problem.fix) == ("cluster", True, True)
