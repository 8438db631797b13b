"""Namespaces, quotas, teams, priorities and default policies."""

from .namespaces import GuardedNamespace, GuardedNamespaceArgs
from .priorities import PriorityClasses
from .team_namespaces import TeamNamespaces, TeamNamespacesArgs
from .team_settings import Destination, Team, TeamMember, TeamNamespace, TeamRole

__all__ = [
    "Destination",
    "GuardedNamespace",
    "GuardedNamespaceArgs",
    "PriorityClasses",
    "Team",
    "TeamMember",
    "TeamNamespace",
    "TeamNamespaces",
    "TeamNamespacesArgs",
    "TeamRole",
]
