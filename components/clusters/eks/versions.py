"""Kubernetes versions of EKS and until when they are supported.

From the EKS user guide, "Kubernetes version lifecycle" (kubernetes-versions). Dates are those of UTC, and the day
itself belongs to what comes after. What EKS offers today is asked by ``account_versions``.
"""

from __future__ import annotations

from datetime import date

from ..lifecycles import Lifecycle

READ_ON = date(2026, 11, 20)
"""Day on which the table was read."""
EKS_VERSIONS: dict[str, Lifecycle] = {
    "1.31": Lifecycle(standard_until=date(2025, 11, 26), paid_until=date(2026, 11, 26)),
    "1.32": Lifecycle(standard_until=date(2026, 3, 23), paid_until=date(2027, 3, 23)),
    "1.33": Lifecycle(standard_until=date(2026, 7, 29), paid_until=date(2027, 7, 29)),
    "1.34": Lifecycle(standard_until=date(2026, 12, 2), paid_until=date(2027, 12, 2)),
    "1.35": Lifecycle(standard_until=date(2027, 3, 27), paid_until=date(2028, 3, 27)),
    "1.36": Lifecycle(),
}
"""Minor versions that EKS offered on that day; standard support ends with extended support or an upgrade by EKS."""
