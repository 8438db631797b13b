"""What stands behind the records of a managed cluster: a control plane, its machines and its storage drivers.

Owns when they come and go. Which records there are, and what machines and drivers they ask for, each cloud says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from ..control_plane.api import Json
from ..control_plane.machines import Machine
from ..control_plane.rolling import DrainBlockedError, Replacement
from .errors import CloudError
from .managed_cluster import Endpoint, ManagedCluster
from .store import Account, Record, Store
from .tables import Effects
from .values import Object


class Plane(Protocol):
    """What the records need of a control plane."""

    def create(self) -> Endpoint:
        """Make it, or find it as it is."""
        ...

    def define(self, folder: Path) -> None:
        """Make it know the kinds of objects that are defined there."""
        ...

    def apply(self, path: str, body: Json) -> None:
        """Make an object there that is the cloud's own."""
        ...

    def set_machines(self, group: str, machines: Sequence[Machine], replacement: Replacement | None = None) -> None:
        """Make the group's nodes equal to these; machines that others replace go as ``replacement`` says."""
        ...

    def install_driver(self, provisioner: str) -> None:
        """From now on volumes of this provisioner are made."""
        ...

    def remove_driver(self, provisioner: str) -> None:
        """From now on they are not."""
        ...

    def delete(self) -> None:
        """Take it away with all that it holds."""
        ...


Planes: TypeAlias = Callable[[Store, str, str], Plane]
"""The control plane of a cluster, by the account's file, its location and its name."""


def embedded_planes(cloud: str) -> Planes:
    """Embedded control planes, which lie beside the account's file."""

    def plane_of(store: Store, location: str, name: str) -> Plane:
        return ManagedCluster(name, store.path.parent, cloud=cloud, location=location, account=store.path)

    return plane_of


@dataclass(frozen=True)
class Place:
    """The cluster that something belongs to."""

    location: str
    cluster: str


def unchanged(_plane: Plane, _record: Record) -> None:
    """For clusters with nothing of their own besides the control plane."""


class ClusterEffects(Effects):
    """A control plane for each cluster.

    Args:
        planes: Where control planes come from.
        place: Where the cluster is, and its name.
        answer: What it is given once it is up, and the outputs that it has then.
        change: What it is given when its settings change.
        follows: What goes with it, when it goes.
    """

    def __init__(
        self,
        planes: Planes,
        *,
        place: Callable[[Record], Place],
        answer: Callable[[Store, Record, Plane], Object],
        change: Callable[[Plane, Record], None] = unchanged,
        follows: Callable[[Account, Record], None],
    ) -> None:
        self._planes, self._place = planes, place
        self._answer, self._change, self._follows = answer, change, follows

    def created(self, store: Store, record: Record) -> Object:
        """The control plane answers, with what belongs to it.

        Raises:
            CloudError: when something of it cannot come up.
        """
        return self._answer(store, record, self._plane(store, record))

    def updated(self, store: Store, record: Record) -> Object:
        """What belongs to it is what is now asked for."""
        self._change(self._plane(store, record), record)
        return {}

    def deleted(self, store: Store, record: Record) -> None:
        """Nothing is left of it."""
        self._plane(store, record).delete()
        with store.transaction() as account:
            self._follows(account, record)

    def _plane(self, store: Store, record: Record) -> Plane:
        place = self._place(record)
        return self._planes(store, place.location, place.cluster)


def no_answer(_record: Record) -> Object:
    """For groups of machines that say nothing of themselves."""
    return {}


def _blocked(_record: Record, error: DrainBlockedError) -> CloudError:
    return CloudError("DrainBlocked", str(error))


@dataclass(frozen=True)
class Draining:
    """How a cloud replaces the machines of a group.

    Attributes:
        replacement: How many at once.
        blocked: What it says when disruption budgets forbid it.
    """

    replacement: Callable[[Record], Replacement]
    blocked: Callable[[Record, DrainBlockedError], CloudError] = _blocked


class MachineEffects(Effects):
    """Machines for each node group.

    Args:
        planes: Where control planes come from.
        place: The cluster of a node group.
        group: What the node group is called there.
        launches: Raises the CloudError that keeps the machines from coming up; asked before they do.
        machines: What it asks for now.
        answer: Outputs that it has once its machines joined.
        draining: How machines are replaced by others; None where they go at once.
    """

    def __init__(
        self,
        planes: Planes,
        *,
        place: Callable[[Record], Place],
        group: Callable[[Record], str],
        launches: Callable[[Account, Record], None],
        machines: Callable[[Account, Record], Sequence[Machine]],
        answer: Callable[[Record], Object] = no_answer,
        draining: Draining | None = None,
    ) -> None:
        self._planes, self._draining = planes, draining
        self._place, self._group, self._answer = place, group, answer
        self._launches, self._machines = launches, machines

    def created(self, store: Store, record: Record) -> Object:
        """The machines join.

        Raises:
            CloudError: when there are none, or they cannot join.
        """
        self.updated(store, record)
        return self._answer(record)

    def updated(self, store: Store, record: Record) -> Object:
        """The machines are what the group now asks for.

        Raises:
            CloudError: when there are none, or they cannot join.
        """
        with store.transaction() as account:
            self._launches(account, record)
            machines = self._machines(account, record)
        plane, group, draining = self._plane(store, record), self._group(record), self._draining
        if draining is None:
            plane.set_machines(group, machines)
            return {}
        try:
            plane.set_machines(group, machines, draining.replacement(record))
        except DrainBlockedError as error:
            raise draining.blocked(record, error) from error
        return {}

    def deleted(self, store: Store, record: Record) -> None:
        """The machines leave."""
        self._plane(store, record).set_machines(self._group(record), ())

    def _plane(self, store: Store, record: Record) -> Plane:
        place = self._place(record)
        return self._planes(store, place.location, place.cluster)


def runs_anywhere(_account: Account, _record: Record) -> None:
    """For add-ons whose pods need nothing."""


def nothing_defined(_record: Record) -> Path | None:
    """For add-ons that bring no kinds of objects."""
    return None


class DriverEffects(Effects):
    """Volumes for the storage drivers among add-ons.

    Args:
        planes: Where control planes come from.
        place: The cluster of an add-on.
        driver: The CSI driver of an add-on; empty for others.
        comes_up: Raises the CloudError that keeps the add-on's pods from running.
        definitions: Folder with the definitions of the kinds that an add-on brings; None for others.
    """

    def __init__(
        self,
        planes: Planes,
        *,
        place: Callable[[Record], Place],
        driver: Callable[[Record], str],
        comes_up: Callable[[Account, Record], None] = runs_anywhere,
        definitions: Callable[[Record], Path | None] = nothing_defined,
    ) -> None:
        self._planes, self._place, self._driver, self._comes_up = planes, place, driver, comes_up
        self._definitions = definitions

    def created(self, store: Store, record: Record) -> Object:
        """The pods run.

        Raises:
            CloudError: when they do not.
        """
        with store.transaction() as account:
            self._comes_up(account, record)
        driver = self._driver(record)
        if driver:
            self._plane(store, record).install_driver(driver)
        definitions = self._definitions(record)
        if definitions is not None:
            self._plane(store, record).define(definitions)
        return {}

    def updated(self, store: Store, record: Record) -> Object:
        """The pods run again.

        Raises:
            CloudError: when they do not.
        """
        return self.created(store, record)

    def deleted(self, store: Store, record: Record) -> None:
        """The driver goes, and with it new volumes."""
        driver = self._driver(record)
        if driver:
            self._plane(store, record).remove_driver(driver)

    def _plane(self, store: Store, record: Record) -> Plane:
        place = self._place(record)
        return self._planes(store, place.location, place.cluster)
