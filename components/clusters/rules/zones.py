"""Zones of a pool, and of the network that its nodes are attached to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ...contracts.errors import Problem
from .duplicates import duplicate_problems
from .pool_view import PoolView


def zone_problems(pools: Sequence[PoolView], zones: Collection[str], form: str | None = None) -> Iterator[Problem]:
    """Zones of pools in which the network has no subnet, and zones named twice.

    Args:
        pools: The pools.
        zones: Zones of the network.
        form: Regular expression of the region's zones; None where they have no form.
    """
    for view in pools:
        if "zones" not in view.pool.model_fields_set:
            yield view.problem(
                "zones",
                cause="is missing",
                consequence="it is not known where the nodes are to be",
                fix=f"name zones of the network, such as {', '.join(sorted(zones)[:1])}",
            )
            continue
        yield from unattached_zone_problems(view.path("zones"), view.pool.zones, zones, form)
        yield from duplicate_problems(view.path("zones"), view.pool.zones, "its nodes would be counted twice")


def unattached_zone_problems(
    field: str, chosen: Sequence[str], zones: Collection[str], form: str | None = None
) -> Iterator[Problem]:
    """Zones in which the network has no subnet.

    Args:
        field: Path of the list of zones.
        chosen: The zones in it.
        zones: Zones of the network.
        form: Regular expression of the region's zones. While the network has a wrong one, which is refused
            there, that is not blamed on pools too: the zone that a pool names may be the one that was meant.
    """
    right = [zone for zone in zones if form is None or re.fullmatch(form, zone)]
    for place, zone in enumerate(chosen):
        meant = form is not None and len(right) < len(zones) and re.fullmatch(form, zone)
        if zone not in zones and not meant:
            near = " or ".join(right)
            yield Problem(
                field=f"{field}[{place}]",
                cause=f"the network has no subnet in {zone!r}",
                consequence="there is nothing that the nodes could be attached to",
                fix=f"use {near}, or add the zone to the network" if near else "add the zone to the network",
            )


def foreign_zone_problems(
    region: str, zones: Sequence[tuple[str, str]], foreign: Sequence[tuple[str, str]], *, consequence: str, example: str
) -> Iterator[Problem]:
    """Zones that are none of the region: one problem where all of them are, as then the region is misspelt.

    Args:
        region: The region.
        zones: All zones of the network, each after the field that names it.
        foreign: Those of them that are not the region's.
        consequence: What the cloud does.
        example: A zone of the region.
    """
    if len(foreign) > 1 and len(foreign) == len(zones):
        yield Problem(
            field="target.region",
            cause=f"none of {', '.join(zone for _, zone in zones)} is a zone of {region}",
            consequence=consequence,
            fix=f"correct the region, or use zones of it, such as {example}",
        )
        return
    for field, zone in foreign:
        yield Problem(
            field=field,
            cause=f"{zone!r} is not a zone of {region}",
            consequence=consequence,
            fix=f"use another zone of the region, such as {example}, or change the region",
        )
