"""How GPUs are shared on nodes that the GPU operator completes: by its MIG manager, and its device plugin's settings.

Pure. Source: NVIDIA/gpu-operator v26.7.0, ``controllers/object_controls.go`` (``TransformDevicePlugin``,
``TransformMIGManager``) and ``deployments/gpu-operator/values.yaml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..contracts.cluster_facts import PoolFacts
from ..contracts.errors import Problem
from ..contracts.gpu_sharing import Mig, MigStrategy, Mps
from ..contracts.names import short_hash
from ..contracts.pools import pool_path
from .plugin_configuration import plugin_configurations


@dataclass(frozen=True, kw_only=True)
class SharedGpus:
    """What the operator is told of shared GPUs.

    Attributes:
        strategy: Under which name partitions are advertised, of all its nodes.
        config_map: Name of the ConfigMap; another with every change, as the operator watches none.
        configurations: What is in it, by name.
        cuts: Whether its MIG manager has GPUs to cut.
    """

    strategy: MigStrategy
    config_map: str
    configurations: Mapping[str, str]
    cuts: bool


def shared_gpus(pools: Sequence[PoolFacts]) -> SharedGpus | None:
    """What the operator is told; None where no GPU is shared.

    Args:
        pools: Pools that it completes.
    """
    if not any(pool.sharing for pool in pools):
        return None
    configurations = plugin_configurations(pools)
    strategies = [pool.sharing.strategy for pool in pools if isinstance(pool.sharing, Mig)]
    return SharedGpus(
        strategy=strategies[0] if strategies else MigStrategy.SINGLE,
        config_map=f"gpu-sharing-{short_hash(json.dumps(configurations, sort_keys=True))}",
        configurations=configurations,
        cuts=bool(strategies),
    )


def shared_gpu_problems(pools: Sequence[PoolFacts]) -> Iterator[Problem]:
    """Pools that share their GPUs in ways that one ClusterPolicy cannot say.

    Args:
        pools: Pools that the operator completes.
    """
    cut = [(pool.name, pool.sharing.strategy) for pool in pools if isinstance(pool.sharing, Mig)]
    mixed = [name for name, strategy in cut if strategy is MigStrategy.MIXED]
    single = [name for name, strategy in cut if strategy is MigStrategy.SINGLE]
    together = [pool.name for pool in pools if isinstance(pool.sharing, Mps)]
    if mixed and single:
        yield Problem(
            field=pool_path(single[0], "sharing.strategy"),
            cause=f"the GPU operator has one strategy for all its nodes, and pool {mixed[0]} writes mixed",
            consequence="partitions of one of them would be advertised under a name that no pod asks for",
            fix="write the same strategy for every pool with MIG",
        )
    if mixed and together:
        yield Problem(
            field=pool_path(mixed[0], "sharing.strategy"),
            cause=f"pool {together[0]} shares by MPS, and the GPU operator has one strategy for all its nodes",
            consequence="the device plugin ends with an error where MPS meets strategy mixed, and advertises nothing",
            fix="write strategy: single, or kind: time-slicing for the other pool",
        )
