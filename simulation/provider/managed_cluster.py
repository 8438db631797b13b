"""A cloud's managed Kubernetes cluster: an embedded control plane whose nodes the cloud's node groups make.

Owns what the clouds' tables may ask of it, the same for all of them. Which clusters, node groups and
add-ons there are, and what they are called, is theirs.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from components.contracts.errors import StrataError
from components.contracts.model import Contract
from components.contracts.names import MAX_NAME, short_hash

from ..control_plane.api import Api, Json
from ..control_plane.control_plane import ControlPlane, Progress, Running
from ..control_plane.crds import apply_folder
from ..control_plane.drivers import ANY_ACCESS, AccessMode, Driver, forget_driver, remember_driver
from ..control_plane.layout import Layout
from ..control_plane.locks import exclusive
from ..control_plane.machines import Machine
from ..control_plane.nodes import node_of
from ..control_plane.pools import apply_nodes
from ..control_plane.record import write_whole
from ..control_plane.rolling import Replacement
from ..control_plane.status import Status

__all__ = ["Endpoint", "Machine", "ManagedCluster", "OfAccount", "account_of", "existing_clusters"]

MARKER = "managed.json"
"""File in a control plane's folder that says that a cloud made it."""

_PATIENCE_SECONDS = 600.0
# Leaves room for a hyphen and the hash.
_MAX_SLUG = MAX_NAME - 12
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,54}[A-Za-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What the cloud tells of a cluster."""

    server: str
    """Address of the API, https."""
    certificate_authority: str
    """PEM in base64."""


class OfAccount(Contract):
    """Whose a cluster is.

    Attributes:
        file: The account.
        cluster: Its name in the cloud.
    """

    file: Path
    cluster: str


class _Marker(Contract):
    cluster: str
    cloud: str = ""
    location: str = ""


def _silent(_line: str) -> None:
    """Progress that nobody wants to read."""


class ManagedCluster:
    """One managed cluster.

    Args:
        name: Its name in the cloud.
        state_dir: The state folder.
        cloud: Which cloud made it, such as ``aws``.
        location: Where its name is unique: a region, or a project or resource group with a location.
        account: File of the cloud's account, where its Services get load balancers.
    """

    def __init__(
        self, name: str, state_dir: Path, *, cloud: str = "", location: str = "", account: Path | None = None
    ) -> None:
        self._account = account
        self._marker = _Marker(cluster=name, cloud=cloud, location=location)
        self._plane = ControlPlane(_folder_name(self._marker), state_dir, is_bare=True)

    @property
    def name(self) -> str:
        """Its name in the cloud."""
        return self._marker.cluster

    @property
    def cloud(self) -> str:
        """Which cloud made it."""
        return self._marker.cloud

    @property
    def location(self) -> str:
        """Where in the cloud its name is unique."""
        return self._marker.location

    @property
    def control_plane(self) -> ControlPlane:
        """The control plane that it is, for what is the same for all of them."""
        return self._plane

    @property
    def kubeconfig(self) -> Path:
        """Kubeconfig of its administrator, which needs no log-in."""
        return self._plane.kubeconfig

    def create(self, *, progress: Progress = _silent) -> Endpoint:
        """Make it and start it; one that exists is started if need be.

        Raises:
            StrataError: when it cannot be made ready, or its folder holds another control plane.
        """
        layout = self._plane.layout
        if self._is_foreign():
            raise StrataError.of(
                f"cluster {self.name}",
                cause=f"the embedded control plane {self._plane.name!r} exists and is not this cluster",
                consequence="the cluster would take it over with everything in it",
                fix="name one of the two differently",
            )
        with self._lock(progress):
            layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(layout.home / MARKER, self._marker.model_dump_json())
            if self._account is not None:
                write_whole(layout.account, OfAccount(file=self._account, cluster=self.name).model_dump_json())
        running = self._plane.start(progress=progress)
        authority = (layout.certificates / "ca.crt").read_bytes()
        return Endpoint(server=running.server, certificate_authority=base64.b64encode(authority).decode())

    def define(self, folder: Path) -> None:
        """Make it know the kinds of objects whose definitions lie in a folder.

        Raises:
            StrataError: when it refuses one of them.
        """
        apply_folder(self._plane.layout, folder)

    def apply(self, path: str, body: Json) -> None:
        """Make an object that the cloud brings along, or bring it up to date.

        Args:
            path: Its path in the API.
            body: Its fields.

        Raises:
            StrataError: when the cluster does not run.
        """
        Api(self._plane.layout).apply(path, body)

    def set_machines(self, group: str, machines: Sequence[Machine], replacement: Replacement | None = None) -> None:
        """Make the nodes of a node group equal to these and wait until they are ready.

        Pods of nodes that go are ended, so that their owners make new ones; other groups are left alone.

        Args:
            group: Name of the node group.
            machines: All of its machines; none removes the group.
            replacement: How machines that others replace are drained and go; where left out, they go at once.

        Raises:
            DrainBlockedError: when a disruption budget keeps a machine that is replaced.
            StrataError: when a machine type is unknown, a node's name is taken, or the cluster does not run.
        """
        # The prefix keeps them apart from the nodes that pools of settings make.
        owner = f"group.{group if _LABEL_VALUE.fullmatch(group) else short_hash(group)}"
        nodes = [node_of(machine, owner, f"{self.name}/{group}", index) for index, machine in enumerate(machines)]
        field = f"node group {group} of cluster {self.name}"
        apply_nodes(self._plane, owner, nodes, field=field, replacement=replacement)

    def install_driver(self, provisioner: str, access: Sequence[AccessMode] = ANY_ACCESS) -> None:
        """Install a CSI driver: from now on claims on its storage classes get volumes.

        Args:
            provisioner: Name of the driver, such as ``ebs.csi.aws.com``.
            access: What its volumes can do; a claim that asks for anything else stays pending.

        Raises:
            StrataError: when the cluster cannot be made ready.
        """
        with self._lock(_silent):
            self._require_created()
            remember_driver(self._plane.layout, Driver(name=provisioner, access=tuple(access)))
        self._plane.start()

    def remove_driver(self, provisioner: str) -> None:
        """Remove a CSI driver; its volumes stay, and claims that come later stay pending.

        Raises:
            StrataError: when the cluster cannot be made ready.
        """
        if _read_marker(self._plane.layout) != self._marker:
            return
        with self._lock(_silent):
            forget_driver(self._plane.layout, provisioner)
        self._plane.start()

    def start(self, *, progress: Progress = _silent) -> Running:
        """Make it ready again after it was stopped, or after a process of it died."""
        return self._plane.start(progress=progress)

    def stop(self, *, progress: Progress = _silent) -> bool:
        """End all its processes and keep its data. Whether there were any."""
        return self._plane.stop(progress=progress)

    def status(self) -> Status:
        """What runs and whether it is well."""
        return self._plane.status()

    def delete(self) -> None:
        """End it and remove all of its files; one that is gone already is well."""
        if not self._is_foreign():
            self._plane.delete()

    def _lock(self, progress: Progress) -> AbstractContextManager[None]:
        return exclusive(self._plane.layout.lock, patience=_PATIENCE_SECONDS, tell=progress)

    def _require_created(self) -> None:
        if _read_marker(self._plane.layout) != self._marker:
            raise StrataError.of(
                f"cluster {self.name}",
                cause="it does not exist",
                consequence="nothing can be installed there",
                fix="create the cluster first",
            )

    def _is_foreign(self) -> bool:
        return self._plane.layout.record.exists() and _read_marker(self._plane.layout) != self._marker


def account_of(layout: Layout) -> OfAccount | None:
    """Whose a control plane is; None where no cloud made it."""
    try:
        return OfAccount.model_validate_json(layout.account.read_bytes())
    except (OSError, ValidationError):
        return None


def existing_clusters(state_dir: Path) -> list[ManagedCluster]:
    """Every managed cluster that was created and not deleted, by name.

    Args:
        state_dir: The state folder in which they were created.
    """
    found: list[ManagedCluster] = []
    for file in sorted((state_dir / "control-planes").glob(f"*/{MARKER}")):
        marker = _read_marker(Layout.of(file.parent.name, state_dir))
        if marker is not None:
            found.append(ManagedCluster(marker.cluster, state_dir, cloud=marker.cloud, location=marker.location))
    return sorted(found, key=lambda cluster: cluster.name)


def _folder_name(marker: _Marker) -> str:
    """What the cluster is called where a control plane can have that name, else its beginning and a hash."""
    name = "-".join(filter(None, (marker.cloud, marker.location, marker.cluster)))
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if slug == name and len(name) <= MAX_NAME:
        return name
    return "-".join(filter(None, (slug[:_MAX_SLUG].rstrip("-"), short_hash(name))))


def _read_marker(layout: Layout) -> _Marker | None:
    try:
        return _Marker.model_validate_json((layout.home / MARKER).read_bytes())
    except (OSError, ValidationError):
        return None
