"""Rules of the shared file system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....contracts.errors import Problem
from ....networks.aws.settings import network_zones
from ...rules.pool_view import PoolView
from ...rules.shared_files import ZONE_FIELD, far_file_system_problems, gpu_pools_in
from ..settings import EksTarget, LustreStorage

_SMALLEST, _STEP = 1200, 2400
# FSx for Lustre user guide, increase-storage-capacity: GiB by MB/s for each TiB, on file systems with EFA.
_EFA_STEPS = {125: 38_400, 250: 19_200, 500: 9_600, 1000: 4_800}


def storage_problems(target: EksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the shared file system."""
    if isinstance(target.shared_storage, LustreStorage):
        yield from _capacity(target.shared_storage)
        yield from _zone(target, target.shared_storage, pools)


def _capacity(lustre: LustreStorage) -> Iterator[Problem]:
    size = lustre.capacity_gib
    if lustre.efa and size % _EFA_STEPS[lustre.throughput]:
        step = _EFA_STEPS[lustre.throughput]
        yield Problem(
            field="target.shared_storage.capacity",
            cause=f"{size} GiB with EFA at {lustre.throughput} MB/s for each TiB",
            consequence=f"FSx sells that in multiples of {step} GiB",
            fix=f"use {_next(size, step)}Gi, another throughput, or efa: false",
        )
    elif not lustre.efa and size != _SMALLEST and size % _STEP:
        yield Problem(
            field="target.shared_storage.capacity",
            cause=f"{size} GiB",
            consequence=f"FSx sells {_SMALLEST} GiB and multiples of {_STEP}",
            fix=f"use {_next(size, _STEP)}Gi",
        )


def _zone(target: EksTarget, lustre: LustreStorage, pools: Sequence[PoolView]) -> Iterator[Problem]:
    known = network_zones(target.network)
    here = gpu_pools_in(lustre.zone, pools)
    if lustre.zone not in known:
        yield Problem(
            field=ZONE_FIELD,
            cause=f"the network has no subnet in {lustre.zone!r}",
            consequence="there is nothing that the file system could be attached to",
            fix=f"use {' or '.join(known)}",
        )
    elif not here:
        yield from far_file_system_problems(lustre.zone, pools, "efs")
    elif lustre.efa and not any(view.machine and view.machine.rdma_nics for view in here):
        yield Problem(
            field="target.shared_storage.efa",
            cause=f"no machine in {lustre.zone} has EFA",
            consequence="clients would fall back to TCP, and the dearer file system is no faster",
            fix="write efa: false, or put it beside a pool with EFA, such as p5.48xlarge",
        )


def _next(size: int, step: int) -> int:
    return -(-size // step) * step
