"""A managed cluster of a simulated cloud: its API server is a process of this machine.

Imported in simulated runs only. The provider plugin creates and deletes it; here it is only restarted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.clusters.processes import has_dead, lines_of, say_indented
from cli.console import say
from simulation.provider.managed_cluster import ManagedCluster, existing_clusters


def simulated_cluster(name: str | None, variables: Mapping[str, str]) -> SimulatedCluster:
    """The cluster of that name in the accounts that the variables of a simulated run name."""
    return SimulatedCluster(name, Path(variables["STRATA_SIMULATED_CLOUD"]))


@dataclass(frozen=True)
class SimulatedCluster:
    """The cluster of that name, which may not exist yet.

    Attributes:
        name: Its name in the cloud; None where only another project knows it.
        state: Folder of the simulated accounts.
    """

    name: str | None
    state: Path

    def ensure(self) -> None:
        """Restart it when it exists and is down; the engine creates new ones."""
        cluster = self._found()
        if cluster and not cluster.status().ready:
            cluster.start(progress=say_indented)

    def repair(self) -> None:
        """Restart it when one of its processes died, unless it is being deleted."""
        cluster = self._found()
        if cluster and has_dead(cluster.status()):
            cluster.control_plane.revive(progress=say_indented)

    def stop(self) -> bool:
        """End its processes and keep its data; whether there were any."""
        cluster = self._found()
        return cluster is not None and cluster.stop(progress=say)

    def status(self) -> list[str]:
        """A line for each component."""
        cluster = self._found()
        return lines_of(cluster.status()) if cluster else []

    def is_lost(self) -> bool:
        """Never: the simulated account outlives its clusters and tells the engine what is gone."""
        return False

    def delete(self) -> None:
        """Nothing to do: the engine deleted it."""

    def _found(self) -> ManagedCluster | None:
        return next((cluster for cluster in existing_clusters(self.state) if cluster.name == self.name), None)
