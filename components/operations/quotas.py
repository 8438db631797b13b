"""What a ResourceQuota limits and by how much, checked as the API server checks it.

The names and the whole numbers among them are those of Kubernetes 1.34, ``pkg/apis/core/helper/helpers.go`` and
``ValidateResourceQuota`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator

from ..contracts.errors import Problem, nearest
from ..contracts.names import is_label_key
from ..contracts.validation import CONSEQUENCE

_COUNTED = (
    *("pods", "services", "services.loadbalancers", "services.nodeports", "configmaps", "secrets"),
    *("persistentvolumeclaims", "replicationcontrollers", "resourcequotas"),
)
"""Objects, of which a namespace has a whole number."""
_MEASURED = (
    *("requests.cpu", "limits.cpu", "cpu", "requests.memory", "limits.memory", "memory"),
    *("requests.ephemeral-storage", "limits.ephemeral-storage", "ephemeral-storage", "requests.storage"),
)
_HUGE_PAGES = re.compile(r"(requests\.)?hugepages-.+")
_WITH_DOMAIN = re.compile(r"requests\..+/.+|count/.+|.+\.(storageclass\.storage|deviceclass\.resource)\.k8s\.io/.+")
_QUANTITY = re.compile(r"(\d+\.?\d*|\.\d+)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,2}))?")
_UNITS = {
    **{unit: Decimal(1000) ** power for power, unit in zip((-3, -2, -1, 1, 2, 3, 4, 5, 6), "numkMGTPE", strict=True)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}


def _key(value: str) -> str:
    if "/" not in value:
        if value in {*_COUNTED, *_MEASURED} or _HUGE_PAGES.fullmatch(value):
            return value
        near = "requests.nvidia.com/gpu" if "gpu" in value else nearest(value, [*_COUNTED, *_MEASURED])
        known = f"did you mean {near!r}? a quota limits" if near else "use one of"
        raise ValueError(
            f"{value[:60]!r} is not a resource that a quota can limit; {known} {', '.join([*_COUNTED, *_MEASURED])}, "
            "and devices such as requests.nvidia.com/gpu"
        )
    if not is_label_key(value):
        raise ValueError(f"{value[:60]!r} is not the name of a resource; write it like requests.nvidia.com/gpu")
    if not _WITH_DOMAIN.fullmatch(value):
        device = value.removeprefix("limits.")
        raise ValueError(
            f"{value[:60]!r} limits nothing: a quota counts the requests of devices; write requests.{device[:60]}"
        )
    return value


def _amount(value: str) -> str:
    if not _QUANTITY.fullmatch(value):
        raise ValueError(f"{value[:60]!r} is not an amount; write it like 8, 500m or 64Gi")
    return value


QuotaKey = Annotated[str, AfterValidator(_key)]
"""What a quota limits, such as ``pods`` or ``requests.nvidia.com/gpu``."""
QuotaAmount = Annotated[str, AfterValidator(_amount)]
"""A quantity of Kubernetes that is not negative, such as ``8``, ``500m`` or ``64Gi``."""


def quota_problems(quota: Mapping[QuotaKey, QuotaAmount], path: str) -> Iterator[Problem]:
    """Amounts of objects that are not whole.

    Args:
        quota: Limits by key.
        path: Path of that setting, such as ``quota``.
    """
    for key, amount in quota.items():
        if key in _COUNTED and _number(amount) % 1:
            yield Problem(
                field=f"{path}.{key}",
                cause=f"{amount} is not a whole number of objects",
                consequence=CONSEQUENCE,
                fix="write a whole number, such as 8",
            )


def _number(amount: str) -> Decimal:
    found = _QUANTITY.fullmatch(amount)
    if found is None:
        return Decimal(0)
    digits, unit, exponent = found.groups()
    return Decimal(digits) * (_UNITS[unit] if unit else Decimal(10) ** int(exponent or 0))
