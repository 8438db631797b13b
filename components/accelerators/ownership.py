"""Who owns driver, container toolkit and advertising of each pool's devices: one owner each.

Pure. What nodes come with is a fact of their environment (``PoolFacts.provides``); everything else has to be installed
by somebody, and two who install the same thing break it: two drivers do not load, and two advertisers let two pods have
the same GPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.devices import DevicePart


class Owner(StrEnum):
    """Who installs a part of the software of a node's devices."""

    NODES = "nodes"
    """The nodes come with it, from their image or their cloud."""
    DEVICE_PLUGIN = "device-plugin"
    """NVIDIA's device plugin, which this package deploys."""
    GPU_OPERATOR = "gpu-operator"
    """NVIDIA's GPU operator."""
    OTHERS = "others"
    """Whoever runs the cluster; Strata installs nothing."""


@dataclass(frozen=True, kw_only=True)
class PoolOwnership:
    """The owners of one pool of GPUs.

    Attributes:
        pool: The pool.
        driver: Who installs NVIDIA's driver.
        toolkit: Who installs NVIDIA's container toolkit.
        gpus: Who advertises the GPUs.
    """

    pool: PoolFacts
    driver: Owner
    toolkit: Owner
    gpus: Owner


def ownership(facts: ClusterFacts, *, install: bool | None = None) -> tuple[PoolOwnership, ...]:
    """The owners of each pool with GPUs.

    Args:
        facts: The cluster.
        install: Whether what is missing is installed; None installs it on clusters that Strata makes.
    """
    installs = not facts.existed if install is None else install
    return tuple(_of_pool(pool, installs=installs) for pool in facts.gpu_pools)


def _of_pool(pool: PoolFacts, *, installs: bool) -> PoolOwnership:
    provided = pool.provides
    if provided is None:
        return PoolOwnership(pool=pool, driver=Owner.OTHERS, toolkit=Owner.OTHERS, gpus=Owner.OTHERS)
    # The plugin works where driver and toolkit are there; the operator brings all three.
    is_ready = DevicePart.DRIVER in provided and DevicePart.TOOLKIT in provided
    missing = (Owner.DEVICE_PLUGIN if is_ready else Owner.GPU_OPERATOR) if installs else Owner.OTHERS

    def owner(part: DevicePart) -> Owner:
        return Owner.NODES if part in provided else missing

    return PoolOwnership(
        pool=pool,
        driver=owner(DevicePart.DRIVER),
        toolkit=owner(DevicePart.TOOLKIT),
        gpus=owner(DevicePart.GPU_PLUGIN),
    )
