"""Namespaces that are closed until something opens them.

Owns the namespace with its Pod Security level, quota, default limits and default-deny network
policy. Each workload brings the policy that opens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_kubernetes import core, meta, networking

from ..contracts.arguments import checked, checked_arguments
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.names import LabelKey, LabelValue, NamespaceName
from ..workloads.customize_rules import label_problems, object_problems
from ..workloads.identity import PLATFORM_LABELS
from ..workloads.metadata import platform_metadata
from ..workloads.network_policies import dns_egress
from .quotas import QuotaAmount, QuotaKey, quota_problems

TEAM_LABEL = "strata.dev/team"
"""Label of a namespace with the team that it belongs to."""
DEFAULT_DENY, ALLOW_DNS = "default-deny", "allow-dns"
"""Names of the network policies of each namespace."""
_OF_STRATA = ("strata.dev/role", TEAM_LABEL)
"""Labels that callers write: policies of model servers let gateway and monitoring in by the role."""


PodSecurity = Literal["privileged", "baseline", "restricted"]
"""Levels of the Pod Security Standards; "privileged" is for software that works on the node itself."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class GuardedNamespaceArgs:
    """A namespace and how much may run in it.

    Attributes:
        namespace: Its name.
        quota: Hard limits by ResourceQuota key, such as ``{"requests.nvidia.com/gpu": "8", "pods": "50"}``.
        labels: Labels of the namespace, such as ``strata.dev/role``, by which model servers know who may reach them.
        pod_security: Level of the Pod Security Standards that its pods have to obey.
        customize: Labels and annotations that the user adds to every object.
    """

    namespace: NamespaceName
    quota: Mapping[QuotaKey, QuotaAmount] = field(default_factory=dict[QuotaKey, QuotaAmount])
    labels: Mapping[LabelKey, LabelValue] = field(default_factory=dict[LabelKey, LabelValue])
    pod_security: PodSecurity = "restricted"
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def refusals(args: GuardedNamespaceArgs) -> Iterator[Problem]:
    """What the constructor of ``GuardedNamespace`` refuses."""
    yield from quota_problems(args.quota, "quota")
    others = {key: value for key, value in args.labels.items() if key not in _OF_STRATA}
    yield from label_problems(others, "labels")
    yield from object_problems(args.customize, "customize")


class GuardedNamespace(pulumi.ComponentResource):
    """A namespace under a level of Pod Security, "restricted" as a rule, in which nothing may talk by default.

    Attributes:
        namespace: Its name, known once the namespace exists.
    """

    namespace: pulumi.Output[str]

    @checked
    def __init__(self, name: str, args: GuardedNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(refusals(args))
        super().__init__("strata:operations:GuardedNamespace", name, None, opts)
        created = core.v1.Namespace(
            name,
            metadata=platform_metadata(
                args.namespace,
                args.customize,
                labels={**args.labels, **PLATFORM_LABELS, **pod_security_labels(args.pod_security)},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.namespace = created.metadata.name.apply(str)
        self._create_limits(name, args)
        self._create_default_policies(name, args)
        self.register_outputs({"namespace": self.namespace})

    def _meta(self, object_name: str, args: GuardedNamespaceArgs) -> meta.v1.ObjectMetaArgs:
        return platform_metadata(object_name, args.customize, namespace=self.namespace)

    def _create_limits(self, name: str, args: GuardedNamespaceArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        if args.quota:
            core.v1.ResourceQuota(
                f"{name}-quota",
                metadata=self._meta("quota", args),
                spec=core.v1.ResourceQuotaSpecArgs(hard=dict(args.quota)),
                opts=child,
            )
        core.v1.LimitRange(
            f"{name}-defaults",
            metadata=self._meta("defaults", args),
            spec=core.v1.LimitRangeSpecArgs(
                limits=[
                    core.v1.LimitRangeItemArgs(
                        type="Container",
                        # A pod without requests would be refused by the quota; these are small on purpose.
                        default={"cpu": "1", "memory": "1Gi", "ephemeral-storage": "2Gi"},
                        default_request={"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "1Gi"},
                    )
                ]
            ),
            opts=child,
        )

    def _create_default_policies(self, name: str, args: GuardedNamespaceArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        everyone = meta.v1.LabelSelectorArgs()
        networking.v1.NetworkPolicy(
            f"{name}-{DEFAULT_DENY}",
            metadata=self._meta(DEFAULT_DENY, args),
            spec=networking.v1.NetworkPolicySpecArgs(pod_selector=everyone, policy_types=["Ingress", "Egress"]),
            opts=child,
        )
        networking.v1.NetworkPolicy(
            f"{name}-{ALLOW_DNS}",
            metadata=self._meta(ALLOW_DNS, args),
            spec=networking.v1.NetworkPolicySpecArgs(
                pod_selector=everyone, policy_types=["Egress"], egress=[dns_egress()]
            ),
            opts=child,
        )


def pod_security_labels(level: PodSecurity) -> dict[str, str]:
    """Labels of a namespace that enforces, audits and warns of a Pod Security level.

    Args:
        level: Level of the Pod Security Standards.
    """
    return {
        f"pod-security.kubernetes.io/{mode}{suffix}": value
        for mode in ("enforce", "audit", "warn")
        for suffix, value in (("", level), ("-version", "latest"))
    }
