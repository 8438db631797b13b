"""A program with KEDA and the ScaledObject of a served model, which asks the Prometheus of ``PROMETHEUS``."""

from __future__ import annotations

import os

import pulumi

from components.clusters import Cluster, ClusterArgs
from components.clusters.eks.facts import eks_facts
from components.contracts.autoscaling import KedaScaling
from components.contracts.quantities import Duration
from components.services.keda import Keda, KedaArgs
from components.services.service import ServiceSources
from components.serving.autoscaling import create_autoscaler
from components.serving.engines.vllm import METRICS
from components.workloads.identity import Identity
from tests.clusters.eks import pools as eks


def main() -> None:
    """Declare both on the cluster of ``KUBECONFIG``."""
    facts = eks_facts(eks.target(), (eks.system_pool(), eks.gpu_pool()))
    cluster = Cluster("lab", ClusterArgs(kubeconfig=os.environ["KUBECONFIG"], facts=facts))
    on_it = pulumi.ResourceOptions(provider=cluster.provider)
    keda = Keda("keda", KedaArgs(sources=ServiceSources(charts=os.environ["CHARTS"])), on_it)
    create_autoscaler(
        "chat",
        KedaScaling(
            kind="keda",
            max_replicas=4,
            prometheus=os.environ["PROMETHEUS"],
            waiting_requests=8,
            stabilization=Duration("0s"),
        ),
        namespace="default",
        identity=Identity(name="vllm", instance="chat", component="model-server"),
        min_replicas=2,
        metrics=METRICS,
        opts=pulumi.ResourceOptions(provider=cluster.provider, depends_on=[keda]),
    )


main()
