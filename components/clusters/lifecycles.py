"""Until when a cloud supports a minor version of Kubernetes.

Owns the shape of a cloud's table and what follows from it. The dates are each cloud's own; what a region
offers today is asked by its ``account``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Until when a minor version is supported; None where no date was published when the table was read.

    Attributes:
        standard_until: First day after standard support.
        paid_until: First day after the support that is paid for: extended support on EKS, long-term support on AKS.
    """

    standard_until: date | None = None
    paid_until: date | None = None

    def in_standard_support(self, today: date) -> bool:
        """Whether it is in standard support; a version without a date is."""
        return self.standard_until is None or today < self.standard_until

    def is_offered(self, today: date) -> bool:
        """Whether a cluster can run it at all."""
        return self.paid_until is None or today < self.paid_until


def offered_versions(lifecycles: Mapping[str, Lifecycle], today: date) -> tuple[str, ...]:
    """Minor versions that a cluster can run, oldest first.

    Args:
        lifecycles: The cloud's table by minor version such as ``1.34``, oldest first.
        today: Day by which it is judged.
    """
    return tuple(version for version, lifecycle in lifecycles.items() if lifecycle.is_offered(today))
