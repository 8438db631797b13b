"""The live nodes of one control plane: up, watched over, down.

Owns what makes and removes them as a whole. The parts are in ``machinery``.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import StrataError
from components.contracts.pools import NodePool

from ..control_plane.api import Answer, Api
from ..control_plane.layout import Layout
from ..control_plane.locks import exclusive
from ..control_plane.record import read_record
from . import namespaces
from .api_service import publish_api
from .dns import apply_dns
from .identities import Identities
from .launching import Launcher, Service
from .machinery import Machinery, require_unmounted
from .members import LIVE_LABEL, Member, members_of
from .network import Network
from .places import Places
from .programs import Programs
from .record import HubContent, LiveRecord, read_live, write_live
from .services import SUPERVISOR, Services

_LOCK_PATIENCE_SECONDS = 120.0
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.1


class _Condition(Answer):
    type: str
    status: str


class _Status(Answer):
    conditions: list[_Condition] = []


class _Metadata(Answer):
    name: str


class _Node(Answer):
    metadata: _Metadata
    status: _Status = _Status()

    @property
    def is_ready(self) -> bool:
        return any(condition.type == "Ready" and condition.status == "True" for condition in self.status.conditions)


class _NodeList(Answer):
    items: list[_Node]


@dataclass(frozen=True, kw_only=True)
class LiveStatus:
    """What runs of the live nodes.

    Attributes:
        nodes: Names of the nodes that there should be.
        processes: Process id by name; None where one that should run does not.
    """

    nodes: Sequence[str]
    processes: Mapping[str, int | None]


class LiveCluster:
    """The live nodes of a control plane.

    Args:
        layout: The control plane's files.
        tell: Receives short lines about what is going on.
    """

    def __init__(self, layout: Layout, tell: Callable[[str], None]) -> None:
        self.places = Places(layout)
        self._tell = tell
        self._built: Machinery | None = None

    @property
    def record(self) -> LiveRecord | None:
        """What was asked for; None where no node is live."""
        return read_live(self.places.layout)

    def want(
        self,
        pools: Sequence[NodePool],
        counts: Mapping[str, int],
        images: Mapping[str, Path],
        *,
        fetching: Collection[str] = (),
        hub: HubContent,
        made_cluster: bool,
    ) -> bool:
        """Write down which nodes are live, from when on nobody makes simulated nodes for their pools.

        Args:
            pools: All pools of the cluster.
            counts: How many nodes are live, by pool.
            images: Archive of each image, by its name.
            fetching: Images whose programs fetch from the model hub.
            hub: What they find there.
            made_cluster: Whether the control plane is made for them.

        Returns:
            Whether that is new.

        Raises:
            StrataError: when the hub's content is another than before.
        """
        members_of(pools, counts)
        known = self.record
        record = LiveRecord(
            counts=dict(counts),
            pools=tuple(pool for pool in pools if pool.name in counts),
            images={name: str(archive) for name, archive in images.items()},
            fetching=tuple(fetching),
            hub=hub,
            made_cluster=known.made_cluster if known else made_cluster,
        )
        if record == known:
            return False
        if known is not None and known.images and known.hub != record.hub:
            raise StrataError.of(
                f"control plane {self.places.layout.name}",
                cause="its live nodes were made with another checkpoint for its models",
                consequence="the catalog is full already, and servers would load what it has",
                fix="make live-down, then the same command again",
            )
        if known is not None and (known.counts, known.pools) != (record.counts, record.pools):
            # Other nodes have other places and addresses.
            with self._lock():
                self._end()
        write_live(self.places.layout, record)
        return True

    def ensure_ground(self) -> list[str]:
        """What needs no control plane: namespaces, links and the registry with its images."""
        with self._lock():
            return self._machinery().ensure_ground()

    def ensure(self) -> list[str]:
        """Make every process run and every node object be there; what had to be done.

        Raises:
            StrataError: when something cannot be made so.
        """
        layout = self.places.layout
        record = read_record(layout.record)
        if record is None or not Identities(self.places).knows_live_nodes():
            raise StrataError.of(
                f"control plane {layout.name}",
                cause="was made before there were live nodes; its certificate does not name where they reach it",
                consequence="no kubelet would trust it",
                fix="make down, then make live",
            )
        # Before the kubelets, so that they find the labels and taints of their nodes.
        self._ensure_objects()
        done = self.repair()
        if SUPERVISOR not in namespaces.named(self.places):
            self._launch_supervisor()
            done.append("started the supervisor")
        return done

    def repair(self) -> list[str]:
        """Start again what has ended; what had to be done."""
        record = read_record(self.places.layout.record)
        with self._lock():
            if record is None or self.record is None:
                return []
            if self._built is None or self._built.record != self.record:
                self._built = self._machinery()
            return [*self._built.ensure_ground(), *self._built.ensure_nodes(record.ports.apiserver)]

    def wait_until_ready(self) -> None:
        """Return when every node is ready.

        Raises:
            StrataError: when one is not in time, with the end of its kubelet's log.
        """
        api = Api(self.places.layout)
        deadline = time.monotonic() + _READY_SECONDS
        names = [member.name for member in self.members()]
        while True:
            seen = _NodeList.model_validate_json(api.get("/api/v1/nodes", labelSelector=LIVE_LABEL)).items
            ready = {node.metadata.name for node in seen if node.is_ready}
            waiting = [name for name in names if name not in ready]
            if not waiting:
                return
            if time.monotonic() > deadline:
                log = self.places.log(f"{waiting[0]}.kubelet")
                raise StrataError.of(
                    f"live node {waiting[0]}",
                    cause=f"is not ready after {_READY_SECONDS:.0f} s; its kubelet last said:\n{_end_of(log)}",
                    consequence="no pod runs there",
                    fix=f"see {log.parent}, then make live again",
                )
            time.sleep(_POLL_SECONDS)

    def members(self) -> tuple[Member, ...]:
        """The live nodes; none where there is no record."""
        record = self.record
        return members_of(record.pools, record.counts) if record else ()

    def status(self) -> LiveStatus:
        """What runs."""
        members = self.members()
        running = namespaces.named(self.places)
        services = Services(self.places, Programs(self.places.layout.state))
        names = [SUPERVISOR, "switch", "hub", "registry", "api"] if members else []
        names += [name for member in members for name in (f"{member.name}.holder", *services.names_of(member))]
        return LiveStatus(
            nodes=[member.name for member in members], processes={name: running.get(name) for name in names}
        )

    def stop(self) -> None:
        """End everything of the live nodes; the next start makes them again."""
        if self.record is not None or self.places.home.exists():
            with self._lock():
                self._end()

    def remove(self) -> bool:
        """End everything of the live nodes and remove its files; whether there was anything.

        Node objects are the caller's, as the control plane may be gone.
        """
        places = self.places
        there = places.home.exists() or self.record is not None
        if not there:
            return False
        with self._lock():
            self._end()
            places.layout.live_nodes.unlink(missing_ok=True)
        places.lock.unlink(missing_ok=True)
        return True

    def forget_nodes(self, names: Sequence[str]) -> None:
        """Remove node objects, and at once the pods on them that nobody is left to end."""
        api = Api(self.places.layout)
        for name in names:
            api.delete(f"/api/v1/nodes/{name}")

    def _end(self) -> None:
        places = self.places
        namespaces.end_everything(places)
        Network(places, Programs(places.layout.state)).forget_host()
        require_unmounted(places.home)
        shutil.rmtree(places.home, ignore_errors=True)

    def _machinery(self) -> Machinery:
        record = self.record
        if record is None:
            raise StrataError.of(
                f"control plane {self.places.layout.name}",
                cause="has no live nodes",
                consequence="there is nothing to start",
                fix="make live",
            )
        return Machinery(self.places, record, self.members(), self._tell)

    def _ensure_objects(self) -> None:
        api = Api(self.places.layout)
        for member in self.members():
            _apply(api, member)
        publish_api(api)
        apply_dns(api)

    def ensure_node_objects(self) -> None:
        """Make the objects of nodes that somebody deleted again."""
        api = Api(self.places.layout)
        seen = _NodeList.model_validate_json(api.get("/api/v1/nodes", labelSelector=LIVE_LABEL)).items
        names = {node.metadata.name for node in seen}
        for member in self.members():
            if member.name not in names:
                _apply(api, member)

    def _launch_supervisor(self) -> None:
        layout = self.places.layout
        service = Service(
            name=SUPERVISOR,
            program=Path(sys.executable),
            arguments=("-m", "simulation.live.supervisor", layout.name, str(layout.state)),
            is_python=True,
        )
        Launcher(self.places, Programs(layout.state)).launch(service)

    def _lock(self) -> AbstractContextManager[None]:
        return exclusive(self.places.lock, patience=_LOCK_PATIENCE_SECONDS, tell=self._tell)


def _apply(api: Api, member: Member) -> None:
    path = f"/api/v1/nodes/{member.name}"
    api.apply(path, member.body())
    api.apply(f"{path}/status", member.status_body())


def _end_of(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "nothing"
    return "\n".join(line[:300] for line in lines[-8:])
