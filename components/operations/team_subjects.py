"""Names of groups and users that the cluster's authentication gives to nobody.

RBAC takes any text for a subject, so such a name is no error of the API server: its people have no access. Sources:
EKS user guide, "Set a custom username for EKS access entries"; GKE documentation, "Configure Google Groups for RBAC",
and "Authorize actions in clusters using RBAC"; AKS documentation, "Kubernetes RBAC with Microsoft Entra integration".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..contracts.cluster_facts import Authentication
from ..contracts.errors import Problem
from ..contracts.shown_text import excerpt


@dataclass(frozen=True)
class _Never:
    """Names that nobody has.

    Attributes:
        form: What they look like, as a whole.
        cause: Why nobody has them.
        fix: What to write; a group of the form's match may stand in braces.
    """

    form: str
    cause: str
    fix: str

    def problem(self, field: str, name: str) -> Problem | None:
        """The problem, where the name is one of them."""
        found = re.fullmatch(self.form, name)
        if found is None:
            return None
        return Problem(
            field=field,
            cause=f"{excerpt(name)!r} {self.cause}",
            consequence="whoever is meant would have no access",
            fix=self.fix.format(*found.groups()),
        )


_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_OF_GOOGLE_IAM = _Never(
    r"(?:group|user|serviceAccount|domain):(.+)", "is spelled as in IAM, and RBAC knows no such prefix", "write {0}"
)
_AWS_USERS = (
    _Never(
        r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)",
        "is an IAM role, and whoever takes it on is a user with the name of the session",
        "write a group of the role's access entry, or the session, arn:aws:sts::{0}:assumed-role/{1}/<session>",
    ),
    _Never(
        r".*\{\{.*",
        "is a template of access entries, and EKS puts the name of the session into it",
        "write a group of the access entry, or the name with the session's in place of the braces",
    ),
    _Never(
        r"(?:eks|aws|amazon|iam):.*",
        "begins as names of Amazon's own do, which no access entry may have",
        "write the name of the access entry's user, such as ana",
    ),
)
_RULES: Mapping[Authentication, Mapping[str, tuple[_Never, ...]]] = {
    Authentication.AWS_IAM: {"user": _AWS_USERS, "group": ()},
    Authentication.GOOGLE: {
        "user": (
            _OF_GOOGLE_IAM,
            _Never(
                r"(?!.*@|.*://|\d+$).*",
                "is not the mail address of a Google account",
                "write the address, such as ana@example.com",
            ),
        ),
        "group": (
            _OF_GOOGLE_IAM,
            _Never(
                r"(?!.*@|.*://).*",
                "is not the mail address of a Google Group",
                "write the address, such as search@example.com",
            ),
        ),
    },
    Authentication.ENTRA: {
        "user": (
            _Never(
                rf"(?!.*@|{_GUID}$).*",
                "is neither a user principal name nor an object id of Entra",
                "write the name, such as ana@example.com, or the object id of a guest or service principal",
            ),
        ),
        "group": (
            _Never(
                rf"(?!{_GUID}$).*",
                "is not the object id of an Entra group, by which tokens name groups",
                "write the id that `az ad group show --group <name> --query id` prints",
            ),
        ),
    },
}


def subject_problems(kind: str, name: str, authentication: Authentication | None, path: str) -> Iterator[Problem]:
    """What is wrong with the name of a group or user.

    Args:
        kind: ``group`` or ``user``.
        name: Its name.
        authentication: Who tells the cluster names of groups and users; None where nobody knows.
        path: Path of the member, such as ``teams[0].members[1]``.
    """
    rules = _RULES[authentication][kind] if authentication else ()
    found = (rule.problem(f"{path}.{kind}", name) for rule in rules)
    yield from [problem for problem in found if problem][:1]
