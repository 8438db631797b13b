"""Every image, chart and API version that Strata deploys, in one place.

Owns pins only. What the embedded control plane and the command line are built from is pinned in
``tools/versions.toml``, as those are programs that run on a developer's machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .errors import Problem, nearest


@dataclass(frozen=True)
class Image:
    """A container image by registry, repository and tag, and by digest where one is given."""

    registry: str
    repository: str
    tag: str
    digest: str | None = None

    def reference(self, mirror: str | None = None, digest: str | None = None) -> str:
        """What a pod names.

        Args:
            mirror: Registry that replaces the image's own, such as ``registry.example.com/mirror``.
            digest: ``sha256:…`` that the user pins; it takes precedence over the one pinned here.
        """
        pinned = digest or self.digest
        suffix = f"@{pinned}" if pinned else ""
        return f"{mirror or self.registry}/{self.repository}:{self.tag}{suffix}"


@dataclass(frozen=True)
class Chart:
    """A Helm chart by the address of its repository, its name there and its version."""

    repository: str
    name: str
    version: str


# 0.30 is the oldest without the known request-forgery and media-limit flaws (CVE-2026-105760 and earlier).
VLLM = Image("docker.io", "vllm/vllm-openai", "v0.33.0")
VLLM_VERSION = "0.33.0"
# Plans are made for these releases too, though no server is started with them yet.
SGLANG_VERSION = "0.5.16"
TENSORRT_LLM_VERSION = "1.3"
TEI_VERSION = "1.9"
PYTHON = Image("docker.io", "library/python", "3.12.12-slim-bookworm")

# The newest release that is a Go module too, so that tests run the program itself.
NODE_PROBLEM_DETECTOR = Image("registry.k8s.io", "node-problem-detector/node-problem-detector", "v1.34.0")
KUBE_VIP = Image("ghcr.io", "kube-vip/kube-vip", "v1.2.3")

NVIDIA_DEVICE_PLUGIN = Image("nvcr.io", "nvidia/k8s-device-plugin", "v0.19.0")
# Images of EKS' own software are in one registry, from which the nodes of every region may pull.
EFA_DEVICE_PLUGIN = Image("602401143452.dkr.ecr.us-west-2.amazonaws.com", "eks/aws-efa-k8s-device-plugin", "v0.5.20")
# Beside servers on A3 High and A3 Mega (GoogleCloudPlatform/container-engine-accelerators at 992db812, 2026-06-11).
_GPUDIRECT = "us-docker.pkg.dev"
TCPX_DAEMON = Image(_GPUDIRECT, "gce-ai-infra/gpudirect-tcpx/tcpgpudmarxd-dev", "v2.0.12")
TCPXO_DAEMON = Image(_GPUDIRECT, "gce-ai-infra/gpudirect-tcpxo/tcpgpudmarxd-dev", "v1.0.21")
NVIDIA_DEVICE_PLUGIN_CHART = Chart("https://nvidia.github.io/k8s-device-plugin", "nvidia-device-plugin", "0.19.0")
# 0.5.0 is the newest release that is a Go module too, so that runs without a network have its chart.
NVIDIA_DRA_DRIVER = Image("registry.k8s.io", "dra-driver-nvidia/dra-driver-nvidia-gpu", "v0.5.0")
NVIDIA_DRA_DRIVER_CHART = Chart("oci://registry.k8s.io/dra-driver-nvidia/charts", "dra-driver-nvidia-gpu", "0.5.0")

METRICS_SERVER = Image("registry.k8s.io", "metrics-server/metrics-server", "v0.8.1")
METRICS_SERVER_CHART = Chart("https://kubernetes-sigs.github.io/metrics-server", "metrics-server", "3.13.1")

# What one release of the operator deploys is tested by NVIDIA together: NVIDIA/gpu-operator v26.7.0,
# deployments/gpu-operator/values.yaml (2026-08).
GPU_OPERATOR_CHART = Chart("https://helm.ngc.nvidia.com/nvidia", "gpu-operator", "v26.7.0")
GPU_OPERATOR = Image("nvcr.io", "nvidia/gpu-operator", "v26.7.0")
# The operator adds the nodes' system to the tag, such as -ubuntu24.04.
NVIDIA_DRIVER = Image("nvcr.io", "nvidia/driver", "595.91.07")
NVIDIA_DRIVER_MANAGER = Image("nvcr.io", "nvidia/cloud-native/k8s-driver-manager", "v0.12.0")
NVIDIA_CONTAINER_TOOLKIT = Image("nvcr.io", "nvidia/k8s/container-toolkit", "v1.20.0")
GPU_OPERATOR_DEVICE_PLUGIN = Image("nvcr.io", "nvidia/k8s-device-plugin", "v0.20.0")
NVIDIA_MIG_MANAGER = Image("nvcr.io", "nvidia/cloud-native/k8s-mig-manager", "v0.15.0")
DCGM_EXPORTER = Image("nvcr.io", "nvidia/k8s/dcgm-exporter", "4.6.0-4.8.3-distroless")
NODE_FEATURE_DISCOVERY = Image("registry.k8s.io", "nfd/node-feature-discovery", "v0.19.0")
KEDA_CHART = Chart("https://kedacore.github.io/charts", "keda", "2.20.2")
KEDA_OPERATOR = Image("ghcr.io", "kedacore/keda", "2.20.2")
KEDA_METRICS = Image("ghcr.io", "kedacore/keda-metrics-apiserver", "2.20.2")
_PROMETHEUS_CHARTS = "https://prometheus-community.github.io/helm-charts"
# Both of operator 0.93.1, definitions first.
PROMETHEUS_OPERATOR_CRDS_CHART = Chart(_PROMETHEUS_CHARTS, "prometheus-operator-crds", "31.0.1")
KUBE_PROMETHEUS_STACK_CHART = Chart(_PROMETHEUS_CHARTS, "kube-prometheus-stack", "88.5.3")
PROMETHEUS_OPERATOR = Image("quay.io", "prometheus-operator/prometheus-operator", "v0.93.1")
PROMETHEUS_CONFIG_RELOADER = Image("quay.io", "prometheus-operator/prometheus-config-reloader", "v0.93.1")
PROMETHEUS = Image("quay.io", "prometheus/prometheus", "v3.14.0-distroless")
CERT_MANAGER = Image("quay.io", "jetstack/cert-manager-controller", "v1.21.2")
CERT_MANAGER_WEBHOOK = Image("quay.io", "jetstack/cert-manager-webhook", "v1.21.2")
CERT_MANAGER_CAINJECTOR = Image("quay.io", "jetstack/cert-manager-cainjector", "v1.21.2")
CERT_MANAGER_SOLVER = Image("quay.io", "jetstack/cert-manager-acmesolver", "v1.21.2")
CERT_MANAGER_CHART = Chart("https://charts.jetstack.io", "cert-manager", "v1.21.2")

# The chart's version is that of its software.
LOAD_BALANCER_CONTROLLER = Image("public.ecr.aws", "eks/aws-load-balancer-controller", "v3.2.2")
LOAD_BALANCER_CONTROLLER_CHART = Chart("https://aws.github.io/eks-charts", "aws-load-balancer-controller", "3.2.2")

# What one release of the driver deploys: kubernetes-sigs/azurelustre-csi-driver v0.4.0, deploy (2026-04-01).
_AZURE = "mcr.microsoft.com"
AZURE_LUSTRE_JAMMY = Image(_AZURE, "oss/v2/kubernetes-csi/azurelustre-csi", "v0.4.0-jammy")
AZURE_LUSTRE_NOBLE = Image(_AZURE, "oss/v2/kubernetes-csi/azurelustre-csi", "v0.4.0-noble")
AZURE_LUSTRE_LIVENESS = Image(_AZURE, "oss/kubernetes-csi/livenessprobe", "v2.15.0")
AZURE_LUSTRE_REGISTRAR = Image(_AZURE, "oss/kubernetes-csi/csi-node-driver-registrar", "v2.13.0")

# The newest that its chart deploys (charts/external-dns 1.22.0, 2026-09-11).
EXTERNAL_DNS = Image("registry.k8s.io", "external-dns/external-dns", "v0.22.0")

# The newest release of chart and software (2026-08-07).
EXTERNAL_SECRETS = Image("ghcr.io", "external-secrets/external-secrets", "v2.9.0")
EXTERNAL_SECRETS_CHART = Chart("https://charts.external-secrets.io", "external-secrets", "2.9.0")

IMAGES: dict[str, Image] = {
    "vllm": VLLM,
    "python": PYTHON,
    "kube-vip": KUBE_VIP,
    "node-problem-detector": NODE_PROBLEM_DETECTOR,
    "nvidia-device-plugin": NVIDIA_DEVICE_PLUGIN,
    "efa-device-plugin": EFA_DEVICE_PLUGIN,
    "tcpx-daemon": TCPX_DAEMON,
    "tcpxo-daemon": TCPXO_DAEMON,
    "metrics-server": METRICS_SERVER,
    "gpu-operator": GPU_OPERATOR,
    "gpu-operator-device-plugin": GPU_OPERATOR_DEVICE_PLUGIN,
    "nvidia-driver-manager": NVIDIA_DRIVER_MANAGER,
    "nvidia-container-toolkit": NVIDIA_CONTAINER_TOOLKIT,
    "nvidia-mig-manager": NVIDIA_MIG_MANAGER,
    "dcgm-exporter": DCGM_EXPORTER,
    "node-feature-discovery": NODE_FEATURE_DISCOVERY,
    "keda": KEDA_OPERATOR,
    "keda-metrics-apiserver": KEDA_METRICS,
    "prometheus-operator": PROMETHEUS_OPERATOR,
    "prometheus-config-reloader": PROMETHEUS_CONFIG_RELOADER,
    "prometheus": PROMETHEUS,
    "nvidia-dra-driver": NVIDIA_DRA_DRIVER,
    "load-balancer-controller": LOAD_BALANCER_CONTROLLER,
    "cert-manager": CERT_MANAGER,
    "cert-manager-webhook": CERT_MANAGER_WEBHOOK,
    "cert-manager-cainjector": CERT_MANAGER_CAINJECTOR,
    "cert-manager-acmesolver": CERT_MANAGER_SOLVER,
    "external-dns": EXTERNAL_DNS,
    "external-secrets": EXTERNAL_SECRETS,
    "azurelustre-csi-jammy": AZURE_LUSTRE_JAMMY,
    "azurelustre-csi-noble": AZURE_LUSTRE_NOBLE,
    "azurelustre-livenessprobe": AZURE_LUSTRE_LIVENESS,
    "azurelustre-registrar": AZURE_LUSTRE_REGISTRAR,
}
"""Images by the name under which settings pin their digests."""

KUBERNETES_OLDEST = "1.30"
"""Oldest version with the ``preStop`` sleep action, on which draining relies, enabled by default."""
KUBERNETES_EMBEDDED = "1.34.2"

POD_MONITOR_API = "monitoring.coreos.com/v1"
SCALED_OBJECT_API = "keda.sh/v1alpha1"
CLAIM_API = "resource.k8s.io/v1"
STORE_API = "external-secrets.io/v1"
COMPUTE_DOMAIN_API = "resource.nvidia.com/v1beta1"


def unknown_images(names: Iterable[str], path: str) -> Iterator[Problem]:
    """One problem for each name that ``IMAGES`` lacks.

    Args:
        names: Names under which digests are given.
        path: Setting that holds the digests, such as ``sources.images.digests``.
    """
    for name in names:
        if name not in IMAGES:
            near = nearest(name, IMAGES)
            yield Problem(
                field=f"{path}.{name}",
                cause=f"no image is named {name!r}",
                consequence="the digest would pin nothing",
                fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(sorted(IMAGES))}",
            )
