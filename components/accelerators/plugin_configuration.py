"""Configurations of NVIDIA's device plugin, by which nodes share their GPUs; each node chooses one by a label.

The same for the plugin's own chart and for the GPU operator. Source: NVIDIA/k8s-device-plugin 0.19.0, README,
"Configuration Option Details" and "Shared Access to GPUs".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..contracts.cluster_facts import PoolFacts
from ..contracts.gpu_sharing import GPU_RESOURCE, GpuSharing, Mig, Mps, TimeSlicing, plugin_configuration

WHOLE = "whole"
"""Name of the configuration of nodes without the label: a plan for a slice fits a whole GPU too."""
_WHOLE = """\
version: v1
flags:
  migStrategy: none
"""
_PARTITIONS = """\
version: v1
flags:
  migStrategy: {strategy}
"""
# More than one replica would be no more of the GPU: a pod that asks for two is told so.
_REPLICAS = """\
version: v1
flags:
  migStrategy: none
sharing:
  {key}:
    failRequestsGreaterThanOne: true
    resources:
      - name: {resource}
        replicas: {replicas}
"""


def plugin_configurations(pools: Sequence[PoolFacts]) -> Mapping[str, str]:
    """Every configuration that nodes of the pools choose, as YAML by name, and that of nodes that choose none.

    Args:
        pools: Pools whose GPUs the plugin advertises.
    """
    chosen = {plugin_configuration(pool.sharing): _configuration(pool.sharing) for pool in pools if pool.sharing}
    return {WHOLE: _WHOLE, **dict(sorted(chosen.items()))}


def _configuration(sharing: GpuSharing) -> str:
    match sharing:
        case Mig(strategy=strategy):
            return _PARTITIONS.format(strategy=strategy.value)
        case TimeSlicing(replicas=replicas):
            return _REPLICAS.format(key="timeSlicing", resource=GPU_RESOURCE, replicas=replicas)
        case Mps(replicas=replicas):
            return _REPLICAS.format(key="mps", resource=GPU_RESOURCE, replicas=replicas)
