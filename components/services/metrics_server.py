"""metrics-server: CPU and memory of pods and nodes, for ``kubectl top`` and HPAs on CPU.

EKS has it as an add-on; GKE and AKS bring it. On a GKE cluster a second one was seen to be fought by the add-on manager
for ever, as both have the same Service (Smana/cloud-native-ref#1892, 2026-08-28: ``metrics-server-v1.35.1``, mode
``Reconcile``); MicrosoftDocs/azure-aks-docs, "Configure Metrics Server VPA", restarts the ``metrics-server`` of
``kube-system`` that every cluster has (read 2026-11-27). Source of the values: kubernetes-sigs/metrics-server 0.9.0,
``charts/metrics-server``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts, KubeletCertificates
from ..contracts.versions import METRICS_SERVER, METRICS_SERVER_CHART
from ..workloads.chart_values import Amounts, BudgetValues, ImageValues, ResourceValues, image_values
from ..workloads.charts import ChartRelease, ChartValues, deploy_chart
from ..workloads.network_policies import anywhere_egress, anywhere_ingress
from .known import METRICS_SERVER as SERVICE
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

_PORT = 10250
"""Port of the server as the chart has it, and that of kubelets."""


class MetricsServerValues(ChartValues):
    """Values of the chart."""

    image: ImageValues
    replicas: int
    pod_disruption_budget: BudgetValues
    resources: ResourceValues
    args: tuple[str, ...]


# 1 millicore and 2 MiB for each node (the project's README, "Scaling"), with room for 200 nodes.
_AMOUNTS = ResourceValues(
    requests=Amounts(cpu="100m", memory="200Mi"),
    limits=Amounts(cpu="1", memory="600Mi"),
)
# Without it metrics-server refuses kubelets whose certificates nobody signed (its README, "Requirements"). kubeadm has
# them sign their own; with serverTLSBootstrap somebody has to approve the requests of every node, as
# kube-controller-manager does not (Kubernetes documentation, "Certificate Management with kubeadm"; read 2026-11-27).
_SELF_SIGNED = "--kubelet-insecure-tls"


def metrics_server_values(
    certificates: KubeletCertificates | None, image_mirror: str | None = None, image_digest: str | None = None
) -> MetricsServerValues:
    """Values for a cluster whose kubelets have such certificates.

    Args:
        certificates: Who signs them.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
    """
    return MetricsServerValues(
        image=image_values(METRICS_SERVER, image_mirror, image_digest),
        replicas=SERVICE.deployments[SERVICE.name],
        pod_disruption_budget=BudgetValues(enabled=True, max_unavailable=1),
        resources=_AMOUNTS,
        args=(_SELF_SIGNED,) if certificates is KubeletCertificates.SELF_SIGNED else (),
    )


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class MetricsServerArgs:
    """The cluster, and where chart and image come from.

    Attributes:
        facts: The cluster.
        sources: Where chart and image come from.
    """

    facts: ClusterFacts
    sources: ServiceSources = field(default_factory=ServiceSources)


class MetricsServer(pulumi.ComponentResource):
    """metrics-server in a namespace of its own."""

    @checked
    def __init__(self, name: str, args: MetricsServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:MetricsServer", name, None, opts)
        sources = args.sources
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                # The API server passes questions on to it, from an address that nobody knows.
                ingress=(anywhere_ingress([_PORT]),),
                egress=(anywhere_egress([*KUBERNETES_PORTS, _PORT]),),
                is_critical=True,
                customize=sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        values = metrics_server_values(
            args.facts.kubelet_certificates, sources.image_mirror, sources.image_digests.get(SERVICE.name)
        )
        release = ChartRelease(
            chart=METRICS_SERVER_CHART,
            release=SERVICE.name,
            namespace=SERVICE.namespace,
            values=values,
            mirror=sources.charts,
        )
        deploy_chart(f"{name}-chart", release, pulumi.ResourceOptions(parent=self, depends_on=list(space)))
        self.register_outputs({})
