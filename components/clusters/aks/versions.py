"""Kubernetes versions of AKS and until when they are supported.

From the AKS documentation, "Supported Kubernetes versions" (supported-kubernetes-versions), which names
months; a date here is the first day after the month. What a region offers today is asked by ``account``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Until when a minor version is supported; None where no month was published when the table was read.

    Attributes:
        standard_until: End of standard support; from here on AKS upgrades the cluster by itself.
        long_term_until: End of long-term support, in the Premium tier.
    """

    standard_until: date | None = None
    long_term_until: date | None = None


AKS_VERSIONS: dict[str, Lifecycle] = {
    "1.31": Lifecycle(standard_until=date(2025, 12, 1), long_term_until=date(2026, 12, 1)),
    "1.32": Lifecycle(standard_until=date(2026, 4, 1), long_term_until=date(2027, 4, 1)),
    "1.33": Lifecycle(standard_until=date(2026, 7, 1), long_term_until=date(2027, 7, 1)),
    "1.34": Lifecycle(standard_until=date(2026, 12, 1), long_term_until=date(2027, 12, 1)),
    "1.35": Lifecycle(standard_until=date(2027, 4, 1), long_term_until=date(2028, 4, 1)),
    "1.36": Lifecycle(),
}
"""Every minor version that AKS offers."""


def in_standard_support(version: str, today: date) -> bool:
    """Whether a version of the table is in standard support; one without a date is."""
    until = AKS_VERSIONS[version].standard_until
    return until is None or today < until


def is_offered(version: str, today: date) -> bool:
    """Whether a cluster can run that version at all."""
    lifecycle = AKS_VERSIONS.get(version)
    return lifecycle is not None and (lifecycle.long_term_until is None or today < lifecycle.long_term_until)
