"""NVIDIA's DRA driver: the values of its chart for the pools that it serves.

It allocates whole GPUs to claims, ComputeDomains to pods that share memory over NVLink, or both. Source:
kubernetes-sigs/dra-driver-nvidia-gpu 0.5.0, ``deployments/helm/dra-driver-nvidia-gpu``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..contracts.cluster_facts import PoolFacts
from ..contracts.errors import Problem
from ..contracts.pools import GpuAdvertiser, Taint, pool_path
from ..contracts.versions import CLAIM_API, NVIDIA_DRA_DRIVER
from ..workloads.chart_values import Amounts, Enabled, ImageValues, ResourceValues, image_values
from ..workloads.charts import ChartValues
from .selection import AffinityValues, TolerationValues, on_pools, tolerated

DRA_RELEASE = "dra-driver-nvidia-gpu"
"""Name of the release, by which the chart names its Deployment and its DaemonSet."""
DRA_PLUGIN = f"{DRA_RELEASE}-kubelet-plugin"
"""Name of the DaemonSet."""
DRA_IMAGE_NAME = "nvidia-dra-driver"
"""Name under which settings pin the image's digest."""


class ResourcesValues(ChartValues):
    """``resources``: what the driver allocates."""

    gpus: Enabled
    compute_domains: Enabled


class ContainerValues(ChartValues):
    """A container of the kubelet plugin or of the controller."""

    resources: ResourceValues


class DomainContainerValues(ChartValues):
    """The container of ComputeDomains."""

    resources: ResourceValues
    gpu_clique_label_enabled: bool


class PluginContainers(ChartValues):
    """Containers of the kubelet plugin."""

    compute_domains: DomainContainerValues
    gpus: ContainerValues


class KubeletPluginValues(ChartValues):
    """``kubeletPlugin``: the DaemonSet.

    The chart's own affinity asks for labels of node feature discovery, which nothing here depends on.
    """

    affinity: AffinityValues
    tolerations: tuple[TolerationValues, ...]
    containers: PluginContainers


class ControllerContainers(ChartValues):
    """Containers of the controller."""

    compute_domain: ContainerValues


class ControllerValues(ChartValues):
    """``controller``: the Deployment that keeps ComputeDomains.

    Since 0.5.0 it only prefers nodes of the control plane, so that it starts where a cloud shows none.
    """

    tolerations: tuple[TolerationValues, ...]
    containers: ControllerContainers


class DraDriverValues(ChartValues):
    """Values of the chart."""

    image: ImageValues
    resource_api_version: str
    nvidia_driver_root: str
    gpu_resources_enabled_override: bool
    resources: ResourcesValues
    kubelet_plugin: KubeletPluginValues
    controller: ControllerValues


@dataclass(frozen=True, kw_only=True)
class DraDriver:
    """What the driver is deployed for.

    Attributes:
        pools: The pools that it serves; all of them have their NVIDIA driver in the same place.
        controller_taints: Taints of nodes on which its controller may run.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
    """

    pools: Sequence[PoolFacts]
    controller_taints: Sequence[Taint] = ()
    image_mirror: str | None = None
    image_digest: str | None = None


# The plugin holds NVML and two watches; one that is killed for memory lets no pod of its node start.
_PLUGIN = ResourceValues(
    requests=Amounts(cpu="50m", memory="128Mi"),
    limits=Amounts(cpu="1", memory="512Mi"),
)
_CONTROLLER = ResourceValues(
    requests=Amounts(cpu="50m", memory="64Mi"),
    limits=Amounts(cpu="500m", memory="512Mi"),
)


# Left out, the chart takes what a run without a cluster knows. In quotes it is the same to YAML, and not to the chart's
# template of the class of GPUs, which would set extendedResourceName: API servers drop that field where
# DRAExtendedResource is off, as in 1.34, and each further run would want to write it again.
_QUOTED_API = f'"{CLAIM_API}"'


def dra_driver_values(wanted: DraDriver) -> DraDriverValues:
    """Values with which the driver runs on the nodes of these pools and no others.

    It allocates GPUs where they are advertised by it, and then nowhere beside a device plugin: the chart wants that
    said twice. The label ``nvidia.com/gpu.clique`` is set by the driver, as no feature discovery may run.
    """
    allocates_gpus = any(pool.advertiser is GpuAdvertiser.DRA for pool in wanted.pools)
    has_domains = any(pool.compute_domain_gpus for pool in wanted.pools)
    plugin = ContainerValues(resources=_PLUGIN)
    domains = DomainContainerValues(resources=_PLUGIN, gpu_clique_label_enabled=True)
    return DraDriverValues(
        image=image_values(NVIDIA_DRA_DRIVER, wanted.image_mirror, wanted.image_digest),
        resource_api_version=_QUOTED_API,
        nvidia_driver_root=wanted.pools[0].driver_root,
        gpu_resources_enabled_override=allocates_gpus,
        resources=ResourcesValues(gpus=Enabled(enabled=allocates_gpus), compute_domains=Enabled(enabled=has_domains)),
        kubelet_plugin=KubeletPluginValues(
            affinity=on_pools(wanted.pools),
            tolerations=tolerated(wanted.pools),
            containers=PluginContainers(compute_domains=domains, gpus=plugin),
        ),
        controller=ControllerValues(
            tolerations=_tolerations(wanted.controller_taints),
            containers=ControllerContainers(compute_domain=ContainerValues(resources=_CONTROLLER)),
        ),
    )


def driver_root_problems(pools: Sequence[PoolFacts]) -> Iterator[Problem]:
    """Pools that one driver cannot serve, as it looks for NVIDIA's driver in one folder on all of its nodes.

    Args:
        pools: The pools that it is to serve.
    """
    for pool in pools:
        if pool.driver_root != pools[0].driver_root:
            yield Problem(
                field=pool_path(pool.name, "driver"),
                cause=f"NVIDIA's driver is below {pool.driver_root} here and below {pools[0].driver_root} on "
                f"{pools[0].name}; the DRA driver of a cluster looks in one place",
                consequence="on the nodes of one of the pools it would never start, and their pods would stay pending",
                fix="write the same driver for every pool with advertiser: dra or compute_domains: true",
            )


def _tolerations(taints: Sequence[Taint]) -> tuple[TolerationValues, ...]:
    # Any value of a taint: clouds and autoscalers write different ones.
    return tuple(
        TolerationValues(key=taint.key, operator="Exists", effect=taint.effect.value) for taint in dict.fromkeys(taints)
    )
