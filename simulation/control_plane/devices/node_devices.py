"""What a node advertises: the meeting of its hardware with the agents that run on it.

Pure: nothing is read or sent. Sources: github.com/NVIDIA/k8s-device-plugin v0.19.0 (internal/rm for resources,
internal/lm for labels), github.com/Mellanox/k8s-rdma-shared-dev-plugin and
github.com/k8snetworkplumbingwg/sriov-network-device-plugin (README of each, "Configurations").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import Field, ValidationError

from ..api import Answer, Json
from .agents import Agent
from .inventory import Inventory
from .plugin_config import CONFIG_LABEL, GPU, PluginConfig, choose_config, read_config
from .pods import AgentPod
from .slices import DOMAIN_DRIVER, GPU_DRIVER, domain_devices, gpu_devices

_EFA = "vpc.amazonaws.com/efa"
CONFIGS_FOLDER = "/available-configs"
"""Where pods with NVIDIA's device plugin mount the ConfigMap of its configurations."""
_CLIQUE = "nvidia.com/gpu.clique"
_MIG_CONFIG, _MIG_STATE = "nvidia.com/mig.config", "nvidia.com/mig.config.state"


@dataclass(frozen=True, kw_only=True)
class Advertised:
    """What a node shows beside what its owner sets.

    Attributes:
        resources: Devices of device plugins by name of their resource.
        labels: Labels of discovery.
        slices: Devices of drivers of dynamic resource allocation, by driver.
    """

    resources: Mapping[str, int]
    labels: Mapping[str, str]
    slices: Mapping[str, Sequence[Json]] = field(default_factory=dict[str, Sequence[Json]])


@dataclass(frozen=True, kw_only=True)
class Running:
    """A working pod of agents.

    Attributes:
        pod: The pod.
        files: The ConfigMap that it mounts; None where it mounts none or there is none of that name.
    """

    pod: AgentPod
    files: Mapping[str, str] | None = None


def advertised(inventory: Inventory, labels: Mapping[str, str], pods: Sequence[Running], *, writes: bool) -> Advertised:
    """What a node shows while these pods work there.

    Args:
        inventory: Its hardware.
        labels: Its labels.
        pods: Working pods of DaemonSets on it.
        writes: Whether a master of node feature discovery runs, without which no discovered label is written.
    """
    node = _Node(inventory, labels, pods)
    return Advertised(
        resources=dict(node.resources()), labels=dict(node.labels_of_agents(writes=writes)), slices=dict(node.slices())
    )


def configs_folder(pod: AgentPod) -> str:
    """Where the pod mounts the ConfigMap that configures it; empty for the only one that it mounts."""
    return CONFIGS_FOLDER if pod.agents & {Agent.DEVICE_PLUGIN, Agent.GPU_DISCOVERY} else ""


class _Node:
    def __init__(self, inventory: Inventory, labels: Mapping[str, str], pods: Sequence[Running]) -> None:
        self._has, self._labels, self._pods = inventory, labels, pods

    def resources(self) -> Iterator[tuple[str, int]]:
        """Devices that the plugins advertise."""
        if self._has.gpus and (self._has.own_plugin or (self._runs(Agent.GKE_PLUGIN) and self._has_driver)):
            # Partitions are advertised as GPUs: https://cloud.google.com/kubernetes-engine/docs/how-to/gpus-multi.
            yield GPU, self._has.gpus * self._has.mig.get(self._has.cut, 1) * self._has.clients
        for plugin in self._running(Agent.DEVICE_PLUGIN):
            config = self._config(plugin)
            if config is not None and self._has.gpus and self._sees_gpus and self._serves(config):
                yield config.shared(*self._gpu_devices(config))
        if self._has.efa and self._runs(Agent.EFA_PLUGIN):
            yield _EFA, self._has.efa
        if self._has.rdma:
            for plugin in self._running(Agent.SHARED_RDMA_PLUGIN):
                yield from _shared_rdma(plugin.files)
            for plugin in self._running(Agent.SRIOV_PLUGIN):
                yield from _sriov(plugin.files, self._has.rdma)

    def slices(self) -> Iterator[tuple[str, Sequence[Json]]]:
        """Devices that drivers of dynamic resource allocation offer."""
        if self._has.gpus and self._has_driver and self._runs(Agent.DRA_GPUS):
            yield GPU_DRIVER, gpu_devices(self._has)
        # Without a fabric of several nodes the driver still starts, and joins domains of one node.
        if self._has.gpus and self._has_driver and self._runs(Agent.DRA_DOMAINS):
            yield DOMAIN_DRIVER, domain_devices()

    def labels_of_agents(self, *, writes: bool) -> Iterator[tuple[str, str]]:
        """Labels that discovery and the MIG manager set."""
        if self._runs(Agent.MIG_MANAGER) and self._has.mig:
            wanted = self._labels.get(_MIG_CONFIG, "all-disabled")
            known = wanted == "all-disabled" or self._partition
            yield _MIG_STATE, "success" if known and self._has_driver else "failed"
        for plugin in self._running(Agent.DRA_DOMAINS):
            clique = self._has.gpu_labels.get(_CLIQUE, "")
            if clique and self._has_driver and plugin.pod.setting("GPU_CLIQUE_LABEL_ENABLED") == "true":
                yield _CLIQUE, clique
        if not (writes and self._runs(Agent.NODE_DISCOVERY_WORKER)):
            return
        yield from self._has.node_labels.items()
        for discovery in self._running(Agent.GPU_DISCOVERY):
            config = self._config(discovery)
            if config is not None and self._has.gpus and self._sees_gpus:
                yield from self._gpu_labels(config).items()

    @property
    def _has_driver(self) -> bool:
        return self._has.driver or self._runs(Agent.DRIVER)

    @property
    def _sees_gpus(self) -> bool:
        """Whether containers get at the driver, which takes the container toolkit as well."""
        return self._has_driver and (self._has.toolkit or self._runs(Agent.TOOLKIT))

    @property
    def _partition(self) -> str:
        """The MIG profile into which all GPUs are cut; empty where they are whole."""
        if self._has.cut:
            return self._has.cut
        if not (self._runs(Agent.MIG_MANAGER) and self._has_driver):
            return ""
        profile = self._labels.get(_MIG_CONFIG, "").removeprefix("all-")
        return profile if profile in self._has.mig else ""

    def _gpu_devices(self, config: PluginConfig) -> tuple[str, int]:
        profile = self._partition
        if not profile or config.mig_strategy == "none":
            return GPU, self._has.gpus
        slices = self._has.gpus * self._has.mig[profile]
        return (GPU if config.mig_strategy == "single" else _mig_resource(profile)), slices

    def _serves(self, config: PluginConfig) -> bool:
        """Whether the plugin gets past its start: with MPS it waits for the daemon and takes no MIG device."""
        return config.sharing != "mps" or (self._runs(Agent.MPS_DAEMON) and not self._partition)

    def _gpu_labels(self, config: PluginConfig) -> dict[str, str]:
        resource, count = self._gpu_devices(config)
        replicas = config.replicas_of(resource)
        product = self._has.gpu_labels.get(f"{GPU}.product", "")
        profile = "" if config.mig_strategy == "none" else self._partition
        if profile:
            product = f"{product}-MIG-{profile}"
        strategy = {} if config.mig_strategy == "none" else {"nvidia.com/mig.strategy": config.mig_strategy}
        return {
            **self._has.gpu_labels,
            **strategy,
            **self._of_partitions(profile, resource),
            f"{resource}.product": f"{product}-SHARED" if replicas > 1 and not config.renames else product,
            f"{resource}.count": str(count),
            f"{resource}.replicas": str(replicas),
            f"{resource}.sharing-strategy": config.sharing if replicas > 1 else "none",
            "nvidia.com/mps.capable": str(config.sharing == "mps" and not self._partition).lower(),
        }

    def _of_partitions(self, profile: str, resource: str) -> dict[str, str]:
        """What discovery says of a MIG profile; engines and multiprocessors are in no table of the project."""
        if not profile:
            return {}
        slices = profile.partition("g")[0]
        return {
            # With strategy "mixed" a GPU that is cut is none that pods could have.
            f"{GPU}.replicas": "0",
            f"{resource}.memory": str(self._has.mig_memory.get(profile, 0)),
            f"{resource}.slices.gi": slices,
            f"{resource}.slices.ci": slices,
        }

    def _config(self, running: Running) -> PluginConfig | None:
        pod = running.pod
        strategy = pod.setting("MIG_STRATEGY", "--mig-strategy")
        if not pod.config_map(CONFIGS_FOLDER):
            return read_config("", strategy)
        text = choose_config(
            running.files or {},
            self._labels.get(CONFIG_LABEL, ""),
            pod.setting("DEFAULT_CONFIG"),
            pod.setting("FALLBACK_STRATEGIES"),
        )
        return None if text is None else read_config(text, strategy)

    def _running(self, agent: Agent) -> Iterator[Running]:
        return (running for running in self._pods if agent in running.pod.agents)

    def _runs(self, agent: Agent) -> bool:
        return any(self._running(agent))


def _mig_resource(profile: str) -> str:
    return f"nvidia.com/mig-{profile.replace('+', '.')}"


class _SharedResource(Answer):
    name: str = Field(alias="resourceName")
    prefix: str = Field(default="rdma", alias="resourcePrefix")
    pods: int = Field(default=1, alias="rdmaHcaMax")


class _SharedConfig(Answer):
    resources: list[_SharedResource] = Field(alias="configList")


class _SriovResource(Answer):
    name: str = Field(alias="resourceName")
    prefix: str = Field(default="intel.com", alias="resourcePrefix")


class _SriovConfig(Answer):
    resources: list[_SriovResource] = Field(alias="resourceList")


def _shared_rdma(files: Mapping[str, str] | None) -> Iterator[tuple[str, int]]:
    for text in (files or {}).values():
        try:
            config = _SharedConfig.model_validate_json(text)
        except ValidationError:
            continue
        for resource in config.resources:
            yield f"{resource.prefix}/{resource.name}", resource.pods


def _sriov(files: Mapping[str, str] | None, cards: int) -> Iterator[tuple[str, int]]:
    for text in (files or {}).values():
        try:
            config = _SriovConfig.model_validate_json(text)
        except ValidationError:
            continue
        for resource in config.resources:
            yield f"{resource.prefix}/{resource.name}", cards
