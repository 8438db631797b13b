"""Values by their type: what layers provide to the layers above them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

PartT = TypeVar("PartT")


class Parts:
    """An immutable collection in which each value is found by its type."""

    def __init__(self, values: Iterable[object] = ()) -> None:
        self._values = tuple(values)

    def with_part(self, value: object) -> Parts:
        """A collection with one value more."""
        return Parts((*self._values, value))

    def find(self, kind: type[PartT]) -> PartT | None:
        """The newest value of that type; None when there is none."""
        return next((value for value in reversed(self._values) if isinstance(value, kind)), None)

    def of(self, kind: type[PartT]) -> PartT:
        """The newest value of that type.

        Raises:
            LookupError: There is none; the layer that asks lacks an entry in ``needs``.
        """
        found = self.find(kind)
        if found is None:
            raise LookupError(f"no layer below provides a {kind.__name__}; is it missing in the layer's needs?")
        return found
