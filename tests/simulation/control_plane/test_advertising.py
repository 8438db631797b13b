"""What a node advertises, by its hardware and the agents that run on it."""

from __future__ import annotations

import json

import pytest

from simulation.control_plane.devices.agents import Agent, agent_of, mentions_agent
from simulation.control_plane.devices.inventory import Inventory
from simulation.control_plane.devices.node_devices import Running, advertised

from .agent_pods import running

PLUGIN = "nvcr.io/nvidia/k8s-device-plugin:v0.19.0"
MIG_MANAGER = "nvcr.io/nvidia/cloud-native/k8s-mig-manager:v0.13.0"
TOOLKIT = "mirror.example.com/nvidia/k8s/container-toolkit:v1.20.0"
DRIVER = "nvcr.io/nvidia/driver:595.91.07-ubuntu24.04"
EFA = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.29"
SHARED_RDMA = "nvcr.io/nvidia/mellanox/k8s-rdma-shared-dev-plugin:network-operator-v26.1.0"
SRIOV = "ghcr.io/k8snetworkplumbingwg/sriov-network-device-plugin:v3.9.0"
GKE = "gke.gcr.io/nvidia-gpu-device-plugin@sha256:9bbd1620d5528bb1a0feb049dce54ca1cf4160af550ba8d6f7d7097b8fdaecc7"
NODE_DISCOVERY = "registry.k8s.io/nfd/node-feature-discovery:v0.17.3"

H100 = Inventory(
    gpus=8,
    driver=True,
    efa=32,
    mig={"1g.10gb": 7, "3g.40gb": 2},
    node_labels={"feature.node.kubernetes.io/pci-10de.present": "true"},
    gpu_labels={"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"},
)
BARE = H100.model_copy(update={"driver": False})
HOST = H100.model_copy(update={"toolkit": False})
INFINIBAND = Inventory(rdma=8)


def plugin(text: str = "version: v1", **given: str) -> Running:
    return running(PLUGIN, "nvidia-device-plugin", files={"default": text}, default="default", **given)


def sharing(kind: str, *, renames: bool = False, resource: str = "nvidia.com/gpu") -> str:
    entries = [{"name": resource, "replicas": 4}]
    return json.dumps({"version": "v1", "sharing": {kind: {"renameByDefault": renames, "resources": entries}}})


MPS_DAEMON = running(PLUGIN, "mps-control-daemon")
MANAGER = running(MIG_MANAGER)
SLICED = {"nvidia.com/mig.config": "all-1g.10gb"}
CASES: dict[str, tuple[Inventory, dict[str, str], list[Running], dict[str, int]]] = {
    "nothing runs": (H100, {}, [], {}),
    "the plugin": (H100, {}, [running(PLUGIN)], {"nvidia.com/gpu": 8}),
    "no driver": (BARE, {}, [running(PLUGIN)], {}),
    "the operator's driver": (BARE, {}, [running(PLUGIN), running(DRIVER)], {"nvidia.com/gpu": 8}),
    "no container toolkit": (HOST, {}, [running(PLUGIN)], {}),
    "the operator's container toolkit": (HOST, {}, [running(PLUGIN), running(TOOLKIT)], {"nvidia.com/gpu": 8}),
    "GKE's plugin": (H100, {}, [running(GKE)], {"nvidia.com/gpu": 8}),
    "GKE's plugin without a driver": (BARE, {}, [running(GKE)], {}),
    "a plugin of the image": (H100.model_copy(update={"own_plugin": True}), {}, [], {"nvidia.com/gpu": 8}),
    "EFA needs no driver": (BARE, {}, [running(EFA)], {"vpc.amazonaws.com/efa": 32}),
    "no EFA cards": (INFINIBAND, {}, [running(EFA)], {}),
    "time slices": (H100, {}, [plugin(sharing("timeSlicing"))], {"nvidia.com/gpu": 32}),
    "time slices by another name": (
        H100,
        {},
        [plugin(sharing("timeSlicing", renames=True))],
        {"nvidia.com/gpu.shared": 32},
    ),
    "MPS": (H100, {}, [plugin(sharing("mps")), MPS_DAEMON], {"nvidia.com/gpu": 32}),
    "MPS without its daemon": (H100, {}, [plugin(sharing("mps"))], {}),
    "MPS of MIG devices": (H100, SLICED, [plugin(sharing("mps"), strategy="single"), MPS_DAEMON, MANAGER], {}),
    "MPS with strategy mixed": (H100, {}, [plugin(sharing("mps"), strategy="mixed"), MPS_DAEMON], {}),
    "one replica is refused": (H100, {}, [plugin(sharing("timeSlicing").replace("4", "1"))], {}),
    "an unknown configuration": (H100, {"nvidia.com/device-plugin.config": "none"}, [plugin()], {}),
    "no ConfigMap": (H100, {}, [running(PLUGIN, "nvidia-device-plugin", files={})], {}),
    "MIG mixed": (
        H100,
        SLICED,
        [plugin(strategy="mixed"), MANAGER],
        {"nvidia.com/mig-1g.10gb": 56},
    ),
    "MIG single": (H100, SLICED, [plugin(strategy="single"), MANAGER], {"nvidia.com/gpu": 56}),
    "MIG by the file": (
        H100,
        SLICED,
        [plugin("version: v1\nflags: {migStrategy: mixed}"), MANAGER],
        {"nvidia.com/mig-1g.10gb": 56},
    ),
    "GPUs that the cloud cut": (
        H100.model_copy(update={"cut": "3g.40gb"}),
        {},
        [plugin(strategy="mixed")],
        {"nvidia.com/mig-3g.40gb": 16},
    ),
    "GPUs that the cloud cut, and nothing that says so": (H100.model_copy(update={"cut": "3g.40gb"}), {}, [], {}),
    "MPS of GPUs that the cloud cut": (
        H100.model_copy(update={"cut": "3g.40gb"}),
        {},
        [plugin(sharing("mps"), strategy="single"), MPS_DAEMON],
        {},
    ),
    "GKE's partitions": (H100.model_copy(update={"cut": "1g.10gb"}), {}, [running(GKE)], {"nvidia.com/gpu": 56}),
    "GKE's partitions with clients": (
        H100.model_copy(update={"cut": "1g.10gb", "clients": 3}),
        {},
        [running(GKE)],
        {"nvidia.com/gpu": 168},
    ),
    "GKE's clients": (H100.model_copy(update={"clients": 4}), {}, [running(GKE)], {"nvidia.com/gpu": 32}),
    "MIG without its manager": (H100, SLICED, [plugin(strategy="mixed")], {"nvidia.com/gpu": 8}),
    "slices of MIG devices": (
        H100,
        SLICED,
        [plugin(sharing("timeSlicing", resource="nvidia.com/mig-1g.10gb"), strategy="mixed"), MANAGER],
        {"nvidia.com/mig-1g.10gb": 224},
    ),
    "shared RDMA": (
        INFINIBAND,
        {},
        [running(SHARED_RDMA, files={"config.json": '{"configList": [{"resourceName": "ib", "rdmaHcaMax": 63}]}'})],
        {"rdma/ib": 63},
    ),
    "SR-IOV": (
        INFINIBAND,
        {},
        [running(SRIOV, files={"config.json": '{"resourceList": [{"resourcePrefix": "rdma", "resourceName": "ib"}]}'})],
        {"rdma/ib": 8},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_resources(name: str) -> None:
    inventory, labels, pods, expected = CASES[name]
    assert dict(advertised(inventory, labels, pods, writes=True).resources) == expected


def test_labels_of_gpus_say_how_they_are_shared() -> None:
    agents = [running(NODE_DISCOVERY, "nfd-worker"), running(PLUGIN, "gpu-feature-discovery")]
    labels = advertised(H100, {}, agents, writes=True).labels
    assert labels["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    assert labels["nvidia.com/gpu.sharing-strategy"] == "none"
    assert labels["nvidia.com/mps.capable"] == "false"
    assert "nvidia.com/mig.strategy" not in labels, "the default strategy sets none"
    agents[1] = running(PLUGIN, "gpu-feature-discovery", files={"default": sharing("mps")}, default="default")
    labels = advertised(H100, {}, agents, writes=True).labels
    assert labels["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3-SHARED"
    assert labels["nvidia.com/gpu.replicas"] == "4"
    assert labels["nvidia.com/mps.capable"] == "true", "the control daemon's DaemonSet selects its nodes by it"


def test_nothing_is_labelled_without_a_master_or_a_worker() -> None:
    worker, gpus = running(NODE_DISCOVERY, "nfd-worker"), running(PLUGIN, "gpu-feature-discovery")
    assert not advertised(H100, {}, [worker, gpus], writes=False).labels
    assert not advertised(H100, {}, [gpus], writes=True).labels
    assert not any("nvidia" in label for label in advertised(BARE, {}, [worker, gpus], writes=True).labels)


def test_an_unknown_partition_is_said_to_have_failed() -> None:
    labels = {"nvidia.com/mig.config": "all-2g.99gb"}
    assert advertised(H100, labels, [MANAGER], writes=True).labels == {"nvidia.com/mig.config.state": "failed"}


@pytest.mark.parametrize(
    ("image", "command", "agent"),
    [
        ("mirror.example.com/nvidia/k8s-device-plugin@sha256:00", (), Agent.DEVICE_PLUGIN),
        (
            "mirror.example.com:5000/a/nvidia/k8s-device-plugin:v0.19.0",
            ("/usr/bin/nvidia-device-plugin",),
            Agent.DEVICE_PLUGIN,
        ),
        (PLUGIN, ("config-manager",), None),
        ("nvcr.io/nvidia/gpu-operator:v26.7.0", ("gpu-operator", "--leader-elect"), Agent.GPU_OPERATOR),
        ("nvcr.io/nvidia/gpu-operator:v26.7.0", ("sh", "-c", "nvidia-validator"), None),
        ("docker.io/rocm/k8s-device-plugin:1.31", (), None),
        (NODE_DISCOVERY, ("nfd-master",), Agent.NODE_DISCOVERY_MASTER),
        ("example.com/driver:1", (), None),
        ("example.com/server:1", ("nvidia-device-plugin",), None),
    ],
)
def test_agents_are_known_by_their_image(image: str, command: tuple[str, ...], agent: Agent | None) -> None:
    assert agent_of(image, command) is agent
    assert agent is None or mentions_agent(image.encode())


DRA = "registry.k8s.io/dra-driver-nvidia/dra-driver-nvidia-gpu:v0.5.0"


def test_the_halves_of_the_dra_driver_are_told_apart_by_their_program() -> None:
    script = "if [ -e /root/gpu-params ]; then\n  true\nfi\ncompute-domain-kubelet-plugin -v $(LOG_VERBOSITY)"
    assert agent_of(DRA, ["bash", "-c", script]) is Agent.DRA_DOMAINS
    assert agent_of(DRA, ["bash", "-c", "gpu-kubelet-plugin -v 4"]) is Agent.DRA_GPUS
    assert agent_of(DRA, ["compute-domain-controller", "-v", "4"]) is Agent.DRA_CONTROLLER
    assert agent_of(DRA, ["compute-domain-daemon"]) is None


def test_a_driver_of_claims_offers_what_a_driver_of_the_hardware_shows_it() -> None:
    gpus = running(DRA, "gpu-kubelet-plugin")
    assert {name: len(found) for name, found in advertised(H100, {}, [gpus], writes=False).slices.items()} == {
        "gpu.nvidia.com": 8
    }
    assert not advertised(BARE, {}, [gpus], writes=False).slices
    assert not advertised(H100, {}, [gpus], writes=False).resources, "claims are no resources"
    domains = running(DRA, "compute-domain-kubelet-plugin")
    assert list(advertised(H100, {}, [domains], writes=False).slices) == ["compute-domain.nvidia.com"]
