"""Questions to a Google Cloud project, and what Google says when it does not answer.

Owns how the errors of the provider are read. A question that may not be asked leaves its answer unknown; only an API
that is off is a problem, because then nothing can be made either.

Sources of the words: hashicorp/terraform-provider-google#21165 (an API that is not enabled: HTTP 403 with the link to
enable it), google.golang.org/api/googleapi, ``Error`` (``googleapi: Error <code>: <message>, <reason>``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import pulumi

from ...contracts.errors import Problem

_Answer = TypeVar("_Answer")
_ERROR = re.compile(r"\bError (?P<status>\d{3}): [^\n]*")
_SWITCHED_OFF = re.compile(r"apis/(?:api|library)/([a-z]+\.googleapis\.com)\b")
_FORBIDDEN = 403
_UNKNOWN = frozenset({400, 404})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a question has no answer.

    Attributes:
        status: HTTP status.
        text: In the provider's words.
        service: API that is not enabled, such as ``cloudquotas.googleapis.com``; empty for another reason.
    """

    status: int
    text: str
    service: str = ""

    @property
    def is_unknown_name(self) -> bool:
        """Whether Google does not know what was asked about."""
        return self.status in _UNKNOWN


def refusal_of(error: str) -> Refusal | None:
    """What an error of the provider says; None when it is no answer of Google's API."""
    found = _ERROR.search(error)
    if found is None:
        return None
    off = _SWITCHED_OFF.search(error)
    return Refusal(status=int(found["status"]), text=found[0], service=off[1] if off else "")


@dataclass
class Inquiry:
    """Asks a project, and remembers which APIs were off.

    Attributes:
        project: Its id.
        options: Who asks.
        off: APIs that are not enabled.
    """

    project: str
    options: pulumi.InvokeOptions
    off: set[str] = field(default_factory=set[str])

    def ask(self, subject: str, question: Callable[[], _Answer]) -> _Answer | Refusal:
        """The answer, or why there is none.

        Args:
            subject: What is asked about, such as ``the quota N2-CPUS-per-project-region``.
            question: Asks the provider.

        Raises:
            Exception: An error of the provider that is no refusal, such as a network that is down.
        """
        try:
            return question()
        except Exception as error:  # the SDK has no class of its own for a call that failed
            refusal = refusal_of(str(error))
            if refusal is None or (refusal.status != _FORBIDDEN and not refusal.is_unknown_name):
                raise
        if refusal.service:
            self.off.add(refusal.service)
        elif not refusal.is_unknown_name:
            pulumi.warn(f"not checked: {subject}; whoever runs this may not read it: {refusal.text}")
        return refusal

    def apis_off(self, needed: Iterable[str]) -> list[Problem]:
        """One problem for all APIs that are off.

        Args:
            needed: Every API that the cluster needs, those that are on included.
        """
        if not self.off:
            return []
        return [
            Problem(
                field="target.project",
                cause=f"{', '.join(sorted(self.off))} {'is' if len(self.off) == 1 else 'are'} not enabled in "
                f"{self.project}",
                consequence="its zones, versions, quotas and machines cannot be checked, and nothing could be made",
                fix=f"run `gcloud services enable {' '.join(sorted({*needed, *self.off}))} --project {self.project}`, "
                "and wait a few minutes",
            )
        ]
