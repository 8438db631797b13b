"""Machine types of one cloud, out of the instance catalog."""

from __future__ import annotations

from collections.abc import Container

from components.planner.catalogs.instances import InstanceType, known_instance


def sold_machine(name: str, sold: Container[str]) -> InstanceType | None:
    """The machine type of that name; None where the cloud's own table lacks it.

    Args:
        name: As the cloud spells it, letter case included.
        sold: Names of the cloud's own table.
    """
    return known_instance(name) if name in sold else None
