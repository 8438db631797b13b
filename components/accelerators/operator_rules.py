"""When the GPU operator may be deployed, and what it is told about a cluster.

Pure. One ClusterPolicy holds for all nodes that the operator works on, so its pools have to agree on what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..contracts.api_groups import MONITORING, NODE_DISCOVERY, NVIDIA
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.pools import GpuAdvertiser, pool_path
from .gpu_operator import GpuOperator
from .operator_sharing import shared_gpu_problems, shared_gpus
from .operator_values import PluginConfigValues
from .ownership import Owner, PoolOwnership, deployments
from .plugin_configuration import WHOLE


def wanted_operator(
    facts: ClusterFacts,
    pools: Sequence[PoolOwnership],
    image_mirror: str | None = None,
    image_digests: Mapping[str, str] | None = None,
) -> GpuOperator:
    """What the operator is to do on a cluster.

    Args:
        facts: The cluster.
        pools: The pools that it completes.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name.
    """
    shared = shared_gpus([owned.pool for owned in pools])
    return GpuOperator(
        pools=tuple(owned.pool for owned in pools),
        installs_driver=any(owned.driver is Owner.GPU_OPERATOR for owned in pools),
        advertises=any(owned.gpus is Owner.GPU_OPERATOR for owned in pools),
        discovers=not (facts.existed and NODE_DISCOVERY in facts.apis),
        monitored=MONITORING in facts.apis,
        containerd_config=facts.containerd_config,
        installs_toolkit=any(owned.toolkit is Owner.GPU_OPERATOR for owned in pools),
        mig_strategy=shared.strategy.value if shared else "single",
        cuts=shared is not None and shared.cuts,
        plugin_config=PluginConfigValues(name=shared.config_map, default=WHOLE) if shared else None,
        image_mirror=image_mirror,
        image_digests=image_digests or {},
    )


def operator_problems(facts: ClusterFacts, *, install: bool | None = None) -> Iterator[Problem]:
    """What the operator could not serve, or would break.

    Args:
        facts: The cluster, where it existed before, with the API groups of others only.
        install: As for ``ownership``.
    """
    wanted = deployments(facts, install=install)
    by_plugin = bool(wanted.device_plugin or wanted.shared_plugin)
    # On a cluster that Strata makes, the group is also that of the operator which it deploys itself.
    doubled = by_plugin or wanted.operator if facts.existed else by_plugin and not wanted.operator
    if NVIDIA in facts.apis and doubled:
        yield Problem(
            field="accelerators.install",
            cause=f"the cluster has the API group {NVIDIA}, so NVIDIA's GPU operator runs there",
            consequence="two device plugins would give each GPU to two pods, or two drivers would keep each other out",
            fix=f"{'leave install out' if facts.existed else 'write install: false'}, and the operator that is there "
            "serves these pools",
        )
    if wanted.operator:
        yield from _found_by_others(facts, wanted.operator)
        yield from _mixed_advertisers(wanted.operator)
        yield from shared_gpu_problems([owned.pool for owned in wanted.operator])


def _found_by_others(facts: ClusterFacts, pools: Sequence[PoolOwnership]) -> Iterator[Problem]:
    """A node feature discovery that runs already labels all nodes, and the operator follows its labels."""
    others = {pool.name for pool in facts.gpu_pools} - {owned.pool.name for owned in pools}
    if others and facts.existed and NODE_DISCOVERY in facts.apis:
        name = min(others)
        yield Problem(
            field=pool_path(name, "driver"),
            cause=f"node feature discovery ({NODE_DISCOVERY}) runs there already, and shows the GPU operator, which is "
            "installed for other pools, the nodes of this one too",
            consequence="the operator's device plugin would run beside the one that is there, and give each GPU to two "
            "pods",
            fix="use driver: gpu-operator for all pools, or label these nodes nvidia.com/gpu.deploy.operands=false and "
            "leave their pool out",
        )


def _mixed_advertisers(pools: Sequence[PoolOwnership]) -> Iterator[Problem]:
    by_driver = [owned.pool.name for owned in pools if owned.pool.advertiser is GpuAdvertiser.DRA]
    if by_driver and len(by_driver) < len(pools):
        yield Problem(
            field=pool_path(by_driver[0], "advertiser"),
            cause="other pools of the GPU operator use its device plugin, which runs on all nodes of the operator",
            consequence="device plugin and DRA driver would both hand out each GPU of the pool, to two pods at once",
            fix="use the same advertiser for every pool whose driver or container toolkit the operator installs",
        )
