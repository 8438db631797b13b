"""What the stand-in of the GPU operator makes of a policy, and which nodes it touches."""

from __future__ import annotations

import json

from simulation.control_plane.devices.cluster_policy import ClusterPolicy, daemon_sets, disabled, node_labels

IMAGE = {"repository": "nvcr.io/nvidia", "image": "x", "version": "v1"}
FOUND = {"feature.node.kubernetes.io/pci-10de.present": "true"}


def policy(**spec: object) -> ClusterPolicy:
    operands = ("driver", "toolkit", "devicePlugin", "gfd", "dcgmExporter", "migManager", "validator")
    given = {"mig": {"strategy": "single"}, **{name: dict(IMAGE) for name in operands}, **spec}
    return ClusterPolicy.model_validate_json(json.dumps({"metadata": {"name": "p", "uid": "1"}, "spec": given}))


def test_nodes_on_which_no_gpu_was_found_are_left_alone() -> None:
    assert node_labels(policy(), {}) == {}
    assert node_labels(policy(), {**FOUND, "nvidia.com/gpu.deploy.operands": "false"}) == {}


def test_a_label_of_somebody_else_stays() -> None:
    added = node_labels(policy(), {**FOUND, "nvidia.com/gpu.deploy.driver": "pre-installed"})
    assert "nvidia.com/gpu.deploy.driver" not in added
    assert added["nvidia.com/gpu.deploy.device-plugin"] == "true"


def test_mig_is_switched_off_where_a_gpu_can_be_partitioned_and_nobody_asked() -> None:
    manager = {**IMAGE, "config": {"default": "all-disabled"}}
    capable = {**FOUND, "nvidia.com/mig.capable": "true"}
    assert node_labels(policy(migManager=manager), capable)["nvidia.com/mig.config"] == "all-disabled"
    asked = {**capable, "nvidia.com/mig.config": "all-1g.10gb"}
    assert "nvidia.com/mig.config" not in node_labels(policy(migManager=manager), asked)
    assert "nvidia.com/gpu.deploy.mig-manager" not in node_labels(policy(migManager=manager), FOUND)


def test_what_is_switched_off_is_not_deployed() -> None:
    given = policy(driver={**IMAGE, "enabled": False})
    assert "nvidia-driver-daemonset" not in dict(daemon_sets(given, "n"))
    assert list(disabled(given)) == ["nvidia-driver-daemonset"]


def test_configurations_of_the_plugin_are_mounted() -> None:
    given = policy(devicePlugin={**IMAGE, "config": {"name": "configs", "default": "shared"}})
    plugin = json.dumps(dict(daemon_sets(given, "n"))["nvidia-device-plugin-daemonset"])
    assert '"configMap": {"name": "configs"}' in plugin
    assert '{"name": "DEFAULT_CONFIG", "value": "shared"}' in plugin
    assert "configMap" not in json.dumps(dict(daemon_sets(policy(), "n"))["nvidia-device-plugin-daemonset"])
