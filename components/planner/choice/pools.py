"""Node pools as the search sees them: the GPU, the links, the price, and what other models left free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ...contracts.cluster_facts import ClusterFacts, PoolFacts
from ...contracts.errors import StrataError
from ...contracts.machines import Architecture
from ..catalogs.gpu_slices import slice_of
from ..catalogs.gpus import Gpu, gpu
from ..catalogs.instances import InstanceType, instance
from ..rules import Place
from ..speed.terms import Links

LEAST_GBPS = 10.0
"""Of a machine whose network nobody knows: the slowest card of servers with several GPUs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GpuPool:
    """A pool with GPUs, or slices of them, that an engine has for itself."""

    facts: PoolFacts
    machine: InstanceType | None
    """None for a machine that the catalog lacks; then price and links are unknown."""
    gpu: Gpu
    """One GPU; what a pod has of it where it is shared."""
    place: Place
    used: int
    """GPUs or slices that other models hold."""

    @property
    def free(self) -> int:
        """GPUs left."""
        return max(0, self.facts.gpus - self.used)

    @property
    def gpu_price(self) -> float | None:
        """US dollars per hour of one GPU with its share of the node; None when unknown."""
        price = self.machine.usd_per_hour if self.machine else None
        return None if price is None else price / self.facts.gpus_per_node

    @property
    def fabric_bytes_per_second(self) -> float:
        """Fabric bandwidth of one GPU, bytes per second and direction; the ordinary network where there is no RDMA."""
        ordinary = self.machine.ordinary_gbps if self.machine else None
        gbps = self.facts.fabric.gbps_per_node or ordinary or LEAST_GBPS
        return gbps / 8 * 1e9 / self.facts.gpus_per_node

    @property
    def network_is_known(self) -> bool:
        """Whether that is a figure of the catalog."""
        return bool(self.facts.fabric.gbps_per_node or (self.machine and self.machine.ordinary_gbps))

    @property
    def links(self) -> Links:
        """How its GPUs reach each other."""
        return Links(
            nvlink_domain=self.place.nvlink_domain,
            node_gpus=self.place.gpus_per_node,
            fabric=self.fabric_bytes_per_second,
        )

    def replicas(self, gpus: int) -> int:
        """Replicas of ``gpus`` GPUs that the free GPUs hold without a tensor-parallel group crossing NVLink domains.

        Other models are taken to fill whole nodes first, and whole domains.
        """
        per_node = self.facts.gpus_per_node
        empty, rest = divmod(self.free, per_node)
        if gpus > per_node:
            nodes = -(-gpus // per_node)
            domain = self.facts.compute_domain_nodes
            if nodes > domain:
                return empty // nodes
            whole, left = divmod(empty, domain)
            return whole * (domain // nodes) + left // nodes
        return empty * (per_node // gpus) + rest // gpus


def gpu_pools(facts: ClusterFacts, used: Mapping[str, int]) -> tuple[GpuPool, ...]:
    """Pools whose GPU the catalog knows, each with what others hold."""
    found = (gpu_pool(pool, max(0, used.get(pool.name, 0))) for pool in facts.gpu_pools)
    return tuple(pool for pool in found if pool is not None)


def gpu_pool(facts: PoolFacts, used: int) -> GpuPool | None:
    """One pool; None when its GPU is unknown, no NVIDIA GPU, or only a slice of one."""
    shared = facts.compute_domain_gpus if facts.most_nodes_known > 1 else 0
    known = _machine(facts.instance_type, facts.gpu, facts.gpus_per_node, shared, rdma=facts.fabric.is_rdma)
    if known is None:
        return None
    machine, card, place = known
    if facts.sharing is not None:
        card = slice_of(card, facts.sharing)
        place = replace(place, gpu=card, nvlink_domain=1, rdma=False, shared=True)
    return GpuPool(facts=facts, machine=machine, gpu=card, place=place, used=used)


@lru_cache(maxsize=1024)
def _machine(
    name: str, gpu_name: str | None, per_node: int, shared: int, *, rdma: bool
) -> tuple[InstanceType | None, Gpu, Place] | None:
    try:
        machine = instance(name)
    except StrataError:
        machine = None
    try:
        card = gpu(gpu_name or (machine.gpu if machine else None) or "")
    except StrataError:
        return None
    if not card.is_nvidia or (machine is not None and not machine.has_whole_gpus):
        return None
    domain = shared or min(per_node, machine.nvlink_domain if machine else card.nvlink_domain)
    hosts = Architecture(machine.architecture) if machine else Architecture.AMD64
    return machine, card, Place(gpu=card, gpus_per_node=per_node, nvlink_domain=domain, rdma=rdma, architecture=hosts)
