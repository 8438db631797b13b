"""After which failures the engine is run again, how often, and how long it waits before.

Only failures that pass by themselves: a command that failed goes on where it ended when it is run again.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A failure that passes.

    Attributes:
        printed: What the engine prints when it happens.
        cause: What is said about it.
        waits: Seconds before each further attempt.
    """

    printed: re.Pattern[str]
    cause: str
    waits: tuple[int, ...]


CONNECTION_LOST = Retry(
    # What this program, the provider and client-go print when the API server is unreachable, not when it refuses.
    printed=re.compile(
        r"API server does not answer|connection refused|connection reset|unreachable|i/o timeout|"
        r"TLS handshake timeout|unexpected EOF|http2: client connection lost|context deadline exceeded|\bEOF\b|"
        r"etcdserver: (request timed out|leader changed)",
        re.IGNORECASE,
    ),
    cause="the API server went away",
    waits=(2, 4),
)
ROLE_ACTS_LATE = Retry(
    # https://learn.microsoft.com/azure/role-based-access-control/troubleshooting, "up to 10 minutes";
    # terraform-provider-azurerm issue 24064. AKS asks for the roles of its identities before it makes anything.
    printed=re.compile(r"CustomKubeletIdentityMissingPermissionError|LinkedAuthorizationFailed"),
    cause="Azure says that a role is missing; one that was granted a moment ago does not act yet",
    waits=(15, 30, 60, 120, 240),
)
RETRIES = (ROLE_ACTS_LATE, CONNECTION_LOST)


class Attempts:
    """The attempts of one command."""

    def __init__(self) -> None:
        self._failures: Counter[Retry] = Counter()

    def after(self, printed: str) -> tuple[Retry, int] | None:
        """The failure and the seconds to wait before the next attempt; None when there is to be none.

        Args:
            printed: The end of what the failed attempt printed.
        """
        found = next((retry for retry in RETRIES if retry.printed.search(printed)), None)
        if found is None or self._failures[found] == len(found.waits):
            return None
        self._failures[found] += 1
        return found, found.waits[self._failures[found] - 1]
