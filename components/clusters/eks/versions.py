"""Kubernetes versions of EKS and until when they are supported.

From the EKS user guide, "Kubernetes version lifecycle" (kubernetes-versions), read 2026-11-20. Dates are
those of UTC, and the day itself belongs to what comes after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Until when a minor version is supported; None where no date was published when the table was read.

    Attributes:
        standard_until: End of standard support; from here on it costs more or is upgraded by EKS.
        extended_until: End of extended support; from here on no cluster runs it.
    """

    standard_until: date | None = None
    extended_until: date | None = None


EKS_VERSIONS: dict[str, Lifecycle] = {
    "1.31": Lifecycle(standard_until=date(2025, 11, 26), extended_until=date(2026, 11, 26)),
    "1.32": Lifecycle(standard_until=date(2026, 3, 23), extended_until=date(2027, 3, 23)),
    "1.33": Lifecycle(standard_until=date(2026, 7, 29), extended_until=date(2027, 7, 29)),
    "1.34": Lifecycle(standard_until=date(2026, 12, 2), extended_until=date(2027, 12, 2)),
    "1.35": Lifecycle(standard_until=date(2027, 3, 27), extended_until=date(2028, 3, 27)),
    "1.36": Lifecycle(),
}
"""Every minor version that EKS offers."""


def in_standard_support(version: str, today: date) -> bool:
    """Whether a version of the table is in standard support; one without a date is."""
    until = EKS_VERSIONS[version].standard_until
    return until is None or today < until


def is_offered(version: str, today: date) -> bool:
    """Whether a cluster can run that version at all."""
    lifecycle = EKS_VERSIONS.get(version)
    return lifecycle is not None and (lifecycle.extended_until is None or today < lifecycle.extended_until)
