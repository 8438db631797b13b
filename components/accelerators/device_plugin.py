"""NVIDIA's device plugin: the values of its chart for the pools that it advertises.

Source: NVIDIA/k8s-device-plugin 0.19.0, ``deployments/helm/nvidia-device-plugin``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts.cluster_facts import PoolFacts
from ..contracts.versions import NVIDIA_DEVICE_PLUGIN
from ..workloads.chart_values import Amounts, Enabled, ImageValues, ResourceValues, image_values
from ..workloads.charts import ChartValues
from .plugin_configuration import WHOLE, plugin_configurations
from .selection import AffinityValues, TolerationValues, on_pools, tolerated

RELEASE = "nvidia-device-plugin"
"""Name of the release, and of its DaemonSet."""
SHARED_RELEASE = "nvidia-device-plugin-shared"
"""Name of the release on pools whose GPUs are shared: it reads the labels of its node, and has more rights for it."""


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
    return DevicePluginValues(
        image=image_values(NVIDIA_DEVICE_PLUGIN, image_mirror, image_digest),
        # The chart's own asks for labels of node feature discovery, which nothing here depends on.
        affinity=on_pools(pools),
        tolerations=tolerated(pools),
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
