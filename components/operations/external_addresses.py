"""No Service of a team takes connections that are meant for others.

A Service with ``externalIPs`` gets what any pod or node of the cluster sends to that address (CVE-2020-8554), and RBAC
cannot tell it from other Services. A ValidatingAdmissionPolicy can; it is in every Kubernetes since 1.30.
"""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import admissionregistration as admission
from pulumi_kubernetes import meta

from ..contracts.customize import ObjectCustomize
from ..workloads.metadata import platform_metadata
from .namespaces import TEAM_LABEL

_NAME = "strata-team-services"


def refuse_external_addresses(
    name: str, customize: ObjectCustomize, opts: pulumi.ResourceOptions
) -> admission.v1.ValidatingAdmissionPolicyBinding:
    """A policy for the namespaces of all teams, and its binding.

    Args:
        name: Prefix of the resources' names.
        customize: Labels and annotations that the user adds.
        opts: Options of both.
    """
    services = admission.v1.NamedRuleWithOperationsArgs(
        api_groups=[""], api_versions=["v1"], operations=["CREATE", "UPDATE"], resources=["services"]
    )
    in_teams = meta.v1.LabelSelectorArgs(
        match_expressions=[meta.v1.LabelSelectorRequirementArgs(key=TEAM_LABEL, operator="Exists")]
    )
    policy = admission.v1.ValidatingAdmissionPolicy(
        f"{name}-services",
        metadata=platform_metadata(_NAME, customize),
        spec=admission.v1.ValidatingAdmissionPolicySpecArgs(
            failure_policy="Fail",
            match_constraints=admission.v1.MatchResourcesArgs(namespace_selector=in_teams, resource_rules=[services]),
            validations=[
                admission.v1.ValidationArgs(
                    expression="!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0",
                    message="Services of teams cannot have externalIPs: they would take connections of others",
                )
            ],
        ),
        opts=opts,
    )
    return admission.v1.ValidatingAdmissionPolicyBinding(
        f"{name}-services",
        metadata=platform_metadata(_NAME, customize),
        spec=admission.v1.ValidatingAdmissionPolicyBindingSpecArgs(
            policy_name=policy.metadata.name.apply(str), validation_actions=["Deny"]
        ),
        opts=opts,
    )
