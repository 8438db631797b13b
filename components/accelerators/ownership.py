"""Who owns driver, container toolkit and advertising of each pool's devices: one owner each.

Pure. What nodes come with is a fact of their environment (``PoolFacts.provides``); everything else has to be installed
by somebody, and two who install the same thing break it: two drivers do not load, and two advertisers let two pods have
the same GPU.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..contracts.cluster_facts import ClusterFacts, PoolFacts
from ..contracts.devices import DevicePart
from ..contracts.gpu_sharing import Mig, sharing_labels
from ..contracts.pools import GpuAdvertiser
from ..planner.fabrics import EFA_RESOURCE


class Owner(StrEnum):
    """Who installs a part of the software of a node's devices."""

    NODES = "nodes"
    """The nodes come with it, from their image or their cloud."""
    DEVICE_PLUGIN = "device-plugin"
    """NVIDIA's device plugin, which this package deploys."""
    GPU_OPERATOR = "gpu-operator"
    """NVIDIA's GPU operator, which this package deploys."""
    DRA_DRIVER = "dra-driver"
    """NVIDIA's DRA driver, which this package deploys."""
    EFA_PLUGIN = "efa-plugin"
    """The EFA device plugin, which this package deploys."""
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
        domains: Who opens NVLink domains of several nodes to pods; None where there are none.
    """

    pool: PoolFacts
    driver: Owner
    toolkit: Owner
    gpus: Owner
    domains: Owner | None = None


def ownership(facts: ClusterFacts, *, install: bool | None = None) -> tuple[PoolOwnership, ...]:
    """The owners of each pool with GPUs.

    Args:
        facts: The cluster.
        install: Whether what is missing is installed; None installs it on clusters that Strata makes.
    """
    installs = _installs(facts, install=install)
    return tuple(_of_pool(pool, installs=installs) for pool in facts.gpu_pools)


def unadvertised_notes(facts: ClusterFacts, *, install: bool | None = None) -> Iterator[str]:
    """Pools whose GPUs somebody else has to advertise, and what that takes.

    Args:
        facts: The cluster.
        install: As for ``ownership``.
    """
    if not _installs(facts, install=install):
        return
    owned = ownership(facts, install=install)
    if facts.existed:
        yield from _missing_labels(owned)


def _missing_labels(owned: Iterable[PoolOwnership]) -> Iterator[str]:
    """Labels that nodes need where others may have made them."""
    for pool in owned:
        labels = sharing_labels(pool.pool.sharing)
        if labels and pool.gpus is Owner.DEVICE_PLUGIN:
            pairs = " ".join(f"{key}={value}" for key, value in labels.items())
            yield (
                f"GPUs of {pool.pool.name} are advertised in slices on nodes with the labels {pairs} only; nodes of "
                "pools that Strata makes carry them"
            )


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """Pools by what this package deploys for them.

    Attributes:
        device_plugin: Pools whose GPUs NVIDIA's device plugin advertises, each GPU for one pod.
        shared_plugin: Pools whose GPUs it advertises in slices.
        efa_plugin: Pools whose EFA devices the EFA device plugin advertises.
        operator: Pools whose nodes NVIDIA's GPU operator completes.
        dra_driver: Pools whose GPUs or NVLink domains NVIDIA's DRA driver allocates.
    """

    device_plugin: tuple[PoolFacts, ...]
    shared_plugin: tuple[PoolFacts, ...]
    efa_plugin: tuple[PoolFacts, ...]
    operator: tuple[PoolOwnership, ...]
    dra_driver: tuple[PoolFacts, ...] = ()

    @property
    def pools(self) -> tuple[PoolFacts, ...]:
        """Every pool for which something is deployed."""
        by_operator = (owned.pool for owned in self.operator)
        return (*self.device_plugin, *self.shared_plugin, *self.efa_plugin, *by_operator, *self.dra_driver)

    @property
    def advertised_gpus(self) -> tuple[PoolFacts, ...]:
        """Pools whose GPUs something that is deployed advertises."""
        return (*self.device_plugin, *self.shared_plugin, *self.operator_gpus)

    @property
    def operator_gpus(self) -> tuple[PoolFacts, ...]:
        """Pools whose GPUs the operator's device plugin advertises."""
        return tuple(owned.pool for owned in self.operator if owned.gpus is Owner.GPU_OPERATOR)


def deployments(facts: ClusterFacts, *, install: bool | None = None) -> Deployments:
    """What has to be deployed so that pods get the devices.

    Args:
        facts: The cluster.
        install: As for ``ownership``.
    """
    owned = ownership(facts, install=install)
    advertised = [pool.pool for pool in owned if pool.gpus is Owner.DEVICE_PLUGIN]
    return Deployments(
        device_plugin=tuple(pool for pool in advertised if pool.sharing is None),
        shared_plugin=tuple(pool for pool in advertised if pool.sharing is not None),
        efa_plugin=tuple(
            pool for pool in facts.pools if fabric_owner(facts, pool, install=install) is Owner.EFA_PLUGIN
        ),
        operator=tuple(pool for pool in owned if Owner.GPU_OPERATOR in {pool.driver, pool.toolkit, pool.gpus}),
        dra_driver=tuple(pool.pool for pool in owned if Owner.DRA_DRIVER in {pool.gpus, pool.domains}),
    )


def fabric_owner(facts: ClusterFacts, pool: PoolFacts, *, install: bool | None = None) -> Owner | None:
    """Who advertises the fabric's devices of a pool; None where it has none that pods ask for.

    Args:
        facts: The cluster.
        pool: The pool.
        install: As for ``ownership``.
    """
    if pool.fabric.resource_name is None:
        return None
    if pool.provides is not None and DevicePart.FABRIC_PLUGIN in pool.provides:
        return Owner.NODES
    is_known = pool.provides is not None and pool.fabric.resource_name == EFA_RESOURCE
    return Owner.EFA_PLUGIN if is_known and _installs(facts, install=install) else Owner.OTHERS


def _installs(facts: ClusterFacts, *, install: bool | None) -> bool:
    return not facts.existed if install is None else install


def _of_pool(pool: PoolFacts, *, installs: bool) -> PoolOwnership:
    provided = pool.provides
    by_others = Owner.OTHERS if pool.compute_domain_gpus else None
    if provided is None:
        return PoolOwnership(pool=pool, driver=Owner.OTHERS, toolkit=Owner.OTHERS, gpus=Owner.OTHERS, domains=by_others)
    # The plugin works where driver and toolkit are there, and GPUs are cut; the operator brings all of it.
    needed = {
        DevicePart.DRIVER,
        DevicePart.TOOLKIT,
        *((DevicePart.MIG_LAYOUT,) if isinstance(pool.sharing, Mig) else ()),
    }
    is_ready = needed <= {*provided}
    missing = (Owner.DEVICE_PLUGIN if is_ready else Owner.GPU_OPERATOR) if installs else Owner.OTHERS

    def owner(part: DevicePart) -> Owner:
        return Owner.NODES if part in provided else missing

    # A device plugin beside a DRA driver that allocates GPUs would let two pods have the same one.
    uses_plugin = pool.advertiser is GpuAdvertiser.DEVICE_PLUGIN
    dra = Owner.DRA_DRIVER if installs else Owner.OTHERS

    return PoolOwnership(
        pool=pool,
        driver=owner(DevicePart.DRIVER),
        toolkit=owner(DevicePart.TOOLKIT),
        gpus=owner(DevicePart.GPU_PLUGIN) if uses_plugin else dra,
        domains=dra if pool.compute_domain_gpus else None,
    )
