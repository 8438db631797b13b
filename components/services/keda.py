"""KEDA: the one source of metrics by which models are scaled.

Values: kedacore/charts 2.20.2, ``keda/values.yaml``. Its admission webhook stays away: what it refuses, such as two
autoscalers of one Deployment, cannot be said in a stack's file, and API servers wait for it at every ScaledObject.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pulumi

from ..contracts.arguments import checked, checked_arguments
from ..contracts.versions import KEDA_CHART, KEDA_METRICS, KEDA_OPERATOR, Image
from ..workloads.chart_values import Enabled
from ..workloads.charts import ChartRelease, ChartValues, deploy_chart
from ..workloads.network_policies import Peer, anywhere_egress, anywhere_ingress, ingress, namespace_egress
from .known import KEDA as SERVICE
from .known import PROMETHEUS
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

# Control planes of private GKE clusters reach their nodes at 443 and 10250 only: the rule gke-<cluster>-master has
# tcp:10250,tcp:443, to which Istio's guide for such clusters adds a port of its own (istio.io, "Platform Setup: Google
# Kubernetes Engine"; read 2026-11-27).
_ADAPTER_PORT = 10250
# The operator tells its metrics to the adapter there (keda/templates/manager/deployment.yaml).
_METRICS_PORT = 9666
# ScaledObjects of other models may name a Prometheus of somebody else.
_PROMETHEUS_PORTS = (80, 9090)


class ImageValues(ChartValues):
    """One image."""

    registry: str
    repository: str
    tag: str


class ImagesValues(ChartValues):
    """``image``: those that run."""

    keda: ImageValues
    metrics_api_server: ImageValues
    pull_policy: Literal["IfNotPresent"] = "IfNotPresent"


class ServiceValues(ChartValues):
    """``service`` of the adapter."""

    port_https_target: int = _ADAPTER_PORT


class SecretValues(ChartValues):
    """Whether secrets of other namespaces stay closed."""

    secret: bool = True


class RestrictValues(ChartValues):
    """``restrict`` of one part."""

    restrict: SecretValues = SecretValues()


class PermissionValues(ChartValues):
    """``permissions``: no query of a model's metrics needs a secret."""

    operator: RestrictValues = RestrictValues()
    metric_server: RestrictValues = RestrictValues()


class KedaValues(ChartValues):
    """Values of the chart."""

    image: ImagesValues
    webhooks: Enabled = Enabled(enabled=False)
    service: ServiceValues = ServiceValues()
    permissions: PermissionValues = PermissionValues()
    enable_service_links: bool = False


def keda_values(sources: ServiceSources) -> KedaValues:
    """Values with images from where the stack takes them.

    Args:
        sources: Where images come from.
    """
    return KedaValues(
        image=ImagesValues(
            keda=_image(KEDA_OPERATOR, "keda", sources),
            metrics_api_server=_image(KEDA_METRICS, "keda-metrics-apiserver", sources),
        )
    )


def _image(image: Image, name: str, sources: ServiceSources) -> ImageValues:
    digest = sources.image_digests.get(name) or image.digest
    return ImageValues(
        registry=sources.image_mirror or image.registry,
        repository=image.repository,
        tag=f"{image.tag}@{digest}" if digest else image.tag,
    )


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class KedaArgs:
    """Where chart and images come from.

    Attributes:
        sources: Where they come from.
    """

    sources: ServiceSources = field(default_factory=ServiceSources)


class Keda(pulumi.ComponentResource):
    """KEDA in a namespace of its own."""

    @checked
    def __init__(self, name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:Keda", name, None, opts)
        own = Peer(namespace_labels={"kubernetes.io/metadata.name": SERVICE.namespace})
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                ingress=(anywhere_ingress([_ADAPTER_PORT]), ingress(_METRICS_PORT, [own])),
                egress=(
                    anywhere_egress([*KUBERNETES_PORTS, *_PROMETHEUS_PORTS]),
                    namespace_egress(SERVICE.namespace),
                    namespace_egress(PROMETHEUS.namespace),
                ),
                customize=args.sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        release = ChartRelease(
            chart=KEDA_CHART,
            release=SERVICE.name,
            namespace=SERVICE.namespace,
            values=keda_values(args.sources),
            mirror=args.sources.charts,
        )
        deploy_chart(f"{name}-chart", release, pulumi.ResourceOptions(parent=self, depends_on=list(space)))
        self.register_outputs({})
