"""A managed cluster of a simulated cloud: its API server is a process of this machine.

Imported in simulated runs only. The provider plugin makes and deletes it; here it is only kept alive.
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
    """The cluster of that name, which need not exist yet.

    Attributes:
        name: Its name in the cloud; None where only another project knows it.
        state: Folder of the simulated accounts.
    """

    name: str | None
    state: Path

    def ensure(self) -> None:
        """Start it again when it exists and is down; a new one is made by the engine."""
        cluster = self._found()
        if cluster and not cluster.status().ready:
            cluster.start(progress=say_indented)

    def repair(self) -> None:
        """Start it again when a process of it died, unless it is just being deleted."""
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
        """The account, which outlives its clusters, tells the engine what is gone."""
        return False

    def delete(self) -> None:
        """The engine did."""

    def _found(self) -> ManagedCluster | None:
        return next((cluster for cluster in existing_clusters(self.state) if cluster.name == self.name), None)
