"""Amounts in a second as types: ``5GB/s``, ``10Gbps``, and what file systems are sold by, ``250MB/s/TiB``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from .quantities import amount, matched, quantity_schema

_NUMBER = r"(\d+(?:\.\d+)?)"
_BYTES_PER_SECOND = {
    "kB/s": 1e3,
    "MB/s": 1e6,
    "GB/s": 1e9,
    "TB/s": 1e12,
    "KiB/s": 2.0**10,
    "MiB/s": 2.0**20,
    "GiB/s": 2.0**30,
    "TiB/s": 2.0**40,
    "Mbps": 1e6 / 8,
    "Gbps": 1e9 / 8,
    "Tbps": 1e12 / 8,
}
_UNITS = "|".join(_BYTES_PER_SECOND)
_MOST = 1e15


class DataRate(float):
    """Bytes per second, more than zero: ``300MB/s``, ``5GB/s``, ``1.5GiB/s``, or in bits ``40Gbps``."""

    def __new__(cls, value: float | str) -> Self:
        """From bytes per second or text.

        Raises:
            StrataError: It is negative, or a text that is no rate.
        """
        return super().__new__(cls, amount(cls.__name__, value, cls.parse, "300MB/s"))

    @classmethod
    def parse(cls, value: str | int) -> Self:
        """Read ``300MB/s``; a bare number is refused because its unit would be a guess."""
        found = matched(rf"{_NUMBER}({_UNITS})", str(value), "rate", "300MB/s, 5GB/s or 40Gbps")
        rate = float(found[1]) * _BYTES_PER_SECOND[found[2]]
        if not 1 <= rate <= _MOST:
            raise ValueError(f"{value} is not between 1 byte and 1 petabyte in a second; write it like 300MB/s")
        return cls(rate)

    def __str__(self) -> str:
        unit = "GB/s" if self >= _BYTES_PER_SECOND["GB/s"] else "MB/s"
        return f"{self / _BYTES_PER_SECOND[unit]:.12g}{unit}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        return quantity_schema(cls.parse, cls, "300MB/s")

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": rf"^{_NUMBER}({_UNITS})$", "examples": ["300MB/s", "5GB/s"]}


@dataclass(frozen=True)
class MegabytesPerTib:
    """Annotation of a whole number of MB/s for each TiB, as file systems are sold: written ``250MB/s/TiB``.

    Programs may pass the number alone, as the clouds' own interfaces take it.

    Attributes:
        choices: What is sold.
    """

    choices: tuple[int, ...]

    def __get_pydantic_core_schema__(self, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(written_per_tib, when_used="json"),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": [written_per_tib(choice) for choice in self.choices]}

    def _read(self, value: object) -> int:
        texts = {written_per_tib(choice): choice for choice in self.choices}
        number = texts.get(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int) or number not in self.choices:
            raise ValueError(f"{value!r:.40} is not sold; write one of {', '.join(texts)}")
        return number


def written_per_tib(megabytes: int) -> str:
    """A number of MB/s for each TiB as it is written in a stack's file."""
    return f"{megabytes}MB/s/TiB"
