"""Arguments of contracts under the names that they had, which programs may use for one release."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class OldArgument:
    """An argument that has another name now.

    Attributes:
        old: Its name until now.
        new: Its name.
        convert: Its value now.
    """

    old: str
    new: str
    convert: Callable[[float], object]


def renamed(kind: str, arguments: Sequence[OldArgument], values: Mapping[str, object]) -> dict[str, object]:
    """The values by present names; one that is there under both names keeps the old one, which is refused.

    Args:
        kind: Name of the contract, for the warning.
        arguments: What had other names.
        values: Values by name.
    """
    found = dict(values)
    for argument in arguments:
        value = values.get(argument.old)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and argument.new not in values:
            del found[argument.old]
            found[argument.new] = argument.convert(value)
            note = f"{kind}({argument.old}={value}) is written {argument.new}={str(found[argument.new])!r} now"
            warnings.warn(f"{note}; the old name is taken until the next release", FutureWarning, stacklevel=3)
    return found
