"""Regions and the zones in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Regions:
    """The regions of a cloud, as far as an account knows them.

    Attributes:
        zones: The last character of each of a region's zones, by region.
        form: How a zone is called, of ``{region}`` and ``{zone}``.
    """

    zones: Mapping[str, str]
    form: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every region."""
        return tuple(self.zones)

    def zones_of(self, region: str) -> tuple[str, ...]:
        """Names of a region's zones; none where there is no such region, or it has none."""
        return tuple(self.form.format(region=region, zone=zone) for zone in self.zones.get(region, ""))
