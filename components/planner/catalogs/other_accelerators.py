"""Accelerators that are no GPUs of NVIDIA, which no catalog describes further: their names, machines and images.

They are recognised only to be refused in words: docs/decisions/nvidia-only.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .table import Row, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherAccelerator:
    """One family."""

    pattern: re.Pattern[str]
    """Names of its machines, as a whole."""
    cloud: str
    """As the instance catalog spells it."""
    what: str
    """What the machines have, for people to read."""
    source: str


def _row(row: Row) -> OtherAccelerator:
    return OtherAccelerator(
        pattern=re.compile(row["pattern"]), cloud=row["cloud"], what=row["what"], source=row["source"]
    )


@cache
def other_accelerators() -> tuple[OtherAccelerator, ...]:
    """All of them."""
    return tuple(_row(row) for row in read_table("other_accelerators"))


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherDevice:
    """One maker's devices."""

    name: re.Pattern[str]
    """What people call them, as a whole, in small letters and digits only."""
    image: re.Pattern[str]
    """What names of images of engines for them contain."""
    what: str
    """What they are, for people to read."""
    source: str


@cache
def other_devices() -> tuple[OtherDevice, ...]:
    """All of them."""
    return tuple(
        OtherDevice(
            name=re.compile(row["name"]), image=re.compile(row["image"]), what=row["what"], source=row["source"]
        )
        for row in read_table("other_devices")
    )


def device_called(name: str) -> str | None:
    """What accelerators of that name are; None where no other maker's are called so.

    Args:
        name: As people write it, such as ``MI300X`` or ``TPU v5e``.
    """
    plain = "".join(letter for letter in name.casefold() if letter.isalnum())
    return next((device.what for device in other_devices() if device.name.fullmatch(plain)), None)


def device_of_image(reference: str) -> str | None:
    """For which accelerators an image of an engine was built; None where its name does not tell.

    Args:
        reference: The image, such as ``rocm/vllm:latest``.
    """
    plain = reference.casefold()
    return next((device.what for device in other_devices() if device.image.search(plain)), None)
