"""What a simulated cluster of one's own hosts remembers beside its API server: members, tokens, add-ons."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from ....control_plane.locks import exclusive
from ....control_plane.record import write_whole
from ....control_plane.reservations import Reserved
from ....provider.managed_cluster import ManagedCluster
from ..site import SiteHost, read_site
from .memory import Host, fail, remembered

_PATIENCE_SECONDS = 600.0


class Member(BaseModel):
    """A host that belongs to the cluster."""

    control_plane: bool
    kubelet: str
    """Version that it runs."""


class Kubelets(BaseModel):
    """What the cluster's KubeletConfiguration tells the kubelets of all hosts."""

    max_pods: int = 0
    reserved: Reserved = Reserved()


class Cluster(BaseModel):
    """One cluster, by the address of its API."""

    name: str
    endpoint: str
    version: str
    authority: str
    """Hash of the certificate authority."""
    tokens: list[str] = []
    certificate_key: str = ""
    members: dict[str, Member] = {}
    kubelets: Kubelets = Kubelets()
    network: str = ""
    """Version of Cilium; empty before it is installed."""
    add_ons: list[str] = []
    """Names of the manifests that were applied."""


@dataclass(frozen=True)
class Here:
    """The host on which a program runs."""

    state: Path
    host: SiteHost

    @property
    def home(self) -> Path:
        """Folder of the host."""
        return self.state / "hosts" / self.host.name

    def file(self, path: str) -> Path:
        """A file of the host."""
        return Path(f"{self.home / 'root'}{path}")

    def memory(self) -> Host:
        """What the system's programs remember."""
        with remembered() as host:
            return host

    def managed(self, cluster: Cluster) -> ManagedCluster:
        """The embedded control plane that plays the cluster's."""
        return ManagedCluster(cluster.name, self.state, cloud="site")

    @property
    def membership(self) -> Path:
        """File that says which cluster the host belongs to, in place of kubelet's own."""
        return self.file("/etc/kubernetes/kubelet.conf")


def here() -> Here:
    """The host of this process."""
    state, name = Path(os.environ["STRATA_SIMULATED_STATE"]), os.environ["STRATA_SIMULATED_HOST"]
    return Here(state, next(host for host in read_site(state).hosts if host.name == name))


def _file(state: Path, endpoint: str) -> Path:
    return state / "site-clusters" / f"{endpoint.replace(':', '_')}.json"


@contextmanager
def cluster_at(state: Path, endpoint: str) -> Generator[Cluster | None]:
    """The cluster whose API has that address, None where there is none; changes are kept, one changer at a time."""
    file = _file(state, endpoint)
    with exclusive(file.with_suffix(".lock"), patience=_PATIENCE_SECONDS, tell=lambda _: None):
        cluster = Cluster.model_validate_json(file.read_text()) if file.exists() else None
        yield cluster
        if cluster is not None and file.exists():
            write_whole(file, cluster.model_dump_json())


def found(state: Path, cluster: Cluster) -> None:
    """Write down a new cluster; the caller holds it."""
    write_whole(_file(state, cluster.endpoint), cluster.model_dump_json())


def forget(state: Path, cluster: Cluster) -> None:
    """Take a cluster away; the caller holds it."""
    _file(state, cluster.endpoint).unlink()


@contextmanager
def own_cluster(place: Here) -> Generator[Cluster]:
    """The cluster that the host belongs to."""
    if not place.membership.exists():
        fail("The connection to the server localhost:8080 was refused - did you specify the right host or port?")
    with cluster_at(place.state, place.membership.read_text().strip()) as cluster:
        if cluster is None:
            fail("Unable to connect to the server: no route to host")
        yield cluster
