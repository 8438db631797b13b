"""Kubernetes versions of AKS and until when they are supported.

From the AKS documentation, "Supported Kubernetes versions" (supported-kubernetes-versions), which names
months; a date here is the first day after the month. What a region offers today is asked by ``account``.
"""

from __future__ import annotations

from datetime import date

from ..lifecycles import Lifecycle

READ_ON = date(2026, 11, 20)
"""Day on which the table was read."""
AKS_VERSIONS: dict[str, Lifecycle] = {
    "1.31": Lifecycle(standard_until=date(2025, 12, 1), paid_until=date(2026, 12, 1)),
    "1.32": Lifecycle(standard_until=date(2026, 4, 1), paid_until=date(2027, 4, 1)),
    "1.33": Lifecycle(standard_until=date(2026, 7, 1), paid_until=date(2027, 7, 1)),
    "1.34": Lifecycle(standard_until=date(2026, 12, 1), paid_until=date(2027, 12, 1)),
    "1.35": Lifecycle(standard_until=date(2027, 4, 1), paid_until=date(2028, 4, 1)),
    "1.36": Lifecycle(),
}
"""Minor versions that AKS offered on that day; from the end of standard support on AKS upgrades clusters by itself."""
