"""Rules of the shared file system.

Sources: Filestore documentation, "Service tiers"; Managed Lustre documentation, "Performance tiers"; GKE
documentation, how-to/persistent-volumes/hyperdisk-ml and cloud-storage-fuse-csi-driver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....contracts.errors import Problem
from ...rules.pool_view import PoolView
from ...rules.shared_files import ZONE_FIELD, far_file_system_problems
from ..settings import (
    BucketStorage,
    FilestoreStorage,
    FilestoreTier,
    GkeTarget,
    HyperdiskMlStorage,
    LustreStorage,
)

_LUSTRE_STEP_BY_THROUGHPUT = 9_000_000
# The larger of two kinds of instances, which grow in steps of their own.
_LARGE_GIB = 10_240
_SMALLEST_BASIC_GIB, _LARGEST_BASIC_GIB = 2560, 65_433
_SMALL_STEP, _LARGE_STEP = 256, 2560


def storage_problems(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the shared file system."""
    match target.shared_storage:
        case FilestoreStorage() as filestore:
            yield from _filestore(target, filestore)
        case LustreStorage() as lustre:
            yield from _lustre(lustre)
            yield from _zone(target, lustre.zone, pools)
        case HyperdiskMlStorage():
            yield Problem(
                field="target.shared_storage.kind",
                cause="a Hyperdisk ML has one writer or many readers, never both",
                consequence="models that are added later could not be fetched while servers read the disk",
                fix="use filestore, or lustre for the speed",
            )
        case BucketStorage():
            yield Problem(
                field="target.shared_storage.kind",
                cause="GCS FUSE mounts by a sidecar that GKE adds to pods with an annotation, which ours lack",
                consequence="pods would wait for their volume for ever",
                fix="use filestore, or lustre for the speed",
            )


def _filestore(target: GkeTarget, filestore: FilestoreStorage) -> Iterator[Problem]:
    size = filestore.capacity_gib
    field = "target.shared_storage.capacity"
    if filestore.tier is FilestoreTier.BASIC_SSD:
        if not _SMALLEST_BASIC_GIB <= size <= _LARGEST_BASIC_GIB:
            yield Problem(
                field=field,
                cause=f"{size} GiB in the tier {filestore.tier.value}",
                consequence=f"Filestore sells it from {_SMALLEST_BASIC_GIB} to {_LARGEST_BASIC_GIB} GiB",
                fix=f"use {_SMALLEST_BASIC_GIB}Gi, or another tier",
            )
    else:
        step = _LARGE_STEP if size >= _LARGE_GIB else _SMALL_STEP
        if size % step:
            yield Problem(
                field=field,
                cause=f"{size} GiB in the tier {filestore.tier.value}",
                consequence=f"Filestore sells that in steps of {step} GiB",
                fix=f"use {_next(size, step)}Gi",
            )
    if filestore.zone and filestore.tier is FilestoreTier.REGIONAL:
        yield Problem(
            field=ZONE_FIELD,
            cause="an instance of the tier REGIONAL is in three zones",
            consequence="the setting would be ignored",
            fix="remove it, or write tier: ZONAL",
        )
    elif filestore.zone and filestore.zone not in target.zones:
        yield _foreign_zone(target, filestore.zone)


def _lustre(lustre: LustreStorage) -> Iterator[Problem]:
    step = _LUSTRE_STEP_BY_THROUGHPUT // lustre.throughput
    if lustre.capacity_gib % step:
        yield Problem(
            field="target.shared_storage.capacity",
            cause=f"{lustre.capacity_gib} GiB at {lustre.throughput} MB/s for each TiB",
            consequence=f"Managed Lustre sells that in multiples of {step} GiB",
            fix=f"use {_next(lustre.capacity_gib, step)}Gi, or another throughput",
        )


def _zone(target: GkeTarget, zone: str, pools: Sequence[PoolView]) -> Iterator[Problem]:
    if zone not in target.zones:
        yield _foreign_zone(target, zone)
    else:
        yield from far_file_system_problems(zone, pools, "filestore")


def _foreign_zone(target: GkeTarget, zone: str) -> Problem:
    return Problem(
        field=ZONE_FIELD,
        cause=f"{zone!r} is not a zone of the cluster",
        consequence="no node would be near it",
        fix=f"use {' or '.join(target.zones)}",
    )


def _next(size: int, step: int) -> int:
    return -(-size // step) * step
