"""Values of the GPU operator's chart as types: the keys that are set here, by the names that the chart gives them.

Source: NVIDIA/gpu-operator v26.7.0, ``deployments/gpu-operator/values.yaml`` and its subchart of
node feature discovery.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..workloads.charts import ChartValues
from .selection import AffinityValues, TolerationValues

MigStrategy = Literal["none", "single", "mixed"]
"""How the device plugin calls the partitions of GPUs that are cut by MIG."""


class Quantities(ChartValues):
    """What a container may take."""

    cpu: str
    memory: str
    ephemeral_storage: str | None = Field(default=None, serialization_alias="ephemeral-storage")


class ContainerResources(ChartValues):
    """``resources`` of an operand's containers."""

    requests: Quantities
    limits: Quantities


class Variable(ChartValues):
    """A variable of a container's environment."""

    name: str
    value: str


class ImageValues(ChartValues):
    """An image as the operator puts it together: ``repository/image:version``."""

    repository: str
    image: str
    version: str


class PluginConfigValues(ChartValues):
    """``devicePlugin.config``: the ConfigMap with configurations, and the one that nodes have by default."""

    name: str
    default: str


class ServiceMonitorValues(ChartValues):
    """``serviceMonitor``; the chart's default is on, and fails without Prometheus' definitions."""

    enabled: bool


class OperandValues(ImageValues):
    """Software that the operator deploys on nodes."""

    enabled: bool
    resources: ContainerResources
    env: tuple[Variable, ...] | None = None
    config: PluginConfigValues | None = None
    """Of the device plugin only."""
    service_monitor: ServiceMonitorValues | None = None
    """Of the exporter of DCGM only."""


class PodDeletionValues(ChartValues):
    """How pods with GPUs leave a node whose driver is exchanged."""

    force: bool
    timeout_seconds: int
    delete_empty_dir: bool


NodesOrShare = Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern=r"^(100|[1-9]?[1-9]|[1-9]0)%$")]
"""A number of nodes, or a share of them such as ``25%``; none at all would keep every node as it is.

The definition of ClusterPolicy takes any text; the operator's controller takes no other than a whole percentage
(k8s.io/apimachinery v0.36.3, ``pkg/util/intstr``, ``getIntOrPercentValueSafely``), and a number only as a number.
"""


class UpgradePolicyValues(ChartValues):
    """``driver.upgradePolicy``: in which steps nodes get another driver."""

    auto_upgrade: bool
    max_parallel_upgrades: int
    max_unavailable: NodesOrShare
    gpu_pod_deletion: PodDeletionValues


class DriverValues(ImageValues):
    """``driver``; its tag is followed by the nodes' operating system."""

    enabled: bool
    resources: ContainerResources
    kernel_module_type: Literal["auto", "open", "proprietary"]
    manager: ImageValues
    upgrade_policy: UpgradePolicyValues


class DaemonSetsValues(ChartValues):
    """``daemonsets``: what holds for all operands."""

    tolerations: tuple[TolerationValues, ...]


class OperatorValues(ImageValues):
    """``operator``: the controller itself; its hooks are never run, as CRDs are resources of the program."""

    upgrade_crd: bool = Field(default=False, serialization_alias="upgradeCRD")
    cleanup_crd: bool = Field(default=False, serialization_alias="cleanupCRD")


class CdiValues(ChartValues):
    """``cdi``: devices reach containers as the Container Device Interface describes them."""

    enabled: bool


class MigValues(ChartValues):
    """``mig``."""

    strategy: MigStrategy


class DiscoveryImage(ChartValues):
    """``image`` of node feature discovery."""

    repository: str
    tag: str


class DiscoveryWorker(ChartValues):
    """``worker``: the nodes whose features are discovered."""

    affinity: AffinityValues
    tolerations: tuple[TolerationValues, ...]


class DiscoveryValues(ChartValues):
    """Values of node feature discovery, the operator's subchart."""

    image: DiscoveryImage
    worker: DiscoveryWorker


class Discovery(ChartValues):
    """``nfd``: whether node feature discovery is deployed beside the operator."""

    enabled: bool


class GpuOperatorValues(ChartValues):
    """Values of the chart."""

    nfd: Discovery
    node_feature_discovery: DiscoveryValues | None = Field(default=None, serialization_alias="node-feature-discovery")
    operator: OperatorValues
    validator: ImageValues
    daemonsets: DaemonSetsValues
    cdi: CdiValues
    mig: MigValues
    driver: DriverValues
    toolkit: OperandValues
    device_plugin: OperandValues
    gfd: OperandValues
    mig_manager: OperandValues
    dcgm_exporter: OperandValues
