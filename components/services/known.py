"""The services that there are, and what makes a cluster need one. Loads none of them."""

from __future__ import annotations

from collections.abc import Iterable

from ..accelerators.ownership import Owner, ownership
from ..contracts.api_groups import CERT_MANAGER as CERTIFICATES
from ..contracts.api_groups import EXTERNAL_METRICS, MONITORING, RESOURCE_METRICS
from ..contracts.api_groups import EXTERNAL_SECRETS as EXTERNAL_SECRETS_API
from ..contracts.api_groups import KEDA as KEDA_API
from ..contracts.autoscaling import KedaScaling
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.served_models import ServedModel
from ..contracts.service_accounts import EXTERNAL_DNS as DNS_ACCOUNT
from ..contracts.service_accounts import EXTERNAL_SECRETS as SECRETS_ACCOUNT
from .service import Service

METRICS_SERVER = Service(
    name="metrics-server",
    namespace="strata-metrics",
    apis=(RESOURCE_METRICS,),
    deployments={"metrics-server": 2},
)
PROMETHEUS_RELEASE = "monitoring"
"""Name of the release, with which names of its objects begin."""
PROMETHEUS_PORT = 9090
PROMETHEUS = Service(
    name="prometheus",
    namespace="strata-monitoring",
    apis=(MONITORING,),
    # Of kube-prometheus-stack; Prometheus itself is a StatefulSet that the operator makes.
    deployments={f"{PROMETHEUS_RELEASE}-operator": 1},
)
PROMETHEUS_ADDRESS = f"http://{PROMETHEUS_RELEASE}-prometheus.{PROMETHEUS.namespace}.svc:{PROMETHEUS_PORT}"
"""Where that Prometheus answers inside the cluster."""
DCGM_EXPORTER = Service(name="dcgm-exporter", namespace="strata-gpu-metrics", has_daemons=True)
KEDA = Service(
    name="keda",
    namespace="strata-keda",
    apis=(KEDA_API, EXTERNAL_METRICS),
    deployments={"keda-operator": 1, "keda-operator-metrics-apiserver": 1},
)

NODE_REPAIR = Service(
    name="node-repair", namespace="strata-node-repair", deployments={"node-repair": 1}, has_daemons=True
)
CERT_MANAGER = Service(
    name="cert-manager",
    # People find it there everywhere: it is where its documentation and add-ons of clouds have it.
    namespace="cert-manager",
    apis=(CERTIFICATES,),
    deployments={"cert-manager": 2, "cert-manager-webhook": 2, "cert-manager-cainjector": 2},
)
EXTERNAL_DNS = Service(name=DNS_ACCOUNT.name, namespace=DNS_ACCOUNT.namespace, deployments={"external-dns": 1})
EXTERNAL_SECRETS = Service(
    name=SECRETS_ACCOUNT.name,
    namespace=SECRETS_ACCOUNT.namespace,
    apis=(EXTERNAL_SECRETS_API,),
    deployments={"external-secrets": 1},
)


def needs_metrics_server(facts: ClusterFacts) -> bool:
    """Whether a cluster comes without metrics-server, and with kubelets that it can ask."""
    return not facts.existed and facts.kubelet_certificates is not None


def needs_keda(models: Iterable[ServedModel], facts: ClusterFacts) -> bool:
    """Whether a model is scaled by KEDA on a cluster that Strata makes."""
    return not facts.existed and any(isinstance(model.autoscaling, KedaScaling) for model in models)


def needs_prometheus(models: Iterable[ServedModel], facts: ClusterFacts) -> bool:
    """Whether KEDA scales a model whose settings name no Prometheus, on a cluster that Strata makes."""
    scalings = [model.autoscaling for model in models]
    return not facts.existed and any(
        isinstance(scaling, KedaScaling) and scaling.prometheus is None for scaling in scalings
    )


def needs_gpu_metrics(facts: ClusterFacts, *, has_prometheus: bool) -> bool:
    """Whether a Prometheus of Strata finds GPUs of which nothing else tells it."""
    return has_prometheus and any(owned.gpus is Owner.DEVICE_PLUGIN for owned in ownership(facts))


def needs_external_dns(facts: ClusterFacts) -> bool:
    """Whether there are zones in which names of Services may be written."""
    return facts.dns is not None


def needs_external_secrets(facts: ClusterFacts) -> bool:
    """Whether there is a store of secrets that pods may read."""
    return facts.secrets is not None
