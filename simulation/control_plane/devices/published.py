"""Slices of devices that are in the API, and what has to change of them.

Owns what the library of DRA drivers does with its slices, and a kubelet with those of a driver that is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..api import Answer, Api, Json
from .node_devices import Advertised
from .nodes import SeenNode
from .slices import DRIVERS, SLICES, slice_body, slice_name


class _Metadata(Answer):
    name: str


class _Slice(Answer):
    metadata: _Metadata


class _Slices(Answer):
    items: list[_Slice]


@dataclass
class Published:
    """Slices by name, each with the node that it was published for; None where that is not known any more."""

    of_node: dict[str, str | None] = field(default_factory=dict[str, str | None])

    @classmethod
    def read(cls, api: Api) -> Published:
        """What an earlier process published."""
        found = _Slices.model_validate_json(api.get(SLICES)).items
        return cls({item.metadata.name: None for item in found})

    def settle(self, api: Api, shown: Sequence[tuple[SeenNode, Advertised]]) -> None:
        """Publish what the nodes offer, and remove what they offer no more.

        Args:
            api: The API.
            shown: Nodes, and what each of them offers.
        """
        for node, shows in shown:
            for driver in DRIVERS:
                self._settle(api, node, driver, shows.slices.get(driver))

    def _settle(self, api: Api, node: SeenNode, driver: str, devices: Sequence[Json] | None) -> None:
        name = slice_name(node.name, driver)
        if devices is None:
            if name in self.of_node:
                api.delete(f"{SLICES}/{name}")
                del self.of_node[name]
        # A node that was made anew took the slices of the old one with it.
        elif self.of_node.get(name) != node.uid:
            api.apply(f"{SLICES}/{name}", slice_body(node.name, node.uid, driver, devices))
            self.of_node[name] = node.uid
