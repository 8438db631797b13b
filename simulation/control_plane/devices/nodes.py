"""Nodes as the process of the devices sees them, and what it has to change of them.

A resource whose plugin is gone keeps its capacity and has nothing allocatable. Source: Kubernetes v1.34,
pkg/kubelet/cm/devicemanager/manager.go, markResourceUnhealthy and GetCapacity. A kubelet forgets the capacity as well
after endpointStopGracePeriod, five minutes; here it stays, as nothing is placed by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import Field, ValidationError

from ..api import Answer, Json
from .inventory import INVENTORY_ANNOTATION, Inventory
from .node_devices import Advertised

KUBELET = "strata-kubelet"
"""Owner of the fields that this process sets, beside those of the node's owner."""


class _OwnedMap(Answer):
    allocatable: dict[str, dict[str, str]] = Field(default={}, alias="f:allocatable")
    labels: dict[str, dict[str, str]] = Field(default={}, alias="f:labels")


class _Fields(Answer):
    status: _OwnedMap = Field(default=_OwnedMap(), alias="f:status")
    metadata: _OwnedMap = Field(default=_OwnedMap(), alias="f:metadata")


class _Managed(Answer):
    manager: str = ""
    fields: _Fields = Field(default=_Fields(), alias="fieldsV1")


class _Metadata(Answer):
    name: str
    uid: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    managed: list[_Managed] = Field(default=[], alias="managedFields")


class _Status(Answer):
    capacity: dict[str, str] = {}
    allocatable: dict[str, str] = {}


class SeenNode(Answer):
    """A node."""

    metadata: _Metadata
    status: _Status = _Status()

    @property
    def name(self) -> str:
        """Its name."""
        return self.metadata.name

    @property
    def uid(self) -> str:
        """Identifies it."""
        return self.metadata.uid

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.metadata.labels

    def inventory(self) -> Inventory | None:
        """Its hardware; None where all of it is advertised by its image."""
        try:
            return Inventory.model_validate_json(self.metadata.annotations.get(INVENTORY_ANNOTATION, ""))
        except ValidationError:
            return None

    def owned_resources(self) -> frozenset[str]:
        """Resources that this process once advertised."""
        return _plain(name for entry in self._own() for name in entry.status.allocatable)

    def owned_labels(self) -> frozenset[str]:
        """Labels that this process once set."""
        return _plain(name for entry in self._own() for name in entry.metadata.labels)

    def _own(self) -> list[_Fields]:
        return [entry.fields for entry in self.metadata.managed if entry.manager == KUBELET]


def _plain(names: Iterable[str]) -> frozenset[str]:
    """Names without the mark of fields."""
    return frozenset(name.removeprefix("f:") for name in names if name.startswith("f:"))


@dataclass(frozen=True, kw_only=True)
class NodeChange:
    """Merge patches of a node; None where there is nothing to change."""

    name: str
    status: Json
    labels: Json


def change_of(node: SeenNode, shows: Advertised) -> NodeChange:
    """What makes the node show that.

    A label that somebody else set stays as it is: the owner of a node may correct what discovery finds.
    """
    amounts = {name: str(count) for name, count in shows.resources.items()}
    allocatable = {**dict.fromkeys(sorted(node.owned_resources()), "0"), **amounts}
    wrong = allocatable.items() - node.status.allocatable.items() or amounts.items() - node.status.capacity.items()
    status: Json = {"status": {"capacity": amounts, "allocatable": allocatable}} if wrong else None
    ours = node.owned_labels()
    labels = {
        key: value
        for key, value in shows.labels.items()
        if node.labels.get(key) != value and (key in ours or key not in node.labels)
    }
    return NodeChange(name=node.name, status=status, labels={"metadata": {"labels": labels}} if labels else None)
