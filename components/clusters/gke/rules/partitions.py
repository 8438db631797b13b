"""Partitions of GPUs that GKE's own program cuts: it knows them by their name alone, whatever the GPU.

Source: GoogleCloudPlatform/container-engine-accelerators 09e2ab1, partition_gpu/partition_gpu.go, which names a profile
of nvidia-smi and a number for each size, and ends with "is not a valid partition size" for others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....contracts.errors import Problem
from ....contracts.gpu_sharing import Mig
from ....contracts.pools import DriverOwner, GpuPool
from ....planner.catalogs.gpu_slices import mig_profile
from ....planner.catalogs.gpus import Gpu, gpu
from ...rules.pool_view import PoolView, known_pools

_CUT = {
    **dict.fromkeys(("1g.5gb", "1g.10gb", "1g.18gb", "1g.23gb"), 7),
    **dict.fromkeys(("1g.20gb", "1g.35gb", "1g.45gb", "1g.47gb", "1g.24gb"), 4),
    **dict.fromkeys(("2g.10gb", "2g.20gb", "2g.35gb", "2g.45gb", "2g.47gb"), 3),
    **dict.fromkeys(("3g.20gb", "3g.40gb", "3g.71gb", "3g.90gb", "3g.93gb", "2g.48gb"), 2),
    **dict.fromkeys(("4g.20gb", "4g.40gb", "4g.71gb", "4g.90gb", "4g.93gb", "4g.96gb"), 1),
    **dict.fromkeys(("7g.40gb", "7g.80gb", "7g.141gb", "7g.180gb", "7g.186gb"), 1),
}
"""How many partitions of each size it makes of one GPU."""


def partition_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Sizes that GKE does not cut, or cuts into other ones than NVIDIA means by the name.

    Args:
        pools: The pools.
    """
    for view, machine in known_pools(pools):
        pool = view.pool
        # The GPU operator brings a manager of its own.
        if not isinstance(pool, GpuPool) or pool.driver is DriverOwner.GPU_OPERATOR:
            continue
        if machine.gpu and isinstance(pool.sharing, Mig):
            yield from _of_card(view, gpu(machine.gpu), pool.sharing.profile)


def _of_card(view: PoolView, card: Gpu, size: str) -> Iterator[Problem]:
    wanted = mig_profile(card, size)
    made = _CUT.get(size)
    if wanted is None or wanted.most == made:
        return
    able = [profile.name for profile in card.mig_profiles if _CUT.get(profile.name) == profile.most]
    yield view.problem(
        "sharing.profile",
        cause=f"GKE cuts {made} partitions of {size}, and {card.name} holds {wanted.most} of them"
        if made
        else f"GKE does not cut {size}",
        consequence="partitions would have another size, or be fewer or more, than models are planned for"
        if made
        else "the nodes would never advertise a partition, and pods stay pending",
        fix=f"use one of {', '.join(able)}" if able else "leave sharing out, or use kind: time-slicing",
    )
