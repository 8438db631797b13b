"""Services of the cluster: what models and their operators use and the cluster does not bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import pulumi
from pydantic import Field

from components.clusters import Cluster
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.contributions import Contribution
from components.contracts.errors import Problem
from components.contracts.forms import Form
from components.contracts.model import Contract
from components.contracts.names import ExistingName
from components.contracts.quantities import ByteSize, Duration
from components.contracts.serving import ServingPlan
from components.services.dns_names import ANNOTATION_PREFIX, DnsPolicy, dns_notes, dns_refusals
from components.services.known import (
    CERT_MANAGER,
    DCGM_EXPORTER,
    EXTERNAL_DNS,
    EXTERNAL_SECRETS,
    KEDA,
    METRICS_SERVER,
    NODE_REPAIR,
    PROMETHEUS,
    PROMETHEUS_ADDRESS,
    needs_external_dns,
    needs_external_secrets,
    needs_gpu_metrics,
    needs_keda,
    needs_metrics_server,
    needs_prometheus,
)
from components.services.repair_rules import needs_node_repair, node_repair_problems
from components.services.secret_rules import secret_store_notes, secret_store_refusals
from components.services.service import Service, ServiceSources, doubled_problems, is_deployed
from stacks.secret_names import WithSecrets

from .foundation import FOUNDATION
from .layer import Layer, Run
from .models import WithModels
from .parts import Parts
from .promises import ReadyReplicas, RunningDaemons
from .sources import WithSources, taken_charts


class ServiceSettings(Contract):
    """One service."""

    install: bool | None = None
    """Whether Strata deploys it. Left out, it does so where the stack needs it and the cluster comes without."""


class PrometheusSettings(Contract):
    """Prometheus and its operator."""

    install: bool | None = None
    """Whether Strata deploys them. Left out, it does so where KEDA scales a model whose settings name no Prometheus."""
    volume: ByteSize = ByteSize.gib(50)
    """Size of the volume with what was scraped."""
    retention: Duration = Duration("10d")
    """How long that is kept, as long as the volume holds it."""


class ExternalDnsSettings(Contract):
    """external-dns, which writes names of load balancers into the DNS zones of the target."""

    install: bool | None = None
    """Whether Strata deploys it. Left out, it does so where the target names zones under ``dns``."""
    policy: DnsPolicy = DnsPolicy.SYNC
    """What becomes of a record whose Service is gone."""
    owner: Annotated[str, Form(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "prod-cluster")] | None = None
    """By which name records are marked as this cluster's; no two clusters that share a zone may have the same. The
    cluster's name after ``strata-`` where left out."""
    annotation_prefix: Annotated[str, Form(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/", "external-dns.kubernetes.io/")] = (
        ANNOTATION_PREFIX
    )
    """What names of its annotations begin with. Objects written for releases before 0.22 say
    ``external-dns.alpha.kubernetes.io/``, and others get no names."""


class ExternalSecretsSettings(Contract):
    """external-secrets, which makes Secrets of what the target's store of secrets holds."""

    install: bool | None = None
    """Whether Strata deploys it. Left out, it does so where the target names a store under ``secrets``."""
    namespaces: Annotated[tuple[ExistingName, ...], Field(max_length=100)] = ()
    """Namespaces whose ExternalSecrets may name the ClusterSecretStore ``strata``: who may edit one of them may read
    everything that ``target.secrets`` opens."""


class NodeRepairSettings(Contract):
    """What is done with nodes whose GPUs are broken."""

    install: bool | None = None
    """Whether Strata cordons and drains them. Left out, it does so on hosts, as clouds replace nodes themselves."""
    nodes_at_once: Annotated[int, Field(ge=1, le=100)] = 1
    """Most nodes that are being emptied at the same time."""
    nodes_out: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Most nodes that are out of service for repair, until they were booted again or somebody took them back; a fifth
    of the nodes with GPUs, and at least one, where left out."""


class ServicesSettings(Contract):
    """What the cluster offers to workloads beside Kubernetes itself."""

    prometheus: PrometheusSettings = PrometheusSettings()
    """Scrapes model servers, and whatever else has a PodMonitor or ServiceMonitor."""
    dcgm_exporter: ServiceSettings = ServiceSettings()
    """Metrics of GPUs; deployed beside Prometheus for pools whose images bring driver and toolkit, as the GPU operator
    and GKE bring an exporter of their own."""
    keda: ServiceSettings = ServiceSettings()
    """Scales models by what Prometheus knows; deployed where a model has ``autoscaling: {kind: keda}``."""

    metrics_server: ServiceSettings = ServiceSettings()
    """CPU and memory of pods and nodes, for ``kubectl top`` and HPAs on CPU; on hosts only, as managed clusters have
    it."""
    cert_manager: ServiceSettings = ServiceSettings()
    """Certificates that objects of the cluster ask for; where left out, only clusters have it that bring it."""
    node_repair: NodeRepairSettings = NodeRepairSettings()
    """Takes nodes whose GPUs report errors that need a reset or a reboot out of service, within the budgets of their
    pods; on hosts, and on clouds that do not look at GPUs where it is asked for."""
    external_dns: ExternalDnsSettings = ExternalDnsSettings()
    """Names of load balancers, for Services, Ingresses and HTTPRoutes that say one."""
    external_secrets: ExternalSecretsSettings = ExternalSecretsSettings()
    """Secrets of the store that the target names, for ExternalSecrets that ask for them."""


class ServicesPart(WithSources, WithSecrets):
    """Settings of the cluster's services."""

    services: ServicesSettings = ServicesSettings()


@dataclass(frozen=True, kw_only=True)
class RunningServices:
    """Services of this stack.

    Attributes:
        after: What objects of their kinds wait for.
        controllers: Those that take away what they made elsewhere for a Service, and so go after it.
    """

    after: Sequence[pulumi.Resource]
    controllers: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a service is declared."""

    facts: ClusterFacts
    sources: ServiceSources
    opts: pulumi.ResourceOptions
    account_annotations: Mapping[str, Mapping[str, pulumi.Input[str]]]
    secrets: Mapping[str, pulumi.Output[str]]

    def after(self, earlier: Sequence[pulumi.Resource]) -> _Place:
        """The same place, once these are there."""
        opts = pulumi.ResourceOptions.merge(self.opts, pulumi.ResourceOptions(depends_on=list(earlier)))
        return replace(self, opts=opts)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One service as this stack has it.

    Attributes:
        service: The service.
        setting: Key below ``services``.
        install: What the user says.
        needed: Whether the stack needs it and the cluster comes without.
        create: Declares it, and loads its code only then.
        charts: Charts that it takes.
    """

    service: Service
    setting: str
    install: bool | None
    needed: bool
    create: Callable[[_Place], pulumi.Resource]
    charts: Sequence[str] = ()


def _rows(settings: ServicesPart, facts: ClusterFacts) -> list[_Row]:
    """Every service, those that others use first."""
    chosen = settings.services
    models = settings.models if isinstance(settings, WithModels) else ()
    has_prometheus = is_deployed(
        PROMETHEUS, facts, install=chosen.prometheus.install, needed=needs_prometheus(models, facts)
    )
    return [
        _Row(
            service=METRICS_SERVER,
            setting="metrics_server",
            install=chosen.metrics_server.install,
            needed=needs_metrics_server(facts),
            create=_metrics_server,
            charts=("metrics-server",),
        ),
        _Row(
            service=PROMETHEUS,
            setting="prometheus",
            install=chosen.prometheus.install,
            needed=needs_prometheus(models, facts),
            create=partial(_prometheus, chosen.prometheus),
            charts=("prometheus-operator-crds", "kube-prometheus-stack"),
        ),
        _Row(
            service=DCGM_EXPORTER,
            setting="dcgm_exporter",
            install=chosen.dcgm_exporter.install,
            needed=needs_gpu_metrics(facts, has_prometheus=has_prometheus),
            create=_dcgm_exporter,
        ),
        _Row(
            service=KEDA,
            setting="keda",
            install=chosen.keda.install,
            needed=needs_keda(models, facts),
            create=_keda,
            charts=("keda",),
        ),
        _Row(
            service=CERT_MANAGER,
            setting="cert_manager",
            install=chosen.cert_manager.install,
            needed=False,
            create=_cert_manager,
            charts=("cert-manager",),
        ),
        _Row(
            service=NODE_REPAIR,
            setting="node_repair",
            install=chosen.node_repair.install,
            needed=needs_node_repair(facts),
            create=partial(_node_repair, chosen.node_repair),
        ),
        _Row(
            service=EXTERNAL_DNS,
            setting="external_dns",
            install=chosen.external_dns.install,
            needed=needs_external_dns(facts),
            create=partial(_external_dns, chosen.external_dns),
        ),
        _Row(
            service=EXTERNAL_SECRETS,
            setting="external_secrets",
            install=chosen.external_secrets.install,
            needed=needs_external_secrets(facts),
            create=partial(_external_secrets, chosen.external_secrets),
            charts=("external-secrets",),
        ),
    ]


def _metrics_server(place: _Place) -> pulumi.Resource:
    from components.services.metrics_server import MetricsServer, MetricsServerArgs  # noqa: PLC0415

    args = MetricsServerArgs(facts=place.facts, sources=place.sources)
    return MetricsServer(METRICS_SERVER.name, args, place.opts)


def _prometheus(chosen: PrometheusSettings, place: _Place) -> pulumi.Resource:
    from components.services.prometheus import Prometheus, PrometheusArgs  # noqa: PLC0415

    args = PrometheusArgs(facts=place.facts, volume=chosen.volume, retention=chosen.retention, sources=place.sources)
    return Prometheus(PROMETHEUS.name, args, place.opts)


def _dcgm_exporter(place: _Place) -> pulumi.Resource:
    from components.services.dcgm_exporter import DcgmExporter, DcgmExporterArgs  # noqa: PLC0415

    return DcgmExporter(DCGM_EXPORTER.name, DcgmExporterArgs(facts=place.facts, sources=place.sources), place.opts)


def _keda(place: _Place) -> pulumi.Resource:
    from components.services.keda import Keda, KedaArgs  # noqa: PLC0415

    return Keda(KEDA.name, KedaArgs(sources=place.sources), place.opts)


def _cert_manager(place: _Place) -> pulumi.Resource:
    from components.services.cert_manager import CertManager, CertManagerArgs  # noqa: PLC0415

    args = CertManagerArgs(facts=place.facts, sources=place.sources)
    return CertManager(CERT_MANAGER.name, args, place.opts)


def _external_dns(chosen: ExternalDnsSettings, place: _Place) -> pulumi.Resource:
    from components.services.external_dns import ExternalDns, ExternalDnsArgs  # noqa: PLC0415

    args = ExternalDnsArgs(
        facts=place.facts,
        policy=chosen.policy,
        owner=chosen.owner,
        annotation_prefix=chosen.annotation_prefix,
        account_annotations=place.account_annotations.get(EXTERNAL_DNS.name, {}),
        secrets=place.secrets,
        sources=place.sources,
    )
    return ExternalDns(EXTERNAL_DNS.name, args, place.opts)


def _external_secrets(chosen: ExternalSecretsSettings, place: _Place) -> pulumi.Resource:
    from components.services.external_secrets import ExternalSecrets, ExternalSecretsArgs  # noqa: PLC0415

    args = ExternalSecretsArgs(
        facts=place.facts,
        namespaces=chosen.namespaces,
        account_annotations=place.account_annotations.get(EXTERNAL_SECRETS.name, {}),
        sources=place.sources,
    )
    return ExternalSecrets(EXTERNAL_SECRETS.name, args, place.opts)


def _node_repair(chosen: NodeRepairSettings, place: _Place) -> pulumi.Resource:
    from components.services.node_repair import NodeRepair, NodeRepairArgs  # noqa: PLC0415

    args = NodeRepairArgs(
        facts=place.facts,
        nodes_at_once=chosen.nodes_at_once,
        nodes_out=chosen.nodes_out,
        sources=place.sources,
    )
    return NodeRepair(NODE_REPAIR.name, args, place.opts)


def _deployed(settings: ServicesPart, facts: ClusterFacts) -> list[_Row]:
    return [
        row for row in _rows(settings, facts) if is_deployed(row.service, facts, install=row.install, needed=row.needed)
    ]


def _contribution(settings: ServicesPart, facts: ClusterFacts) -> Contribution:
    services = [row.service for row in _deployed(settings, facts)]
    return Contribution(
        services=tuple(service.name for service in services),
        apis=tuple(group for service in services for group in service.apis),
        prometheus=PROMETHEUS_ADDRESS if PROMETHEUS in services else None,
        namespaces=tuple(service.namespace for service in services if service.owns_namespace),
    )


def _refusals(settings: ServicesPart, facts: ClusterFacts, _plans: Mapping[str, ServingPlan]) -> Iterator[Problem]:
    for row in _rows(settings, facts):
        field = f"services.{row.setting}.install"
        yield from doubled_problems(row.service, facts, install=row.install, field=field)
        if not is_deployed(row.service, facts, install=row.install, needed=row.needed):
            continue
        if row.service is EXTERNAL_DNS:
            yield from dns_refusals(facts, field)
            yield from _missing_secrets(settings, facts)
        if row.service is EXTERNAL_SECRETS:
            allowed = settings.services.external_secrets.namespaces
            yield from secret_store_refusals(facts, allowed, f"services.{row.setting}")
    asked = settings.services.node_repair.install
    yield from node_repair_problems(facts, install=asked, field="services.node_repair.install")


def _missing_secrets(settings: ServicesPart, facts: ClusterFacts) -> Iterator[Problem]:
    named = settings.secrets.named()
    for variable in facts.dns.variables if facts.dns else ():
        if variable.secret not in named:
            yield Problem(
                field=f"secrets.{variable.secret}",
                cause="is not set",
                consequence="the name server would take no change from external-dns",
                fix="write secrets: {dns_key: dnsKey}, and pulumi config set --secret dnsKey < key",
            )


def _notes(settings: ServicesPart, facts: ClusterFacts) -> Sequence[str]:
    chosen = settings.services
    found: list[str] = []
    if EXTERNAL_DNS.name in facts.services:
        found += dns_notes(facts, chosen.external_dns.policy, chosen.external_dns.owner)
    if EXTERNAL_SECRETS.name in facts.services:
        found += secret_store_notes(facts, chosen.external_secrets.namespaces)
    return found


def _declare(
    settings: ServicesPart, _plans: Mapping[str, ServingPlan], below: Parts, run: Run
) -> RunningServices | None:
    cluster, facts = below.of(Cluster), below.of(ClusterFacts)
    rows = _deployed(settings, facts)
    if not rows:
        return None
    sources = settings.sources
    charts = [(f"services.{row.setting}", chart) for row in rows for chart in row.charts]
    place = _Place(
        facts=facts,
        sources=ServiceSources(
            charts=sources.chart_mirror(run.stacks.project)
            or taken_charts(run.charts, charts, "the service would be missing"),
            image_mirror=sources.images.mirror,
            image_digests=sources.images.digests,
        ),
        opts=pulumi.ResourceOptions(provider=cluster.provider),
        account_annotations=cluster.account_annotations,
        secrets=run.environment.secrets,
    )
    plain: list[pulumi.Resource] = []
    controllers: list[pulumi.Resource] = []
    for row in (row for row in rows if not row.service.has_aggregated_api):
        # Later ones may have objects of kinds that earlier ones define.
        plain.append(row.create(place.after(plain)))
        if row.service in (EXTERNAL_DNS, EXTERNAL_SECRETS):
            controllers.append(plain[-1])
    # These come last and do not wait for one another, so that their APIs go before any namespace: none ends while one
    # of them does not answer.
    aggregated = [row.create(place.after(plain)) for row in rows if row.service.has_aggregated_api]
    return RunningServices(after=[*plain, *aggregated], controllers=controllers)


def _promises(
    settings: ServicesPart, facts: ClusterFacts, _plans: Mapping[str, ServingPlan]
) -> Sequence[ReadyReplicas | RunningDaemons]:
    services = [row.service for row in _deployed(settings, facts)]
    return [
        *(
            ReadyReplicas(namespace=service.namespace, name=name, count=count, about="service")
            for service in services
            for name, count in service.deployments.items()
        ),
        *(RunningDaemons(namespace=service.namespace) for service in services if service.has_daemons),
    ]


SERVICES = Layer(
    name="services",
    settings=ServicesPart,
    within="platform",
    needs=(FOUNDATION.name,),
    # No layer names it: what it adds is in the facts, and its stack is that of the platform.
    declare=_declare,
    contribution=_contribution,
    refusals=_refusals,
    notes=_notes,
    promises=_promises,
)
