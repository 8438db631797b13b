"""Which containers make devices or their labels appear, or carry out custom resources, recognised by their image.

Owns the table. The registry does not matter, as mirrors keep the repository's last words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto


class Agent(Enum):
    """What a container does for its node, or for the cluster."""

    DEVICE_PLUGIN = auto()
    """NVIDIA's device plugin: advertises GPUs and MIG devices."""
    MPS_DAEMON = auto()
    """Control daemon of MPS, without which the device plugin serves no MPS replicas."""
    GPU_DISCOVERY = auto()
    """GPU feature discovery: the labels ``nvidia.com/…``."""
    MIG_MANAGER = auto()
    """Partitions the GPUs as the label ``nvidia.com/mig.config`` says."""
    DRIVER = auto()
    """Installs the NVIDIA driver."""
    TOOLKIT = auto()
    """Sets up the container runtime so that containers get at the driver."""
    GPU_OPERATOR = auto()
    """NVIDIA's GPU operator, which deploys the others on nodes with GPUs."""
    GKE_PLUGIN = auto()
    """GKE's own device plugin."""
    EFA_PLUGIN = auto()
    """Advertises ``vpc.amazonaws.com/efa``."""
    SHARED_RDMA_PLUGIN = auto()
    """Advertises RDMA cards that pods share."""
    SRIOV_PLUGIN = auto()
    """Advertises RDMA cards or their virtual functions."""
    DRA_GPUS = auto()
    """NVIDIA's DRA driver on a node: offers GPUs to claims."""
    DRA_DOMAINS = auto()
    """NVIDIA's DRA driver on a node: offers channels of NVLink domains to claims."""
    DRA_CONTROLLER = auto()
    """NVIDIA's DRA driver in the cluster: keeps ComputeDomains."""
    NODE_DISCOVERY_WORKER = auto()
    """Node feature discovery on a node: finds the labels ``feature.node.kubernetes.io/…``."""
    NODE_DISCOVERY_MASTER = auto()
    """Writes onto nodes what discovery found, its own and that of GPU feature discovery."""
    KEDA_OPERATOR = auto()
    """KEDA's operator, which makes the HPAs of ScaledObjects."""


_NVIDIA_PLUGIN = "nvidia/k8s-device-plugin"
_DRA_DRIVER = "dra-driver-nvidia/dra-driver-nvidia-gpu"
_NODE_DISCOVERY = "nfd/node-feature-discovery"
_GPU_OPERATOR = "nvidia/gpu-operator"
AGENTS: Mapping[str, Agent] = {
    # github.com/NVIDIA/k8s-device-plugin v0.19.0, deployments/helm/nvidia-device-plugin/values.yaml
    _NVIDIA_PLUGIN: Agent.DEVICE_PLUGIN,
    "nvidia/gpu-feature-discovery": Agent.GPU_DISCOVERY,
    # github.com/NVIDIA/gpu-operator, deployments/gpu-operator/values.yaml: driver, toolkit, migManager, operator
    "nvidia/driver": Agent.DRIVER,
    "nvidia/k8s/container-toolkit": Agent.TOOLKIT,
    _GPU_OPERATOR: Agent.GPU_OPERATOR,
    "nvidia/cloud-native/k8s-mig-manager": Agent.MIG_MANAGER,
    # github.com/GoogleCloudPlatform/container-engine-accelerators: cmd/nvidia_gpu/device-plugin.yaml and
    # nvidia-driver-installer/cos/daemonset-preloaded.yaml
    "nvidia-gpu-device-plugin": Agent.GKE_PLUGIN,
    "cos-nvidia-installer": Agent.DRIVER,
    # github.com/aws/eks-charts, stable/aws-efa-k8s-device-plugin/values.yaml
    "eks/aws-efa-k8s-device-plugin": Agent.EFA_PLUGIN,
    # github.com/Mellanox/network-operator, deployment/network-operator/values.yaml; upstream: ghcr.io/mellanox/…
    "mellanox/k8s-rdma-shared-dev-plugin": Agent.SHARED_RDMA_PLUGIN,
    "k8snetworkplumbingwg/sriov-network-device-plugin": Agent.SRIOV_PLUGIN,
    "mellanox/sriov-network-device-plugin": Agent.SRIOV_PLUGIN,
    # github.com/kubernetes-sigs/dra-driver-nvidia-gpu v0.5.0, deployments/helm/dra-driver-nvidia-gpu/values.yaml
    _DRA_DRIVER: Agent.DRA_GPUS,
    # github.com/kubernetes-sigs/node-feature-discovery, deployment/helm/node-feature-discovery/values.yaml
    _NODE_DISCOVERY: Agent.NODE_DISCOVERY_WORKER,
    # github.com/kedacore/charts 2.20.2, keda/values.yaml: image.keda
    "kedacore/keda": Agent.KEDA_OPERATOR,
}
"""Agents by the end of their image's repository."""

# Images that hold several programs: the chart's templates name the one that a container runs.
_PROGRAMS: Mapping[str, Mapping[str, Agent | None]] = {
    _NVIDIA_PLUGIN: {
        "gpu-feature-discovery": Agent.GPU_DISCOVERY,
        "mps-control-daemon": Agent.MPS_DAEMON,
        "config-manager": None,
    },
    _GPU_OPERATOR: {"gpu-operator": Agent.GPU_OPERATOR, "nvidia-validator": None},
    _DRA_DRIVER: {
        "gpu-kubelet-plugin": Agent.DRA_GPUS,
        "compute-domain-kubelet-plugin": Agent.DRA_DOMAINS,
        "compute-domain-controller": Agent.DRA_CONTROLLER,
        "compute-domain-daemon": None,
    },
    _NODE_DISCOVERY: {
        "nfd-worker": Agent.NODE_DISCOVERY_WORKER,
        "nfd-master": Agent.NODE_DISCOVERY_MASTER,
        "nfd-gc": None,
        "nfd-topology-updater": None,
    },
}
_NEEDLES = tuple(repository.rpartition("/")[2].encode() for repository in AGENTS)


def agent_of(image: str, command: Sequence[str] = ()) -> Agent | None:
    """The agent that a container is; None for all others.

    Args:
        image: Its image, such as ``nvcr.io/nvidia/k8s-device-plugin:v0.19.0``.
        command: Its command and arguments.
    """
    repository = _repository(image)
    known = next((end for end in AGENTS if repository == end or repository.endswith(f"/{end}")), None)
    if known is None:
        return None
    # Some charts start their program from a script.
    for word in (word for text in command for word in text.split()):
        program = word.rpartition("/")[2]
        if program in _PROGRAMS.get(known, {}):
            return _PROGRAMS[known][program]
    return AGENTS[known]


def mentions_agent(text: bytes) -> bool:
    """Whether a serialised pod could have such a container: a look before it is parsed, as most have none."""
    return any(needle in text for needle in _NEEDLES)


def _repository(image: str) -> str:
    name = image.partition("@")[0]
    path, slash, last = name.rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}"
