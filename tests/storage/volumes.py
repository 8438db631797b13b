"""A catalog on a file system that is one whole volume, as the tests of this folder declare it."""

from __future__ import annotations

from components.clusters import StaticVolume, VolumeSource
from components.contracts.cluster_facts import StorageFacts, VolumeClass
from components.contracts.customize import PodCustomize
from components.contracts.quantities import ByteSize
from components.storage import (
    CatalogModel,
    CatalogVolume,
    ModelCatalog,
    ModelCatalogArgs,
    StorageClasses,
    StorageClassesArgs,
)

SHARED = "strata-shared"
FILESTORE = StaticVolume(
    driver="filestore.csi.storage.gke.io",
    handle="modeInstance/us-central1/lab-shared/models",
    attributes={"ip": "10.1.0.2", "volume": "models"},
    capacity="2560Gi",
)
FSX = StaticVolume(
    driver="fsx.csi.aws.com",
    handle="fs-0123456789abcdef0",
    attributes={"dnsname": "fs-0123456789abcdef0.fsx.us-east-2.amazonaws.com", "mountname": "abcdef"},
    capacity="4800Gi",
    root_owned=True,
)
FACTS = StorageFacts(
    read_write_once=VolumeClass(name="strata-block", provisioner="pd.csi.storage.gke.io", read_bytes_per_second=1e8),
    read_write_many=VolumeClass(name=SHARED, provisioner=FILESTORE.driver, read_bytes_per_second=1e9, managed=True),
)


def declare_classes(volume: StaticVolume | None) -> None:
    """The storage classes of a cluster whose shared storage is that volume."""
    StorageClasses("storage", StorageClassesArgs(facts=FACTS, sources={SHARED: VolumeSource(volume=volume)}))


def declare_catalog(volume: StaticVolume | None, added: PodCustomize | None = None) -> None:
    """The catalog on it."""
    args = ModelCatalogArgs(
        namespace="models",
        customize=added or PodCustomize(),
        storage_class=SHARED,
        size="16Gi",
        models=[CatalogModel(model="a/b", revision="0" * 40, checkpoint=ByteSize.gib(1))],
        image="docker.io/library/python:3.12.12",
        hub_url="https://huggingface.co",
        priority_class="strata-standard",
        volume=CatalogVolume(source=volume) if volume else None,
    )
    ModelCatalog("model-catalog", args)
