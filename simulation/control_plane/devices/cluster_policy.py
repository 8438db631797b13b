"""A ClusterPolicy of NVIDIA's GPU operator, and what the operator makes of it: DaemonSets and labels of nodes.

Pure: nothing is read or sent. Only what the process of the devices or the scheduler looks at is in the pods. Source:
github.com/NVIDIA/gpu-operator v26.7.0, ``assets``, ``controllers/object_controls.go`` and
``controllers/nodelabeling_controller.go``; ``tests/simulation/control_plane/test_gpu_operator.py`` compares it with
what the operator itself makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field

from ..api import Answer, Json
from .node_devices import CONFIGS_FOLDER

_DEPLOY = "nvidia.com/gpu.deploy."
_PRESENT, _OPERANDS = "nvidia.com/gpu.present", f"{_DEPLOY}operands"
_FOUND = tuple(f"feature.node.kubernetes.io/pci-{kind}10de.present" for kind in ("", "0302_", "0300_"))
_MIG_CAPABLE, _MIG_CONFIG, _MIG_DISABLED = "nvidia.com/mig.capable", "nvidia.com/mig.config", "all-disabled"
_MIG_MANAGER = f"{_DEPLOY}mig-manager"
_STATES = (
    *("driver", "gpu-feature-discovery", "container-toolkit", "device-plugin", "dcgm", "dcgm-exporter"),
    *("node-status-exporter", "operator-validator"),
)
# The system that simulated nodes say they run.
_SYSTEM = "ubuntu24.04"
_CONFIG_VOLUME = "plugin-config"


class _PluginConfig(Answer):
    name: str = ""
    default: str = ""


class _Operand(Answer):
    enabled: bool = True
    repository: str = ""
    image: str = ""
    version: str = ""
    config: _PluginConfig | None = None

    @property
    def reference(self) -> str:
        """Its image, as the operator puts it together."""
        mark = "@" if self.version.startswith("sha256:") else ":"
        return f"{self.repository}/{self.image}{mark}{self.version}"


class _Toleration(Answer):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class _DaemonSets(Answer):
    tolerations: list[_Toleration] = []
    priority: str = Field(default="", alias="priorityClassName")


class _Mig(Answer):
    strategy: str = ""


class _Spec(Answer):
    daemonsets: _DaemonSets = _DaemonSets()
    driver: _Operand = _Operand()
    toolkit: _Operand = _Operand()
    plugin: _Operand = Field(default=_Operand(), alias="devicePlugin")
    discovery: _Operand = Field(default=_Operand(), alias="gfd")
    exporter: _Operand = Field(default=_Operand(), alias="dcgmExporter")
    mig_manager: _Operand = Field(default=_Operand(), alias="migManager")
    validator: _Operand = _Operand()
    mig: _Mig = _Mig()


class _Metadata(Answer):
    name: str
    uid: str
    generation: int = 0


class ClusterPolicy(Answer):
    """The one ClusterPolicy of a cluster."""

    metadata: _Metadata
    spec: _Spec


@dataclass(frozen=True, kw_only=True)
class _Daemon:
    """One DaemonSet of the operator."""

    name: str
    container: str
    operand: _Operand
    state: str
    command: tuple[str, ...] = ()
    configured: bool = False
    selects: Mapping[str, str] | None = None


def daemon_sets(policy: ClusterPolicy, namespace: str) -> Iterator[tuple[str, Json]]:
    """The DaemonSets of a policy, by name.

    Args:
        policy: The policy.
        namespace: Where the operator runs.
    """
    for daemon in _daemons(policy.spec):
        if daemon.operand.enabled:
            yield daemon.name, _daemon_set(policy, namespace, daemon)


def disabled(policy: ClusterPolicy) -> Iterator[str]:
    """Names of DaemonSets that a policy switches off."""
    return (daemon.name for daemon in _daemons(policy.spec) if not daemon.operand.enabled)


def node_labels(policy: ClusterPolicy, labels: Mapping[str, str]) -> Mapping[str, str]:
    """Labels that the operator adds to a node; a value that somebody else set stays.

    Args:
        policy: The policy.
        labels: The node's labels.
    """
    if not any(labels.get(found) == "true" for found in _FOUND) or labels.get(_OPERANDS) == "false":
        return {}
    added = {_PRESENT: "true", **{f"{_DEPLOY}{state}": "true" for state in _STATES}}
    if labels.get(_MIG_CAPABLE) == "true":
        config = policy.spec.mig_manager.config
        added[_MIG_MANAGER] = "true"
        if policy.spec.mig_manager.enabled and config is not None and config.default == _MIG_DISABLED:
            added[_MIG_CONFIG] = _MIG_DISABLED
    return {key: value for key, value in added.items() if key not in labels}


def _daemons(spec: _Spec) -> tuple[_Daemon, ...]:
    driver = spec.driver.model_copy(update={"version": f"{spec.driver.version}-{_SYSTEM}"})
    plugin = "device-plugin"
    return (
        _Daemon(name="nvidia-driver-daemonset", container="nvidia-driver-ctr", operand=driver, state="driver"),
        _Daemon(
            name="nvidia-container-toolkit-daemonset",
            container="nvidia-container-toolkit-ctr",
            operand=spec.toolkit,
            state="container-toolkit",
        ),
        _Daemon(
            name="nvidia-device-plugin-daemonset",
            container="nvidia-device-plugin",
            operand=spec.plugin,
            state=plugin,
            configured=True,
        ),
        _Daemon(
            name="nvidia-device-plugin-mps-control-daemon",
            container="mps-control-daemon-ctr",
            operand=spec.plugin,
            state=plugin,
            command=("mps-control-daemon",),
            configured=True,
            selects={"nvidia.com/mps.capable": "true"},
        ),
        _Daemon(
            name="gpu-feature-discovery",
            container="gpu-feature-discovery",
            operand=spec.discovery,
            state="gpu-feature-discovery",
            command=("gpu-feature-discovery",),
            configured=True,
        ),
        _Daemon(
            name="nvidia-dcgm-exporter", container="nvidia-dcgm-exporter", operand=spec.exporter, state="dcgm-exporter"
        ),
        _Daemon(
            name="nvidia-mig-manager", container="nvidia-mig-manager", operand=spec.mig_manager, state="mig-manager"
        ),
        _Daemon(
            name="nvidia-operator-validator",
            container="nvidia-operator-validator",
            operand=spec.validator,
            state="operator-validator",
            command=("sh", "-c", "echo all validations are successful; while true; do sleep 86400; done"),
        ),
    )


def _daemon_set(policy: ClusterPolicy, namespace: str, daemon: _Daemon) -> Json:
    labels = {"app": daemon.name}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {
            "name": daemon.name,
            "namespace": namespace,
            "labels": labels,
            "ownerReferences": [
                {
                    "apiVersion": "nvidia.com/v1",
                    "kind": "ClusterPolicy",
                    "name": policy.metadata.name,
                    "uid": policy.metadata.uid,
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": _pod(policy.spec, daemon)},
        },
    }


def _pod(spec: _Spec, daemon: _Daemon) -> dict[str, Json]:
    # The plugin's own configuration is told to all programs of its image.
    config = spec.plugin.config if daemon.configured and spec.plugin.config and spec.plugin.config.name else None
    env: list[Json] = [{"name": "MIG_STRATEGY", "value": spec.mig.strategy}] if daemon.configured else []
    container: dict[str, Json] = {"name": daemon.container, "image": daemon.operand.reference, "env": env}
    if daemon.command:
        container["command"] = list(daemon.command)
    tolerations: list[Json] = [
        {key: value for key, value in found.model_dump().items() if value} for found in spec.daemonsets.tolerations
    ]
    return {
        "nodeSelector": {f"{_DEPLOY}{daemon.state}": "true", **(daemon.selects or {})},
        "tolerations": tolerations,
        "priorityClassName": spec.daemonsets.priority,
        "containers": [container, *([_config_manager(spec, config)] if config else [])],
        "volumes": [{"name": _CONFIG_VOLUME, "configMap": {"name": config.name}}] if config else [],
    }


def _config_manager(spec: _Spec, config: _PluginConfig) -> Json:
    return {
        "name": "config-manager",
        "image": spec.plugin.reference,
        "command": ["config-manager"],
        "env": [
            {"name": "DEFAULT_CONFIG", "value": config.default},
            {"name": "FALLBACK_STRATEGIES", "value": "empty"},
        ],
        "volumeMounts": [{"name": _CONFIG_VOLUME, "mountPath": CONFIGS_FOLDER}],
    }
