"""external-secrets: makes Secrets of what a store outside of the cluster holds.

Values: external-secrets/external-secrets, ``deploy/charts/external-secrets`` 2.9.0. Three things of the chart stay
away. Its webhook and the controller of that one's certificate: what they refuse is in the status of an ExternalSecret
anyway, and the second may rewrite definitions and webhooks. Its right to make tokens for every service account. And its
addition to the roles ``edit`` and ``admin``: stores and generators without credentials of their own take on the
controller's identity, so who may write those could read everything that it may. Members of a namespace get
ExternalSecrets, and the store says which namespaces may use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import apiextensions, core, meta, rbac

from ..contracts.api_groups import EXTERNAL_SECRETS as GROUP
from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.names import ExistingName
from ..contracts.secret_stores import SecretStoreFacts
from ..contracts.versions import EXTERNAL_SECRETS, EXTERNAL_SECRETS_CHART, STORE_API
from ..workloads.chart_values import Amounts, Enabled, ImageValues, ResourceValues, image_values
from ..workloads.charts import ChartRelease, ChartValues, deploy_chart
from ..workloads.identity import PLATFORM_LABELS
from ..workloads.metadata import platform_metadata
from ..workloads.network_policies import anywhere_egress
from .known import EXTERNAL_SECRETS as SERVICE
from .secret_rules import STORE
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

_EDITORS = "strata-external-secrets-edit"
_ROLES = ("edit", "admin")


class Created(ChartValues):
    """A part of the chart that is made or not."""

    create: bool


class AccountValues(ChartValues):
    """``serviceAccount``."""

    create: bool
    name: str


class RightsValues(ChartValues):
    """``rbac``."""

    service_account_token_create: bool = False
    aggregate_to_edit: bool = False
    aggregate_to_admin: bool = False
    servicebindings: Created = Created(create=False)


class DefinitionValues(ChartValues):
    """``crds``: kinds of the whole cluster that write to other namespaces, or to stores, are none of ours."""

    create_cluster_external_secret: bool = False
    create_cluster_generator: bool = False
    create_cluster_push_secret: bool = False
    create_push_secret: bool = False


class ExternalSecretsValues(ChartValues):
    """Values of the chart."""

    image: ImageValues
    crds: DefinitionValues = DefinitionValues()
    process_cluster_external_secret: bool = False
    process_cluster_generator: bool = False
    process_cluster_push_secret: bool = False
    process_push_secret: bool = False
    openshift_finalizers: bool = False
    service_account: AccountValues
    rbac: RightsValues = RightsValues()
    pod_labels: dict[str, str] | None
    resources: ResourceValues
    liveness_probe: Enabled = Enabled(enabled=True)
    readiness_probe: Enabled = Enabled(enabled=True)
    webhook: Created = Created(create=False)
    cert_controller: Created = Created(create=False)


def external_secrets_values(store: SecretStoreFacts, sources: ServiceSources) -> ExternalSecretsValues:
    """Values with which it reads one store and writes Secrets of the cluster.

    Args:
        store: The store.
        sources: Where its image comes from.
    """
    return ExternalSecretsValues(
        image=image_values(EXTERNAL_SECRETS, sources.image_mirror, sources.image_digests.get(SERVICE.name)),
        # Ours: annotations of the cloud may be known only later, and a chart with such values shows no objects before.
        service_account=AccountValues(create=False, name=SERVICE.name),
        pod_labels=store.pod_labels or None,
        # The chart sets none; it keeps ExternalSecrets and what it knows of Secrets in memory.
        resources=ResourceValues(
            requests=Amounts(cpu="20m", memory="128Mi"), limits=Amounts(cpu="500m", memory="512Mi")
        ),
    )


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ExternalSecretsArgs:
    """The cluster with its store, and who may use it.

    Attributes:
        facts: The cluster.
        namespaces: Namespaces whose ExternalSecrets may name the store.
        account_annotations: Annotations by which its service account is an identity of the cloud.
        sources: Where chart and image come from.
    """

    facts: ClusterFacts
    namespaces: Sequence[ExistingName]
    account_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    sources: ServiceSources = field(default_factory=ServiceSources)


class ExternalSecrets(pulumi.ComponentResource):
    """external-secrets in a namespace of its own, with one ClusterSecretStore.

    Namespaces with ExternalSecrets depend on it, and so go before it: it takes their finalizers away.
    """

    @checked
    def __init__(self, name: str, args: ExternalSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:ExternalSecrets", name, None, opts)
        store, sources = _store(args.facts), args.sources
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                egress=(anywhere_egress([*KUBERNETES_PORTS, *store.ports]),),
                customize=sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=list(space))
        account = core.v1.ServiceAccount(
            f"{name}-account",
            metadata=meta.v1.ObjectMetaArgs(
                name=SERVICE.name,
                namespace=SERVICE.namespace,
                labels={**sources.customize.labels, **PLATFORM_LABELS},
                annotations={**sources.customize.annotations, **args.account_annotations} or None,
            ),
            automount_service_account_token=False,
            opts=after,
        )
        release = ChartRelease(
            chart=EXTERNAL_SECRETS_CHART,
            release=SERVICE.name,
            namespace=SERVICE.namespace,
            values=external_secrets_values(store, sources),
            mirror=sources.charts,
        )
        chart = deploy_chart(
            f"{name}-chart", release, pulumi.ResourceOptions(parent=self, depends_on=[*space, account])
        )
        _editors(f"{name}-editors", args, pulumi.ResourceOptions(parent=self))
        apiextensions.CustomResource(
            f"{name}-store",
            api_version=STORE_API,
            kind="ClusterSecretStore",
            metadata=platform_metadata(STORE, sources.customize),
            spec={
                "provider": {store.provider: dict(store.settings)},
                "conditions": [{"namespaces": sorted(set(args.namespaces))}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[chart]),
        )
        self.register_outputs({})


def _store(facts: ClusterFacts) -> SecretStoreFacts:
    found = facts.secrets
    if found is None:
        raise LookupError(f"{facts.name} has no store of secrets; secret_store_refusals() says so before")
    return found


def _editors(resource_name: str, args: ExternalSecretsArgs, opts: pulumi.ResourceOptions) -> None:
    """What members of a namespace may do that may edit it."""
    aggregated = {f"rbac.authorization.k8s.io/aggregate-to-{role}": "true" for role in _ROLES}
    rbac.v1.ClusterRole(
        resource_name,
        metadata=platform_metadata(_EDITORS, args.sources.customize, labels=aggregated),
        rules=[
            rbac.v1.PolicyRuleArgs(
                api_groups=[GROUP],
                resources=["externalsecrets"],
                verbs=["create", "delete", "deletecollection", "patch", "update"],
            )
        ],
        opts=opts,
    )
