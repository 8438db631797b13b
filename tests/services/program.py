"""cert-manager, Prometheus, the DCGM exporter and KEDA with objects of their kinds, in the order of the layer."""

from __future__ import annotations

import os

import pulumi
from pulumi_kubernetes import apiextensions

from components.clusters import Cluster, ClusterArgs
from components.clusters.eks.facts import eks_facts
from components.contracts.autoscaling import KedaScaling
from components.services.cert_manager import CertManager, CertManagerArgs
from components.services.dcgm_exporter import DcgmExporter, DcgmExporterArgs
from components.services.keda import Keda, KedaArgs
from components.services.known import PROMETHEUS_ADDRESS
from components.services.prometheus import Prometheus, PrometheusArgs
from components.services.service import ServiceSources
from components.serving.autoscaling import create_autoscaler
from components.serving.engines.vllm import METRICS
from components.workloads.identity import Identity
from tests.clusters.eks import pools as eks


def main() -> None:
    """Declare all of it on the cluster of ``KUBECONFIG``."""
    facts = eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool()))
    cluster = Cluster("lab", ClusterArgs(kubeconfig=os.environ["KUBECONFIG"], facts=facts))
    sources = ServiceSources(charts=os.environ["CHARTS"])

    def after(*made: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=cluster.provider, depends_on=list(made))

    certificates = CertManager("certificates", CertManagerArgs(facts=facts, sources=sources), after())
    apiextensions.CustomResource(
        "self-signed",
        api_version="cert-manager.io/v1",
        kind="Issuer",
        metadata={"name": "self-signed", "namespace": "default"},
        spec={"selfSigned": {}},
        opts=after(certificates),
    )
    prometheus = Prometheus("prometheus", PrometheusArgs(facts=facts, sources=sources), after())
    DcgmExporter("gpus", DcgmExporterArgs(facts=facts), after(prometheus))
    keda = Keda("keda", KedaArgs(sources=sources), after(prometheus))
    create_autoscaler(
        "chat",
        KedaScaling(kind="keda", max_replicas=4, prometheus=PROMETHEUS_ADDRESS),
        namespace="default",
        identity=Identity(name="vllm", instance="chat", component="model-server"),
        min_replicas=1,
        metrics=METRICS,
        opts=after(keda),
    )


main()
