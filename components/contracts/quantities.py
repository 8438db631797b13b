"""Human units as types: ``80Gi``, ``500ms``, ``250m``.

Each type is a number that can be parsed from what people write and is formatted as Kubernetes
reads it. Units follow Kubernetes' resource.Quantity: ``Ki`` to ``Pi`` are powers
of 1024, ``k`` to ``P`` powers of 1000.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from .errors import StrataError
from .validation import CONSEQUENCE, quoted

_BYTE_UNITS = {
    "": 1,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBER = r"(\d+(?:\.\d+)?)"
# Longer texts are never a quantity, and a cap keeps hostile input cheap.
_MAX_TEXT = 32
_MAX_BYTES = 2**63 - 1
_MAX_SECONDS = 366 * 86400.0


_Quantity = TypeVar("_Quantity", bound=float)


def matched(pattern: str, text: str, kind: str, example: str) -> re.Match[str]:
    """The match of a whole text; ValueError with an example when there is none.

    Args:
        pattern: Regular expression.
        text: What somebody wrote.
        kind: What it should be, such as ``size``.
        example: How it is written.
    """
    found = re.fullmatch(pattern, text, re.ASCII) if len(text) <= _MAX_TEXT else None
    if found is None:
        shown = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
        raise ValueError(f"{shown!r} is not a {kind}; write it like {example}")
    return found


def amount(kind: str, value: object, parse: Callable[[str], float], example: str) -> float:
    """What a program passes to the constructor of a quantity, as a number.

    Raises:
        StrataError: It is no amount.
    """
    try:
        if isinstance(value, str):
            return parse(value)
        if not isinstance(value, int | float):
            raise ValueError(f"expected a number or text, got {quoted(value)}; write it like {example}")  # noqa: TRY301 - told as a wrong text is
        if not 0 <= value < math.inf:
            raise ValueError(f"{value} is not zero or more; write it like {example}")  # noqa: TRY301 - likewise
    except ValueError as error:
        cause, _, fix = str(error).partition("; ")
        raise StrataError.of(kind, cause=cause, consequence=CONSEQUENCE, fix=fix) from None
    return value


def _in_our_units(text: str) -> str | None:
    """``2Ti`` for ``2 TiB``, both that ``500GB`` can be; None where no size was meant."""
    found = re.fullmatch(rf"{_NUMBER}\s*([kmgtp])(i?)b?", text, re.IGNORECASE) if len(text) <= _MAX_TEXT else None
    if found is None:
        return None
    unit = found[2].upper()
    decimal = "" if found[3] else f", or {found[1]}{unit.replace('K', 'k')} for powers of 1000"
    return f"{found[1]}{unit}i{decimal}"


class ByteSize(int):
    """An amount of bytes, zero or more: ``80Gi``, ``1.5Ti``, ``100G`` or a plain number of bytes."""

    def __new__(cls, value: float | str = 0) -> Self:
        """From bytes or text.

        Raises:
            StrataError: It is negative, or a text that is no size.
        """
        return super().__new__(cls, amount(cls.__name__, value, cls.parse, "80Gi"))

    @classmethod
    def parse(cls, value: str | int) -> Self:
        """Read ``80Gi``; raises ValueError with an example when the text is not an amount of bytes."""
        units = "|".join(unit for unit in _BYTE_UNITS if unit)
        example = _in_our_units(str(value)) or "80Gi, 1.5Ti or 500M"
        found = matched(rf"{_NUMBER}({units})?", str(value), "size", example)
        # Exact where a float is not: from 2^53 bytes on neighbours would become one.
        bytes_written = Decimal(found[1]) * _BYTE_UNITS[found[2] or ""]
        size = int(bytes_written)
        if not found[2] and size != bytes_written:
            raise ValueError(f"{value} has no unit; write {found[1]}Gi, or another unit")
        if size > _MAX_BYTES:
            raise ValueError(f"{value} is larger than any disk; write it like 80Gi")
        return cls(size)

    @classmethod
    def gib(cls, value: float) -> Self:
        """From gibibytes."""
        return cls(round(value * 2**30))

    @property
    def whole_gib(self) -> int:
        """In whole GiB, rounded up, as clouds sell disks."""
        return -(-int(self) // 2**30)

    @property
    def in_gib(self) -> float:
        """In gibibytes."""
        return self / 2**30

    def __str__(self) -> str:
        for unit in ("Pi", "Ti", "Gi", "Mi", "Ki"):
            if self and self % _BYTE_UNITS[unit] == 0:
                return f"{self // _BYTE_UNITS[unit]}{unit}"
        return str(int(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        return quantity_schema(cls.parse, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        pattern = rf"^{_NUMBER}({'|'.join(_BYTE_UNITS)})?$"
        return {"type": ["string", "integer"], "pattern": pattern, "examples": ["80Gi", "1.5Ti"]}


def size_between(least: str, most: str, step: str = "1Gi") -> WrapValidator:
    """Annotation of a size that is sold between two amounts, in whole steps.

    Args:
        least: Such as ``100Gi``.
        most: Such as ``64Ti``.
        step: Unit that it is counted in.
    """
    low, high, unit = (ByteSize.parse(text) for text in (least, most, step))

    def checked(written: object, read: ValidatorFunctionWrapHandler) -> ByteSize:
        value: ByteSize = read(written)
        if not low <= value <= high:
            # A number without a unit is one of bytes; nobody means so few of them.
            gib = ByteSize.gib(value) if isinstance(written, int | str) and str(written).isdecimal() else ByteSize()
            nearest_size = f"{least} or more" if value < low else f"{most} or less"
            fix = f"write {gib}, with the unit" if low <= gib <= high else f"write {nearest_size}"
            raise ValueError(f"{written} is not between {least} and {most}; {fix}")
        if value % unit:
            raise ValueError(f"{written} is not a multiple of {step}; write {ByteSize(-(-value // unit) * unit)}")
        return value

    return WrapValidator(checked)


def whole_seconds_between(least: str, most: str) -> AfterValidator:
    """Annotation of a time that Kubernetes takes in whole seconds, between two times.

    Args:
        least: Such as ``1s``.
        most: Such as ``1h``.
    """
    low, high = Duration.parse(least), Duration.parse(most)

    def checked(value: Duration) -> Duration:
        if not low <= value <= high:
            raise ValueError(f"{value} is not between {least} and {most}; write {least} to {most}")
        if value != value.whole_seconds:
            raise ValueError(f"{value} is not in whole seconds; write {value.whole_seconds}s")
        return value

    return AfterValidator(checked)


def _size_text(value: str) -> str:
    ByteSize.parse(value)
    return value


SizeText = Annotated[str, AfterValidator(_size_text)]
"""An amount of bytes that stays as it is written, such as ``16Gi``."""


class Duration(float):
    """A length of time in seconds, zero or more: ``500ms``, ``90s``, ``15m``, ``1h``."""

    def __new__(cls, value: float | str = 0) -> Self:
        """From seconds or text.

        Raises:
            StrataError: It is negative, or a text that is no duration.
        """
        return super().__new__(cls, amount(cls.__name__, value, cls.parse, "15m"))

    @classmethod
    def parse(cls, value: str | int) -> Self:
        """Read ``500ms``; a bare number is refused because its unit would be a guess."""
        found = matched(rf"{_NUMBER}(ms|s|m|h|d)", str(value), "duration", "500ms, 90s, 15m or 1h")
        seconds = float(found[1]) * _SECONDS[found[2]]
        if seconds > _MAX_SECONDS:
            raise ValueError(f"{value} is longer than a year; write it like 15m")
        return cls(seconds)

    @property
    def whole_seconds(self) -> int:
        """Rounded up, as Kubernetes takes only whole seconds."""
        return math.ceil(self)

    def __str__(self) -> str:
        if self and self < 1:
            return f"{self * 1000:.12g}ms"
        for unit in ("h", "m"):
            if self and self % _SECONDS[unit] == 0:
                return f"{self / _SECONDS[unit]:g}{unit}"
        return f"{float(self):.12g}s"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        return quantity_schema(cls.parse, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": rf"^{_NUMBER}(ms|s|m|h|d)$", "examples": ["500ms", "15m"]}


class CpuAmount(int):
    """An amount of CPU in thousandths of a core: ``250m``, ``8``, ``1.5``."""

    def __new__(cls, value: float | str = 0) -> Self:
        """From thousandths of a core, or from text such as ``250m``, or ``8`` for eight cores.

        Raises:
            StrataError: It is negative, or a text that is no amount.
        """
        return super().__new__(cls, amount(cls.__name__, value, cls.parse, "250m"))

    @classmethod
    def parse(cls, value: str | int) -> Self:
        """Read ``250m`` or ``8``."""
        found = matched(rf"{_NUMBER}(m)?", str(value), "CPU amount", "250m, 8 or 1.5")
        return cls(int(float(found[1])) if found[2] else round(float(found[1]) * 1000))

    @classmethod
    def cores(cls, value: float) -> Self:
        """From whole cores."""
        return cls(round(value * 1000))

    def __str__(self) -> str:
        return str(self // 1000) if self % 1000 == 0 else f"{int(self)}m"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        return quantity_schema(cls.parse, cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        pattern = f"^{_NUMBER}m?$"
        return {"type": ["string", "integer", "number"], "pattern": pattern, "examples": ["250m", "8"]}


def quantity_schema(
    parse: Callable[[str | int], _Quantity], kind: type[_Quantity], example: str = "80Gi, 15m or 250m"
) -> CoreSchema:
    """Schema of a quantity that is written as text.

    Args:
        parse: Reads the text; raises ValueError.
        kind: Type of the quantity.
        example: How it is written.
    """

    def read(value: object) -> _Quantity:
        if isinstance(value, kind):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"expected a text, got {type(value).__name__} {value!r:.40}; write it like {example}")
        return parse(value if isinstance(value, str | int) else repr(value))

    return core_schema.no_info_plain_validator_function(
        read, serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json")
    )
