"""Prometheus with its operator: scrapes model servers and GPUs, and answers KEDA's queries.

Values: prometheus-community/helm-charts, ``charts/kube-prometheus-stack`` 88.5.3. Of that chart only operator and
Prometheus run: autoscalers ask nothing else, its webhooks need hooks, which a chart of objects does not run, and its
kubelet Service would stay in kube-system after the stack is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pulumi

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.quantities import ByteSize, Duration
from ..contracts.versions import (
    KUBE_PROMETHEUS_STACK_CHART,
    PROMETHEUS,
    PROMETHEUS_CONFIG_RELOADER,
    PROMETHEUS_OPERATOR,
    PROMETHEUS_OPERATOR_CRDS_CHART,
    Image,
)
from ..workloads.charts import ChartRelease, ChartValues, deploy_chart
from ..workloads.network_policies import Peer, any_pod_egress, anywhere_egress, ingress
from .known import KEDA, PROMETHEUS_PORT, PROMETHEUS_RELEASE
from .known import PROMETHEUS as SERVICE
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

MONITORING_ROLE = {"strata.dev/role": "monitoring"}
"""Label of namespaces that policies of model servers let scrape metrics."""
# Port of the operator's own metrics, without TLS (templates/prometheus-operator/deployment.yaml).
_OPERATOR_PORT = 8080
# What the rest of the volume is for: the log that is written ahead, and compaction.
_KEPT_SHARE = 0.8


class Enabled(ChartValues):
    """A part of the chart that is on or off."""

    enabled: bool = False


class NotCreated(ChartValues):
    """A part of the chart that is made or not."""

    create: bool = False


class ImageValues(ChartValues):
    """One image; ``sha`` is its digest without ``sha256:``."""

    registry: str
    repository: str
    tag: str
    sha: str = ""


class Amounts(ChartValues):
    """CPU and memory."""

    cpu: str | None = None
    memory: str


class ResourceValues(ChartValues):
    """``resources``."""

    requests: Amounts
    limits: Amounts


class ReloaderValues(ChartValues):
    """``prometheusConfigReloader``."""

    image: ImageValues
    resources: ResourceValues


class SelfMonitor(ChartValues):
    """Whether a part is scraped itself."""

    self_monitor: bool = True


class OperatorValues(ChartValues):
    """``prometheusOperator``."""

    image: ImageValues
    prometheus_config_reloader: ReloaderValues
    resources: ResourceValues
    admission_webhooks: Enabled = Enabled()
    tls: Enabled = Enabled()
    kubelet_service: Enabled = Enabled()
    kubelet_endpoints_enabled: bool = False


class ClaimRequests(ChartValues):
    """How much."""

    storage: str


class ClaimResources(ChartValues):
    """``resources`` of a claim."""

    requests: ClaimRequests


class ClaimSpec(ChartValues):
    """``spec`` of a claim."""

    storage_class_name: str
    access_modes: tuple[Literal["ReadWriteOnce"]] = ("ReadWriteOnce",)
    resources: ClaimResources


class ClaimTemplate(ChartValues):
    """A claim for each replica."""

    spec: ClaimSpec


class StorageValues(ChartValues):
    """``storageSpec``."""

    volume_claim_template: ClaimTemplate


class ClaimRetention(ChartValues):
    """What becomes of the claims: they go with Prometheus, or ``down`` would leave volumes that are paid for."""

    when_deleted: Literal["Delete"] = "Delete"
    when_scaled: Literal["Delete"] = "Delete"


class PrometheusSpec(ChartValues):
    """``prometheusSpec``. Monitors of every namespace count, whoever made them."""

    image: ImageValues
    retention: str
    retention_size: str
    resources: ResourceValues
    storage_spec: StorageValues
    persistent_volume_claim_retention_policy: ClaimRetention = ClaimRetention()
    service_monitor_selector_nil_uses_helm_values: bool = False
    pod_monitor_selector_nil_uses_helm_values: bool = False
    probe_selector_nil_uses_helm_values: bool = False
    scrape_config_selector_nil_uses_helm_values: bool = False
    rule_selector_nil_uses_helm_values: bool = False


class PrometheusPart(ChartValues):
    """``prometheus``."""

    prometheus_spec: PrometheusSpec


class StackValues(ChartValues):
    """Values of the chart."""

    fullname_override: str
    prometheus_operator: OperatorValues
    prometheus: PrometheusPart
    # Definitions come before, from a chart of their own.
    crds: Enabled = Enabled()
    default_rules: NotCreated = NotCreated()
    alertmanager: Enabled = Enabled()
    grafana: Enabled = Enabled()
    windows_monitoring: Enabled = Enabled()
    kubernetes_service_monitors: Enabled = Enabled()
    kube_api_server: Enabled = Enabled()
    kubelet: Enabled = Enabled()
    kube_controller_manager: Enabled = Enabled()
    core_dns: Enabled = Enabled()
    kube_dns: Enabled = Enabled()
    kube_etcd: Enabled = Enabled()
    kube_scheduler: Enabled = Enabled()
    kube_proxy: Enabled = Enabled()
    kube_state_metrics: Enabled = Enabled()
    node_exporter: Enabled = Enabled()


class DefinitionChoice(ChartValues):
    """Kinds that nothing here uses: the operator goes without, and says so in its log (cmd/operator/main.go)."""

    alertmanagerconfigs: Enabled = Enabled()
    alertmanagers: Enabled = Enabled()
    prometheusagents: Enabled = Enabled()
    thanosrulers: Enabled = Enabled()


class DefinitionValues(ChartValues):
    """Values of the chart of definitions."""

    crds: DefinitionChoice = DefinitionChoice()


# What a large cluster needs was not measured: the limit leaves room, and Prometheus restarts from its log beyond it.
_PROMETHEUS_AMOUNTS = ResourceValues(requests=Amounts(cpu="200m", memory="1Gi"), limits=Amounts(memory="4Gi"))
_OPERATOR_AMOUNTS = ResourceValues(requests=Amounts(cpu="50m", memory="128Mi"), limits=Amounts(memory="256Mi"))
_RELOADER_AMOUNTS = ResourceValues(
    requests=Amounts(cpu="10m", memory="32Mi"), limits=Amounts(cpu="200m", memory="64Mi")
)


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """The cluster, how much Prometheus keeps, and where charts and images come from.

    Attributes:
        facts: The cluster.
        volume: Size of its volume.
        retention: How long samples are kept, if the volume holds them.
        sources: Where charts and images come from.
    """

    facts: ClusterFacts
    volume: ByteSize = field(default_factory=lambda: ByteSize.gib(50))
    retention: Duration = field(default_factory=lambda: Duration("10d"))
    sources: ServiceSources = field(default_factory=ServiceSources)


def prometheus_values(args: PrometheusArgs) -> StackValues:
    """Values of the chart.

    Args:
        args: What the component was given.
    """
    claim = ClaimSpec(
        storage_class_name=args.facts.storage.read_write_once.name,
        resources=ClaimResources(requests=ClaimRequests(storage=str(args.volume))),
    )
    spec = PrometheusSpec(
        image=_image(PROMETHEUS, "prometheus", args.sources),
        retention=f"{args.retention.whole_seconds}s",
        retention_size=f"{int(args.volume * _KEPT_SHARE) // 2**20}MB",
        resources=_PROMETHEUS_AMOUNTS,
        storage_spec=StorageValues(volume_claim_template=ClaimTemplate(spec=claim)),
    )
    operator = OperatorValues(
        image=_image(PROMETHEUS_OPERATOR, "prometheus-operator", args.sources),
        prometheus_config_reloader=ReloaderValues(
            image=_image(PROMETHEUS_CONFIG_RELOADER, "prometheus-config-reloader", args.sources),
            resources=_RELOADER_AMOUNTS,
        ),
        resources=_OPERATOR_AMOUNTS,
    )
    return StackValues(
        fullname_override=PROMETHEUS_RELEASE,
        prometheus_operator=operator,
        prometheus=PrometheusPart(prometheus_spec=spec),
    )


def _image(image: Image, name: str, sources: ServiceSources) -> ImageValues:
    digest = sources.image_digests.get(name) or image.digest or ""
    return ImageValues(
        registry=sources.image_mirror or image.registry,
        repository=image.repository,
        tag=image.tag,
        sha=digest.removeprefix("sha256:"),
    )


class Prometheus(pulumi.ComponentResource):
    """Definitions of the operator, then the operator with one Prometheus, in a namespace of their own."""

    @checked
    def __init__(self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:Prometheus", name, None, opts)
        # Alone and first: a preview of a new cluster knows a kind only once its definition is among the resources.
        definitions = deploy_chart(
            f"{name}-definitions",
            ChartRelease(
                chart=PROMETHEUS_OPERATOR_CRDS_CHART,
                release=f"{SERVICE.name}-definitions",
                namespace=SERVICE.namespace,
                values=DefinitionValues(),
                mirror=args.sources.charts,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        keda = Peer(namespace_labels={"kubernetes.io/metadata.name": KEDA.namespace})
        own = Peer(namespace_labels={"kubernetes.io/metadata.name": SERVICE.namespace})
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                labels=MONITORING_ROLE,
                ingress=(ingress(PROMETHEUS_PORT, [keda, own]), ingress(_OPERATOR_PORT, [own])),
                # Whatever has a monitor may be scraped, at the port that the monitor says.
                egress=(any_pod_egress(), anywhere_egress(KUBERNETES_PORTS)),
                customize=args.sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        release = ChartRelease(
            chart=KUBE_PROMETHEUS_STACK_CHART,
            release=PROMETHEUS_RELEASE,
            namespace=SERVICE.namespace,
            values=prometheus_values(args),
            mirror=args.sources.charts,
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[definitions, *space])
        deploy_chart(f"{name}-chart", release, after)
        self.register_outputs({})
