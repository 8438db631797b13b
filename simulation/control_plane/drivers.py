"""Which CSI drivers a control plane has, and what each can do.

Owns the file that remembers them. What a driver does is in ``provisioning`` and ``provisioner``.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from components.contracts.model import Contract

from .layout import Layout
from .record import write_whole

AccessMode: TypeAlias = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
"""How pods may use a volume, as Kubernetes spells it."""
ANY_ACCESS: tuple[AccessMode, ...] = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")


class Driver(Contract):
    """An installed CSI driver."""

    name: str
    """What storage classes call their provisioner, such as ``ebs.csi.aws.com``."""
    access: tuple[AccessMode, ...] = ANY_ACCESS
    """What its volumes can do."""


_READER: TypeAdapter[tuple[Driver, ...]] = TypeAdapter(tuple[Driver, ...])


def read_drivers(layout: Layout) -> dict[str, Driver]:
    """The drivers by name; none where none was ever installed."""
    try:
        drivers = _READER.validate_json(layout.drivers.read_bytes())
    except (OSError, ValidationError):
        return {}
    return {driver.name: driver for driver in drivers}


def remember_driver(layout: Layout, driver: Driver) -> None:
    """Add a driver or replace the one of its name; the caller holds the lock."""
    _write(layout, read_drivers(layout) | {driver.name: driver})


def forget_driver(layout: Layout, name: str) -> None:
    """Take a driver away; the caller holds the lock."""
    drivers = read_drivers(layout)
    if drivers.pop(name, None):
        _write(layout, drivers)


def _write(layout: Layout, drivers: dict[str, Driver]) -> None:
    write_whole(layout.drivers, _READER.dump_json(tuple(drivers.values())).decode())
