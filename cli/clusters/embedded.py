"""The embedded cluster of a local stack.

The only module of the command line that imports the embedded control plane; loaded when a stack has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.clusters.processes import has_dead, lines_of, say_indented
from cli.console import say
from components.clusters.environment import BoundEnvironment
from components.contracts.api_groups import KEDA, MONITORING
from components.contracts.pools import NodePool
from simulation import ControlPlane, apply_pools
from simulation.live.cluster import LiveCluster
from simulation.live.record import live_pools


def embedded_cluster(environment: BoundEnvironment, state: Path) -> EmbeddedCluster:
    """The embedded cluster of an environment.

    Args:
        environment: The environment.
        state: The project's state folder.
    """
    return EmbeddedCluster(control_plane_of(environment, state), environment.pools)


def control_plane_of(environment: BoundEnvironment, state: Path) -> ControlPlane:
    """The control plane of an environment; it knows kinds of operators where the facts of its cluster promise them."""
    promised = {KEDA, MONITORING} <= set(environment.facts().apis)
    return ControlPlane(environment.name, state, is_bare=not promised)


@dataclass(frozen=True)
class EmbeddedCluster:
    """One control plane and its nodes, simulated or live."""

    control_plane: ControlPlane
    pools: Sequence[NodePool]

    @property
    def _live(self) -> LiveCluster:
        return LiveCluster(self.control_plane.layout, say_indented)

    def ensure(self) -> None:
        """Start or repair it, and give it the nodes of its pools, simulated or live."""
        self.control_plane.start(progress=say_indented)
        live = live_pools(self.control_plane.layout)
        apply_pools(self.control_plane, [pool for pool in self.pools if pool.name not in live])
        if live:
            self._live.ensure()

    def repair(self) -> None:
        """Restart it when one of its processes died; the engine waits for it and restarts nothing."""
        if has_dead(self.control_plane.status()):
            self.control_plane.revive(progress=say_indented)

    def stop(self) -> bool:
        """End its processes and keep its data; whether there were any."""
        self._live.stop()
        return self.control_plane.stop(progress=say)

    def status(self) -> list[str]:
        """A line for each component, and for each process of its live nodes."""
        live = self._live.status().processes
        lines = [f"{name:<25} {f'process {pid}' if pid else 'not running'}" for name, pid in live.items()]
        return lines_of(self.control_plane.status()) + lines

    def is_lost(self) -> bool:
        """Whether its files are gone."""
        return not self.control_plane.layout.home.exists()

    def delete(self) -> None:
        """Remove it with everything in it."""
        self._live.remove()
        self.control_plane.delete()
