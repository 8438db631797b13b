"""What a ResourceQuota limits and by how much, checked as the API server checks it.

The names and the whole numbers among them are those of Kubernetes 1.34, ``pkg/apis/core/helper/helpers.go`` and
``ValidateResourceQuota`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from ..contracts.errors import Problem, nearest
from ..contracts.names import is_label_key
from ..contracts.shown_text import excerpt
from ..contracts.validation import CONSEQUENCE, quoted

LOAD_BALANCERS, NODE_PORTS = "services.loadbalancers", "services.nodeports"
"""Keys that limit the ways into a namespace from outside of the cluster."""
_COUNTED = (
    *("pods", "services", LOAD_BALANCERS, NODE_PORTS, "configmaps", "secrets"),
    *("persistentvolumeclaims", "replicationcontrollers", "resourcequotas"),
)
"""Objects, of which a namespace has a whole number."""
_MEASURED = (
    *("requests.cpu", "limits.cpu", "cpu", "requests.memory", "limits.memory", "memory"),
    *("requests.ephemeral-storage", "limits.ephemeral-storage", "ephemeral-storage", "requests.storage"),
)
_BYTES = re.compile(r"(.+[./])?(memory|ephemeral-storage|storage|hugepages-.+)")
# Every container takes more, and a volume too: a smaller limit was meant in another unit.
_FEWEST_BYTES = 10**6
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
        near = _near(value)
        known = f"did you mean {near!r}? a quota limits" if near else "use one of"
        raise ValueError(
            f"{excerpt(value)!r} is not a resource that a quota can limit; {known} "
            f"{', '.join([*_COUNTED, *_MEASURED])}, and devices such as requests.nvidia.com/gpu"
        )
    if not is_label_key(value):
        raise ValueError(f"{excerpt(value)!r} is not the name of a resource; write it like requests.nvidia.com/gpu")
    if not _WITH_DOMAIN.fullmatch(value):
        device = value.removeprefix("limits.")
        raise ValueError(
            f"{excerpt(value)!r} limits nothing: a quota counts the requests of devices; "
            f"write requests.{excerpt(device)}"
        )
    return value


def _near(value: str) -> str | None:
    pages = value.removeprefix("limits.")
    if _HUGE_PAGES.fullmatch(pages):
        return f"requests.{pages}"
    return "requests.nvidia.com/gpu" if "gpu" in value else nearest(value, [*_COUNTED, *_MEASURED])


def _written(value: object) -> object:
    """Numbers as text: YAML reads 8 without quotes as a number, and Kubernetes takes both."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"expected an amount, got {quoted(value)}; write it like 8, 500m or 64Gi")
    return value if isinstance(value, str) else format(Decimal(repr(value)), "f").removesuffix(".0")


def _amount(value: str) -> str:
    if not _QUANTITY.fullmatch(value):
        raise ValueError(f"{excerpt(value)!r} is not an amount; write it like 8, 500m or 64Gi")
    return value


QuotaKey = Annotated[str, AfterValidator(_key)]
"""What a quota limits, such as ``pods`` or ``requests.nvidia.com/gpu``."""
QuotaAmount = Annotated[
    str,
    BeforeValidator(_written),
    AfterValidator(_amount),
    WithJsonSchema({"type": ["string", "number"], "pattern": f"^({_QUANTITY.pattern})$", "minimum": 0}),
]
"""A quantity of Kubernetes that is not negative, such as ``8``, ``500m`` or ``64Gi``."""


def quota_problems(quota: Mapping[QuotaKey, QuotaAmount], path: str) -> Iterator[Problem]:
    """Amounts that cannot be meant: parts of objects and of devices, and a few bytes.

    Args:
        quota: Limits by key.
        path: Path of that setting, such as ``quota``.
    """
    for key, amount in quota.items():
        number = _number(amount)
        what = _whole(key)
        if what and number % 1:
            yield Problem(
                field=f"{path}.{key}",
                cause=f"{amount} is not a whole number of {what}",
                consequence=CONSEQUENCE,
                fix="write a whole number, such as 8",
            )
        elif _BYTES.fullmatch(key) and 0 < number < _FEWEST_BYTES:
            yield Problem(
                field=f"{path}.{key}",
                cause=f"{amount} is less than a megabyte: an amount without a unit is in bytes",
                consequence="the quota would refuse everything that asks for some of it",
                fix="write it with a unit, such as 64Gi",
            )


def load_balancer_problems(quota: Mapping[QuotaKey, QuotaAmount], path: str) -> Iterator[Problem]:
    """Load balancers without a word about node ports, of which there are 0 unless the quota names them.

    A load balancer takes a node port for each of its ports, unless its Service says
    ``allocateLoadBalancerNodePorts: false`` (Kubernetes, ``pkg/quota/v1/evaluator/core/services.go``).

    Args:
        quota: Limits by key.
        path: Path of that setting, such as ``quota``.
    """
    balancers = quota.get(LOAD_BALANCERS)
    if balancers is not None and _number(balancers) and NODE_PORTS not in quota:
        yield Problem(
            field=f"{path}.{LOAD_BALANCERS}",
            cause=f"a load balancer takes a node port for each of its ports, and {NODE_PORTS} is 0 unless it is given",
            consequence="the API server would refuse every load balancer",
            fix=f"add {NODE_PORTS}: {balancers} or more, or 0 for Services with allocateLoadBalancerNodePorts: false",
        )


def _whole(key: str) -> str | None:
    """What there is a whole number of; None where parts are possible."""
    if key in _COUNTED or key.startswith("count/"):
        return "objects"
    return "devices" if key.startswith("requests.") and "/" in key else None


def _number(amount: str) -> Decimal:
    found = _QUANTITY.fullmatch(amount)
    if found is None:
        return Decimal(0)
    digits, unit, exponent = found.groups()
    return Decimal(digits) * (_UNITS[unit] if unit else Decimal(10) ** int(exponent or 0))
