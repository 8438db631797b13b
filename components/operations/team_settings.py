"""Teams as users write them: their namespaces with quotas, and who may do what there."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from ..contracts.model import Contract
from ..contracts.names import NamespaceName, ObjectName
from ..contracts.sequences import Items
from ..contracts.shown_text import excerpt
from .quotas import QuotaAmount, QuotaKey

_MAX_SUBJECT = 256
_RESERVED_PREFIX = "system:"


def _subject(value: str) -> str:
    if value.startswith(_RESERVED_PREFIX):
        # https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
        raise ValueError(
            f"{excerpt(value)!r} begins with system:, which Kubernetes keeps for accounts and groups of its own; "
            "name a group or user of your identity provider, such as search-engineers"
        )
    if not 0 < len(value) <= _MAX_SUBJECT or value != value.strip() or not value.isprintable():
        raise ValueError(
            f"{excerpt(value)!r} is not the name of a group or user; write 1 to {_MAX_SUBJECT} characters as the API "
            "server sees it, without blanks around it, such as search-engineers"
        )
    return value


SubjectName = Annotated[
    str,
    AfterValidator(_subject),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": _MAX_SUBJECT, "pattern": f"^(?!{_RESERVED_PREFIX}|\\s).*\\S$"}
    ),
]
"""A group or user as the API server sees it after authentication; ``docs/teams.md`` has the spelling of each target."""


class TeamRole(StrEnum):
    """What somebody may do in the namespaces of a team."""

    VIEW = "view"
    """See objects and logs, but no Secrets."""
    EDIT = "edit"
    """Run workloads as well; not change who has access, or what guards the namespace."""


class Destination(StrEnum):
    """What pods may connect to besides DNS."""

    NAMESPACE = "namespace"
    """Pods of the same namespace, at every port."""
    MODELS = "models"
    """The model servers."""
    INTERNET = "internet"
    """Addresses outside private networks, at port 443."""


class TeamMember(Contract):
    """A group or a user, and what they may do."""

    group: SubjectName | None = None
    """Group as the cluster's authentication names it, such as ``search-engineers``."""
    user: SubjectName | None = None
    """User as the cluster's authentication names it, such as ``ana@example.com``; ``group`` or ``user`` is given."""
    role: TeamRole
    """Role in every namespace of the team; ``edit`` includes ``view``."""


class TeamNamespace(Contract):
    """A namespace of a team, guarded like that of the model servers."""

    name: NamespaceName
    """Name of the namespace; it must not exist yet. Taking it off the list deletes everything in it."""
    quota: dict[QuotaKey, QuotaAmount] = {}
    """Hard limits by ResourceQuota key, such as ``requests.nvidia.com/gpu``; load balancers and node ports are 0."""
    connects_to: Items[Destination] = ()
    """What all pods of it may connect to besides DNS."""


class Team(Contract):
    """People who share namespaces."""

    name: ObjectName
    """Name of the team, which its namespaces have as the label ``strata.dev/team``."""
    namespaces: Annotated[Items[TeamNamespace], Field(min_length=1, max_length=50)]
    """Namespaces that only this team has access to."""
    members: Annotated[Items[TeamMember], Field(max_length=100)] = ()
    """Groups and users with access to them."""
