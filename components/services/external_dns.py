"""external-dns: writes names of load balancers into zones, and takes them away again.

Objects of ours in place of its chart (kubernetes-sigs/external-dns, ``charts/external-dns`` 1.22.0), which offers no
``preStop`` and puts its rights and its Deployment in no order: whoever takes a stack down deletes Services first, and
external-dns, which puts no finalizer on them, has to live on until it has taken their names away.
EKS offers it as a community add-on; with that, names would be written by another version and other rules on each cloud.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import apps, core, meta, rbac

from ..contracts.api_groups import GATEWAY
from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.dns import DnsFacts
from ..contracts.versions import EXTERNAL_DNS
from ..workloads.identity import Identity
from ..workloads.metadata import metadata, platform_metadata
from ..workloads.network_policies import anywhere_egress
from ..workloads.security import container_security, pod_security
from .dns_names import ANNOTATION_PREFIX, DnsPolicy, default_owner
from .known import EXTERNAL_DNS as SERVICE
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

_PORT = 7979
_CLUSTER_ROLE = "strata-external-dns"
"""Roles are the whole cluster's, where somebody else's external-dns may have one of its own name."""
_LAST_CHANGES_SECONDS = 30
"""Six times what it waits between two rounds after an event (``--min-event-sync-interval``, docs/flags.md)."""
# Left out, the mark of a zone's own name would be a-ai.example.com beside the zone, where nobody may write: the name
# would be nobody's, and stay for ever. Source: docs/registry/txt.md, "Prefixes and Suffixes".
_MARK_PREFIX = "external-dns-%{record_type}."
# DNS services refuse an asterisk that is not the first label, and with it the whole change (registry/txt/registry.go).
_MARK_OF_WILDCARDS = "any"
_FOLDER = "/etc/kubernetes"
_READ = ["get", "list", "watch"]


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ExternalDnsArgs:
    """The cluster with its zones, and how records are looked after.

    Attributes:
        facts: The cluster.
        policy: What becomes of a record whose Service is gone.
        owner: By which name records are marked as this cluster's; None takes one from the cluster's name.
        annotation_prefix: What names of its annotations begin with.
        account_annotations: Annotations by which its service account is an identity of the cloud.
        secrets: Values of the secrets that the stack names, by field of ``secrets``.
        sources: Where the image comes from.
    """

    facts: ClusterFacts
    policy: DnsPolicy = DnsPolicy.SYNC
    owner: str | None = None
    annotation_prefix: str = ANNOTATION_PREFIX
    account_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    secrets: Mapping[str, pulumi.Output[str]] = field(default_factory=dict[str, pulumi.Output[str]])
    sources: ServiceSources = field(default_factory=ServiceSources)


class ExternalDns(pulumi.ComponentResource):
    """external-dns in a namespace of its own. Whatever has Services with names depends on it, and so goes before it."""

    @checked
    def __init__(self, name: str, args: ExternalDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:ExternalDns", name, None, opts)
        dns = _zones(args.facts)
        customize = args.sources.customize
        identity = Identity(name=SERVICE.name, instance=SERVICE.name, component="dns", customize=customize)
        inside = pulumi.ResourceOptions(parent=self)
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                egress=(anywhere_egress([*KUBERNETES_PORTS, *dns.ports]),),
                customize=customize,
            ),
            inside,
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=list(space))
        account = core.v1.ServiceAccount(
            f"{name}-account",
            metadata=meta.v1.ObjectMetaArgs(
                name=SERVICE.name,
                namespace=SERVICE.namespace,
                labels=identity.labels,
                annotations={**customize.annotations, **args.account_annotations} or None,
            ),
            automount_service_account_token=False,
            opts=after,
        )
        rights = _rights(name, args, after)
        read = _files(name, identity, dns, args, after)
        apps.v1.Deployment(
            f"{name}-deployment",
            metadata=metadata(identity, SERVICE.namespace),
            spec=apps.v1.DeploymentSpecArgs(
                # Two would write over each other: it has no election of a leader.
                replicas=SERVICE.deployments[SERVICE.name],
                strategy=apps.v1.DeploymentStrategyArgs(type="Recreate"),
                selector=meta.v1.LabelSelectorArgs(match_labels=identity.selector),
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels={**identity.labels, **dns.pod_labels}), spec=_pod(dns, args)
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, *rights, *read]),
        )
        self.register_outputs({})


def _zones(facts: ClusterFacts) -> DnsFacts:
    found = facts.dns
    if found is None:
        raise LookupError(f"{facts.name} has no DNS zones; dns_refusals() says so before")
    return found


def arguments(args: ExternalDnsArgs) -> list[str]:
    """Arguments of its program.

    Args:
        args: The cluster with its zones.
    """
    dns = _zones(args.facts)
    return [
        f"--provider={dns.provider}",
        *(f"--source={source}" for source in _sources(args.facts)),
        # Other types would publish addresses that only the cluster knows.
        "--service-type-filter=LoadBalancer",
        f"--policy={args.policy.value}",
        f"--annotation-prefix={args.annotation_prefix}",
        "--registry=txt",
        f"--txt-owner-id={args.owner or default_owner(args.facts)}",
        f"--txt-prefix={_MARK_PREFIX}",
        f"--txt-wildcard-replacement={_MARK_OF_WILDCARDS}",
        *(f"--domain-filter={zone.domain}" for zone in dns.zones),
        *(f"--zone-id-filter={zone.id}" for zone in dns.zones if zone.id),
        *dns.arguments,
        "--interval=1m",
        "--events",
        "--log-format=json",
    ]


def _sources(facts: ClusterFacts) -> Sequence[str]:
    return ("service", "ingress", *(("gateway-httproute",) if GATEWAY in facts.apis else ()))


def _rules(facts: ClusterFacts) -> list[rbac.v1.PolicyRuleArgs]:
    """As its chart has them for these sources, without nodes and pods, which Services of other types need."""
    read = [("", ["services"]), ("networking.k8s.io", ["ingresses"])]
    if GATEWAY in facts.apis:
        read += [("", ["namespaces"]), (GATEWAY, ["gateways", "httproutes"])]
    return [rbac.v1.PolicyRuleArgs(api_groups=[group], resources=resources, verbs=_READ) for group, resources in read]


def _rights(name: str, args: ExternalDnsArgs, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    about = platform_metadata(_CLUSTER_ROLE, args.sources.customize)
    role = rbac.v1.ClusterRole(f"{name}-role", metadata=about, rules=_rules(args.facts), opts=opts)
    binding = rbac.v1.ClusterRoleBinding(
        f"{name}-binding",
        metadata=about,
        role_ref=rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=_CLUSTER_ROLE),
        subjects=[rbac.v1.SubjectArgs(kind="ServiceAccount", name=SERVICE.name, namespace=SERVICE.namespace)],
        opts=opts,
    )
    return [role, binding]


def _files(
    name: str, identity: Identity, dns: DnsFacts, args: ExternalDnsArgs, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """What its pod reads, beside its arguments."""
    made: list[pulumi.Resource] = []
    if dns.files:
        made.append(
            core.v1.ConfigMap(
                f"{name}-files", metadata=metadata(identity, SERVICE.namespace), data=dict(dns.files), opts=opts
            )
        )
    if dns.variables:
        values = {variable.name: args.secrets[variable.secret] for variable in dns.variables}
        made.append(
            core.v1.Secret(
                f"{name}-secrets", metadata=metadata(identity, SERVICE.namespace), string_data=values, opts=opts
            )
        )
    return made


def _pod(dns: DnsFacts, args: ExternalDnsArgs) -> core.v1.PodSpecArgs:
    volumes = [core.v1.VolumeArgs(name="files", config_map=core.v1.ConfigMapVolumeSourceArgs(name=SERVICE.name))]
    return core.v1.PodSpecArgs(
        service_account_name=SERVICE.name,
        automount_service_account_token=True,
        enable_service_links=False,
        # Names of Services that went a moment before it are still to be taken away.
        termination_grace_period_seconds=2 * _LAST_CHANGES_SECONDS,
        security_context=pod_security(),
        containers=[_container(dns, args)],
        volumes=volumes if dns.files else None,
    )


def _container(dns: DnsFacts, args: ExternalDnsArgs) -> core.v1.ContainerArgs:
    sources = args.sources
    files = [core.v1.VolumeMountArgs(name="files", mount_path=_FOLDER, read_only=True)]
    healthy = core.v1.HTTPGetActionArgs(path="/healthz", port="http")
    return core.v1.ContainerArgs(
        name=SERVICE.name,
        image=EXTERNAL_DNS.reference(sources.image_mirror, sources.image_digests.get(SERVICE.name)),
        image_pull_policy="IfNotPresent",
        args=arguments(args),
        env=_environment(dns) or None,
        ports=[core.v1.ContainerPortArgs(name="http", container_port=_PORT)],
        liveness_probe=core.v1.ProbeArgs(http_get=healthy, initial_delay_seconds=10, timeout_seconds=5),
        readiness_probe=core.v1.ProbeArgs(http_get=healthy, initial_delay_seconds=5, timeout_seconds=5),
        lifecycle=core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(sleep=core.v1.SleepActionArgs(seconds=_LAST_CHANGES_SECONDS))
        ),
        security_context=container_security(),
        # The chart sets none. It keeps Services and records in memory, a few kilobytes each.
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "20m", "memory": "64Mi", "ephemeral-storage": "10Mi"},
            limits={"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "100Mi"},
        ),
        volume_mounts=files if dns.files else None,
    )


def _environment(dns: DnsFacts) -> list[core.v1.EnvVarArgs]:
    return [
        *(core.v1.EnvVarArgs(name=name, value=value) for name, value in dns.environment.items()),
        *(
            core.v1.EnvVarArgs(
                name=variable.name,
                value_from=core.v1.EnvVarSourceArgs(
                    secret_key_ref=core.v1.SecretKeySelectorArgs(name=SERVICE.name, key=variable.name)
                ),
            )
            for variable in dns.variables
        ),
    ]
