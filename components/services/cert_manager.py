"""cert-manager: makes certificates that the cluster's objects ask for, and renews them.

Clusters that have it as an add-on know its API group. Source of the values: cert-manager/cert-manager 1.21.2,
``deploy/charts/cert-manager``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
from pydantic import Field

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.versions import (
    CERT_MANAGER,
    CERT_MANAGER_CAINJECTOR,
    CERT_MANAGER_CHART,
    CERT_MANAGER_SOLVER,
    CERT_MANAGER_WEBHOOK,
    Image,
)
from ..workloads.chart_values import Amounts, BudgetValues, Enabled, ImageValues, ResourceValues, image_values
from ..workloads.charts import ChartRelease, ChartValues, deploy_chart
from ..workloads.network_policies import anywhere_egress, anywhere_ingress
from .known import CERT_MANAGER as SERVICE
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

_WEBHOOK_PORT, _METRICS_PORT = 10250, 9402
"""Ports of its pods as the chart has them."""
_HTTP = 80
"""Where a solver's answer is looked at before a certificate authority is asked to do so."""


class PartValues(ChartValues):
    """A Deployment beside the controller's."""

    image: ImageValues
    replica_count: int
    pod_disruption_budget: BudgetValues
    resources: ResourceValues


class SolverValues(ChartValues):
    """``acmesolver``: pods that answer to certificate authorities."""

    image: ImageValues


class DefinitionValues(ChartValues):
    """``crds``."""

    enabled: bool
    keep: bool


class LeaderElection(ChartValues):
    """``global.leaderElection``."""

    namespace: str


class GlobalValues(ChartValues):
    """``global``."""

    leader_election: LeaderElection


class CertManagerValues(ChartValues):
    """Values of the chart."""

    all_parts: GlobalValues = Field(serialization_alias="global")
    crds: DefinitionValues
    image: ImageValues
    replica_count: int
    pod_disruption_budget: BudgetValues
    resources: ResourceValues
    webhook: PartValues
    cainjector: PartValues
    acmesolver: SolverValues
    startupapicheck: Enabled


# The chart sets none. The injector keeps all Secrets of the cluster in memory, the controller those of certificates.
_AMOUNTS = ResourceValues(requests=Amounts(cpu="20m", memory="128Mi"), limits=Amounts(cpu="500m", memory="512Mi"))
_BUDGET = BudgetValues(enabled=True, max_unavailable=1)


def cert_manager_values(sources: ServiceSources) -> CertManagerValues:
    """Values with which it runs in a namespace of its own, with its definitions.

    Args:
        sources: Where its images come from.
    """

    def image(of: Image, name: str) -> ImageValues:
        return image_values(of, sources.image_mirror, sources.image_digests.get(name))

    def part(of: Image, name: str) -> PartValues:
        return PartValues(
            image=image(of, name),
            replica_count=SERVICE.deployments[name],
            pod_disruption_budget=_BUDGET,
            resources=_AMOUNTS,
        )

    return CertManagerValues(
        # Else the role for its election would be one in kube-system.
        all_parts=GlobalValues(leader_election=LeaderElection(namespace=SERVICE.namespace)),
        # Definitions that are kept keep every certificate, and `down` would leave them behind.
        crds=DefinitionValues(enabled=True, keep=False),
        image=image(CERT_MANAGER, "cert-manager"),
        replica_count=SERVICE.deployments["cert-manager"],
        pod_disruption_budget=_BUDGET,
        resources=_AMOUNTS,
        webhook=part(CERT_MANAGER_WEBHOOK, "cert-manager-webhook"),
        cainjector=part(CERT_MANAGER_CAINJECTOR, "cert-manager-cainjector"),
        acmesolver=SolverValues(image=image(CERT_MANAGER_SOLVER, "cert-manager-acmesolver")),
        # A hook, and charts here run none.
        startupapicheck=Enabled(enabled=False),
    )


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class CertManagerArgs:
    """The cluster, and where chart and images come from.

    Attributes:
        facts: The cluster.
        sources: Where chart and images come from.
    """

    facts: ClusterFacts
    sources: ServiceSources = field(default_factory=ServiceSources)


class CertManager(pulumi.ComponentResource):
    """cert-manager in a namespace of its own."""

    @checked
    def __init__(self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:CertManager", name, None, opts)
        sources = args.sources
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                # The API server calls its webhook, from an address that nobody knows.
                ingress=(anywhere_ingress([_WEBHOOK_PORT, _METRICS_PORT]),),
                egress=(anywhere_egress([*KUBERNETES_PORTS, _HTTP]),),
                customize=sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        release = ChartRelease(
            chart=CERT_MANAGER_CHART,
            release=SERVICE.name,
            namespace=SERVICE.namespace,
            values=cert_manager_values(sources),
            mirror=sources.charts,
        )
        deploy_chart(f"{name}-chart", release, pulumi.ResourceOptions(parent=self, depends_on=list(space)))
        self.register_outputs({})
