"""NVIDIA's device plugin: the values of its chart for the pools that it advertises.

Source: NVIDIA/k8s-device-plugin 0.19.0, ``deployments/helm/nvidia-device-plugin``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts.cluster_facts import PoolFacts
from ..contracts.pools import POOL_LABEL, Taint
from ..contracts.versions import NVIDIA_DEVICE_PLUGIN
from ..workloads.charts import ChartValues
from .plugin_configuration import WHOLE, plugin_configurations

RELEASE = "nvidia-device-plugin"
"""Name of the release, and of its DaemonSet."""
SHARED_RELEASE = "nvidia-device-plugin-shared"
"""Name of the release on pools whose GPUs are shared: it reads the labels of its node, and has more rights for it."""


class ImageValues(ChartValues):
    """``image``: the plugin's image, which GPU feature discovery and the daemon of MPS run too."""

    repository: str
    tag: str


class MatchExpression(ChartValues):
    """A requirement on a label of nodes."""

    key: str
    operator: str
    values: tuple[str, ...]


class NodeSelectorTerm(ChartValues):
    """Requirements that hold together."""

    match_expressions: tuple[MatchExpression, ...]


class RequiredNodes(ChartValues):
    """Nodes that one of the terms describes."""

    node_selector_terms: tuple[NodeSelectorTerm, ...]


class NodeAffinity(ChartValues):
    """Where pods may run."""

    required_during_scheduling_ignored_during_execution: RequiredNodes


class AffinityValues(ChartValues):
    """``affinity``; the chart's own asks for labels of node feature discovery, which nothing here depends on."""

    node_affinity: NodeAffinity


class TolerationValues(ChartValues):
    """One toleration."""

    key: str
    operator: str
    effect: str


class Amounts(ChartValues):
    """CPU and memory."""

    cpu: str
    memory: str


class ResourceValues(ChartValues):
    """``resources`` of the plugin's containers."""

    requests: Amounts
    limits: Amounts


class Enabled(ChartValues):
    """A part of the chart that is on or off."""

    enabled: bool


class ConfigValues(ChartValues):
    """``config``: configurations by name, and the one of nodes that choose none by label."""

    map: dict[str, str]
    default: str


class DevicePluginValues(ChartValues):
    """Values of the chart."""

    config: ConfigValues | None = None
    image: ImageValues
    affinity: AffinityValues
    tolerations: tuple[TolerationValues, ...]
    resources: ResourceValues
    gfd: Enabled
    nfd: Enabled


# The plugin holds a few dozen MiB; one that is killed for memory takes the GPUs of its node away.
_AMOUNTS = ResourceValues(
    requests=Amounts(cpu="10m", memory="64Mi"),
    limits=Amounts(cpu="500m", memory="512Mi"),
)


def device_plugin_values(
    pools: Sequence[PoolFacts], image_mirror: str | None = None, image_digest: str | None = None
) -> DevicePluginValues:
    """Values with which the plugin runs on the nodes of these pools and no others.

    GPU feature discovery is off: it needs node feature discovery, and pools are known by their label.

    Args:
        pools: The pools whose GPUs it advertises.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
    """
    reference = NVIDIA_DEVICE_PLUGIN.reference(image_mirror, image_digest)
    repository, _, tag = reference.partition(f":{NVIDIA_DEVICE_PLUGIN.tag}")
    names = tuple(sorted(pool.name for pool in pools))
    chosen = MatchExpression(key=POOL_LABEL, operator="In", values=names)
    required = RequiredNodes(node_selector_terms=(NodeSelectorTerm(match_expressions=(chosen,)),))
    return DevicePluginValues(
        image=ImageValues(repository=repository, tag=f"{NVIDIA_DEVICE_PLUGIN.tag}{tag}"),
        affinity=AffinityValues(
            node_affinity=NodeAffinity(required_during_scheduling_ignored_during_execution=required)
        ),
        tolerations=tuple(_toleration(taint) for taint in _taints(pools)),
        resources=_AMOUNTS,
        gfd=Enabled(enabled=False),
        nfd=Enabled(enabled=False),
    )


def shared_plugin_values(
    pools: Sequence[PoolFacts], image_mirror: str | None = None, image_digest: str | None = None
) -> DevicePluginValues:
    """Values with which the plugin runs on the nodes of these pools, and advertises slices of their GPUs.

    Its control daemon of MPS runs on nodes with the label ``nvidia.com/mps.capable``.

    Args:
        pools: The pools, whose GPUs are shared.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
    """
    config = ConfigValues(map=dict(plugin_configurations(pools)), default=WHOLE)
    return device_plugin_values(pools, image_mirror, image_digest).model_copy(update={"config": config})


def _taints(pools: Sequence[PoolFacts]) -> Sequence[Taint]:
    """Every taint of the pools, once, in their order."""
    return list(dict.fromkeys(taint for pool in pools for taint in pool.tolerations))


def _toleration(taint: Taint) -> TolerationValues:
    # Any value of the taint: clouds and autoscalers write different ones.
    return TolerationValues(key=taint.key, operator="Exists", effect=taint.effect.value)
