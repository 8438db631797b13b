"""Machine types of one cloud, out of the instance catalog."""

from __future__ import annotations

from collections.abc import Container

from components.contracts.errors import StrataError
from components.planner.catalogs.instances import InstanceType, instance


def sold_machine(name: str, sold: Container[str]) -> InstanceType | None:
    """The machine type of that name; None where the cloud's own table lacks it.

    Args:
        name: As the cloud spells it, letter case included.
        sold: Names of the cloud's own table.
    """
    if name not in sold:
        return None
    try:
        found = instance(name)
    except StrataError:
        return None
    return found if found.name == name else None
