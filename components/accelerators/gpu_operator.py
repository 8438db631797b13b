"""NVIDIA's GPU operator: the values of its chart for the pools whose nodes lack driver or container toolkit.

The operator works on every node that node feature discovery finds a GPU of NVIDIA on, so discovery runs on its pools
alone: nodes of all others, which come with a driver or an advertiser of their own, are never labelled and never
touched. Source: NVIDIA/gpu-operator v26.7.0, ``controllers/nodelabeling_controller.go``, labelGPUNodes.

Driver, toolkit and plugin are described by one ClusterPolicy. A driver that is on a node already stays: the driver
manager finds it and marks the node (NVIDIA/k8s-driver-manager, ``cmd/driver-manager/main.go``: "pre-installed").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..contracts.cluster_facts import PoolFacts
from ..contracts.versions import (
    DCGM_EXPORTER,
    GPU_OPERATOR,
    GPU_OPERATOR_DEVICE_PLUGIN,
    NODE_FEATURE_DISCOVERY,
    NVIDIA_CONTAINER_TOOLKIT,
    NVIDIA_DRIVER,
    NVIDIA_DRIVER_MANAGER,
    NVIDIA_MIG_MANAGER,
    Image,
)
from .operator_values import (
    CdiValues,
    ContainerResources,
    DaemonSetsValues,
    Discovery,
    DiscoveryImage,
    DiscoveryValues,
    DiscoveryWorker,
    DriverValues,
    GpuOperatorValues,
    ImageValues,
    MigStrategy,
    MigValues,
    OperandValues,
    OperatorValues,
    PluginConfigValues,
    PodDeletionValues,
    Quantities,
    ServiceMonitorValues,
    UpgradePolicyValues,
    Variable,
)
from .selection import on_pools, tolerated

RELEASE = "gpu-operator"
"""Name of the release, and of the operator's Deployment."""
PLUGIN_DAEMON_SET = "nvidia-device-plugin-daemonset"
"""Name of the DaemonSet by which the operator advertises GPUs."""
_CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
# The operator evicts pods with GPUs through the Eviction API, so budgets hold; a server drains within this time.
_EVICTION_SECONDS = 600
# It compiles kernel modules, and unpacks the driver into its own file system.
_DRIVER = ContainerResources(
    requests=Quantities(cpu="100m", memory="512Mi", ephemeral_storage="2Gi"),
    limits=Quantities(cpu="4", memory="8Gi", ephemeral_storage="20Gi"),
)
# A few dozen MiB; a plugin that is killed for memory takes the GPUs of its node away.
_AGENT = ContainerResources(
    requests=Quantities(cpu="10m", memory="64Mi", ephemeral_storage="50Mi"),
    limits=Quantities(cpu="500m", memory="512Mi", ephemeral_storage="1Gi"),
)
# It holds the engine of DCGM, which grows with the number of GPUs and fields.
_EXPORTER = ContainerResources(
    requests=Quantities(cpu="50m", memory="256Mi", ephemeral_storage="50Mi"),
    limits=Quantities(cpu="1", memory="1Gi", ephemeral_storage="1Gi"),
)


@dataclass(frozen=True, kw_only=True)
class GpuOperator:
    """What the operator is to do.

    Attributes:
        pools: Pools whose nodes it completes.
        installs_driver: Whether any of them comes without a driver.
        advertises: Whether it runs the device plugin there; not where a DRA driver hands the GPUs out.
        discovers: Whether node feature discovery is deployed with it; not where it runs already.
        monitored: Whether the cluster knows ServiceMonitors, by which Prometheus finds the exporter of DCGM.
        containerd_config: File of containerd that the toolkit has to edit in place; None lets it add a file.
        installs_toolkit: Whether any of them comes without NVIDIA's container toolkit.
        mig_strategy: How partitions of GPUs are called.
        cuts: Whether the MIG manager has GPUs to cut, for which it may have to start a node anew.
        plugin_config: ConfigMap with configurations of the device plugin, and the default among them.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name, such as ``gpu-operator``.
    """

    pools: Sequence[PoolFacts]
    installs_driver: bool
    advertises: bool = True
    discovers: bool = True
    monitored: bool = False
    containerd_config: str | None = None
    installs_toolkit: bool = True
    mig_strategy: MigStrategy = "single"
    cuts: bool = False
    plugin_config: PluginConfigValues | None = None
    image_mirror: str | None = None
    image_digests: Mapping[str, str] = field(default_factory=dict[str, str])


def gpu_operator_values(wanted: GpuOperator) -> GpuOperatorValues:
    """Values with which the operator completes the nodes of its pools and no others.

    Args:
        wanted: What it is to do.
    """
    operator = _image(wanted, GPU_OPERATOR, "gpu-operator")
    return GpuOperatorValues(
        nfd=Discovery(enabled=wanted.discovers),
        node_feature_discovery=_discovery(wanted) if wanted.discovers else None,
        operator=OperatorValues(repository=operator.repository, image=operator.image, version=operator.version),
        validator=operator,
        daemonsets=DaemonSetsValues(tolerations=tolerated(wanted.pools)),
        cdi=CdiValues(enabled=True),
        mig=MigValues(strategy=wanted.mig_strategy),
        driver=_driver(wanted),
        toolkit=_toolkit(wanted),
        device_plugin=_plugin(wanted, enabled=wanted.advertises, config=wanted.plugin_config),
        gfd=_plugin(wanted, enabled=True),
        mig_manager=_mig_manager(wanted),
        dcgm_exporter=_exporter(wanted),
    )


def _operand(image: ImageValues) -> OperandValues:
    return OperandValues(
        repository=image.repository, image=image.image, version=image.version, enabled=True, resources=_AGENT
    )


def _plugin(wanted: GpuOperator, *, enabled: bool, config: PluginConfigValues | None = None) -> OperandValues:
    """The device plugin; GPU feature discovery is another program of its image."""
    operand = _operand(_image(wanted, GPU_OPERATOR_DEVICE_PLUGIN, "gpu-operator-device-plugin"))
    return operand.model_copy(update={"enabled": enabled, "config": config})


def _toolkit(wanted: GpuOperator) -> OperandValues:
    operand = _operand(_image(wanted, NVIDIA_CONTAINER_TOOLKIT, "nvidia-container-toolkit"))
    return operand.model_copy(update={"env": _toolkit_variables(wanted), "enabled": wanted.installs_toolkit})


def _mig_manager(wanted: GpuOperator) -> OperandValues:
    operand = _operand(_image(wanted, NVIDIA_MIG_MANAGER, "nvidia-mig-manager"))
    # Machines of clouds may not reset a GPU on their own (NVIDIA GPU operator, "GPU Operator with MIG").
    reboot = (Variable(name="WITH_REBOOT", value="true"),) if wanted.cuts else None
    return operand.model_copy(update={"env": reboot})


def _exporter(wanted: GpuOperator) -> OperandValues:
    operand = _operand(_image(wanted, DCGM_EXPORTER, "dcgm-exporter"))
    monitor = ServiceMonitorValues(enabled=wanted.monitored)
    return operand.model_copy(update={"resources": _EXPORTER, "service_monitor": monitor})


def _driver(wanted: GpuOperator) -> DriverValues:
    # The tag differs by the nodes' system, so there is no one digest to pin.
    driver = _parts(NVIDIA_DRIVER, wanted.image_mirror, None)
    return DriverValues(
        repository=driver.repository,
        image=driver.image,
        version=driver.version,
        enabled=wanted.installs_driver,
        resources=_DRIVER,
        kernel_module_type="auto",
        manager=_image(wanted, NVIDIA_DRIVER_MANAGER, "nvidia-driver-manager"),
        upgrade_policy=UpgradePolicyValues(
            auto_upgrade=True,
            max_parallel_upgrades=1,
            max_unavailable="25%",
            gpu_pod_deletion=PodDeletionValues(
                # Model servers keep caches and shared memory in emptyDirs.
                force=False,
                timeout_seconds=_EVICTION_SECONDS,
                delete_empty_dir=True,
            ),
        ),
    )


def _toolkit_variables(wanted: GpuOperator) -> tuple[Variable, ...] | None:
    """Where containerd's file has to be edited in place, as the toolkit's own way resets paths of the pod network.

    Seen on GKE with containerd 2: NVIDIA/nvidia-container-toolkit issue 1222 (2026-07).
    """
    if wanted.containerd_config is None:
        return None
    return (
        Variable(name="RUNTIME_CONFIG_SOURCE", value="file"),
        Variable(name="CONTAINERD_CONFIG", value=wanted.containerd_config),
        Variable(name="CONTAINERD_SOCKET", value=_CONTAINERD_SOCKET),
    )


def _discovery(wanted: GpuOperator) -> DiscoveryValues:
    image = _image(wanted, NODE_FEATURE_DISCOVERY, "node-feature-discovery")
    return DiscoveryValues(
        image=DiscoveryImage(repository=f"{image.repository}/{image.image}", tag=image.version),
        worker=DiscoveryWorker(affinity=on_pools(wanted.pools), tolerations=tolerated(wanted.pools)),
    )


def _image(wanted: GpuOperator, image: Image, name: str) -> ImageValues:
    return _parts(image, wanted.image_mirror, wanted.image_digests.get(name))


def _parts(image: Image, mirror: str | None, digest: str | None) -> ImageValues:
    path, _, name = image.repository.rpartition("/")
    pinned = f"{image.tag}@{digest}" if digest else image.tag
    return ImageValues(repository=f"{mirror or image.registry}/{path}", image=name, version=pinned)
