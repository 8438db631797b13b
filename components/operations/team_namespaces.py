"""Namespaces of teams, closed like those of the platform, and who may do what in them.

Owns the namespaces with their guards, and Roles and RoleBindings in them. Who a user is and which groups it is in is
decided by the cluster's authentication.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import core, networking, rbac

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.customize import ObjectCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.names import NamespaceName
from ..workloads.customize_rules import object_problems
from ..workloads.metadata import platform_metadata
from .external_addresses import refuse_external_addresses
from .namespaces import TEAM_LABEL, GuardedNamespace, GuardedNamespaceArgs
from .priorities import Priority
from .quotas import LOAD_BALANCERS, NODE_PORTS, QuotaAmount, QuotaKey
from .team_roles import RULES
from .team_rules import team_problems
from .team_settings import Team, TeamMember, TeamNamespace, TeamRole
from .team_traffic import caller_labels, connections

_RBAC = "rbac.authorization.k8s.io"
_CLOSED: dict[QuotaKey, QuotaAmount] = {LOAD_BALANCERS: "0", NODE_PORTS: "0"}
_SYSTEM_PRIORITIES = ("system-cluster-critical", "system-node-critical")


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TeamNamespacesArgs:
    """The teams of a cluster.

    Attributes:
        teams: Teams with their namespaces and members.
        models_namespace: Namespace of the model servers, which no team may have and some may call.
        facts: What is known of the cluster: the namespaces that it comes with, and how users are spelled; None where
            nothing is.
        customize: Labels and annotations that the user adds to every object.
    """

    teams: Sequence[Team]
    models_namespace: NamespaceName = "models"
    facts: ClusterFacts | None = None
    customize: ObjectCustomize = field(default_factory=ObjectCustomize)


def refusals(args: TeamNamespacesArgs) -> Iterator[Problem]:
    """What the constructor of ``TeamNamespaces`` refuses."""
    yield from team_problems(args.teams, args.models_namespace, args.facts, "teams")
    yield from object_problems(args.customize, "customize")


class TeamNamespaces(pulumi.ComponentResource):
    """A ``GuardedNamespace`` for each namespace of each team, with the roles of its members."""

    @checked
    def __init__(self, name: str, args: TeamNamespacesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(refusals(args))
        super().__init__("strata:operations:TeamNamespaces", name, None, opts)
        self._customize, self._models_namespace = args.customize, args.models_namespace
        self._services = refuse_external_addresses(name, args.customize, pulumi.ResourceOptions(parent=self))
        for team in args.teams:
            for namespace in team.namespaces:
                # Without the team's name, so that a namespace moves to another team without being replaced.
                self._create_namespace(f"{name}-{namespace.name}", team, namespace)
        self.register_outputs({"teams": [team.name for team in args.teams]})

    def _create_namespace(self, name: str, team: Team, namespace: TeamNamespace) -> None:
        guarded = GuardedNamespace(
            name,
            GuardedNamespaceArgs(
                namespace=namespace.name,
                quota={**_CLOSED, **namespace.quota},
                labels={TEAM_LABEL: team.name, **caller_labels(namespace.connects_to)},
                customize=self._customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        priorities = self._forbid_priorities(name, guarded)
        opened = connections(namespace.connects_to, self._models_namespace)
        if opened is not None:
            networking.v1.NetworkPolicy(
                f"{name}-connections",
                metadata=platform_metadata("connections", self._customize, namespace=guarded.namespace),
                spec=opened,
                opts=pulumi.ResourceOptions(parent=self),
            )
        for role in TeamRole:
            members = [member for member in team.members if member.role is role]
            if members:
                # Nobody gets in before everything that guards the namespace is there.
                ready = pulumi.ResourceOptions(parent=self, depends_on=[guarded, priorities, self._services])
                self._grant(f"{name}-{role.value}", role, members, guarded.namespace, ready)

    def _forbid_priorities(self, name: str, guarded: GuardedNamespace) -> core.v1.ResourceQuota:
        """No pods of the classes that go before batch jobs: they would preempt model servers."""
        above = [priority.class_name for priority in Priority if priority is not Priority.BATCH]
        selected = core.v1.ScopedResourceSelectorRequirementArgs(
            scope_name="PriorityClass", operator="In", values=[*above, *_SYSTEM_PRIORITIES]
        )
        return core.v1.ResourceQuota(
            f"{name}-priorities",
            metadata=platform_metadata("priorities", self._customize, namespace=guarded.namespace),
            spec=core.v1.ResourceQuotaSpecArgs(
                hard={"pods": "0"}, scope_selector=core.v1.ScopeSelectorArgs(match_expressions=[selected])
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _grant(
        self,
        name: str,
        role: TeamRole,
        members: Sequence[TeamMember],
        namespace: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        metadata = platform_metadata(f"strata-{role.value}", self._customize, namespace=namespace)
        rules = [
            rbac.v1.PolicyRuleArgs(api_groups=[rule.group], resources=list(rule.resources), verbs=list(rule.verbs))
            for rule in RULES[role]
        ]
        made = rbac.v1.Role(name, metadata=metadata, rules=rules, opts=opts)
        rbac.v1.RoleBinding(
            name,
            metadata=metadata,
            role_ref=rbac.v1.RoleRefArgs(api_group=_RBAC, kind="Role", name=made.metadata.name.apply(str)),
            subjects=[
                rbac.v1.SubjectArgs(
                    api_group=_RBAC,
                    kind="User" if member.group is None else "Group",
                    name=member.user or member.group or "",
                )
                for member in members
            ],
            opts=opts,
        )
