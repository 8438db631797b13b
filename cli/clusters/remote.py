"""Clusters that do not run on this machine: there is nothing to start, repair or stop here."""

from __future__ import annotations

from dataclasses import dataclass

from components.clusters.environment import BoundEnvironment, EnvironmentContext


@dataclass(frozen=True)
class GivenCluster:
    """An existing cluster, reached by its kubeconfig.

    Attributes:
        environment: Its environment.
        context: Context of the environment.
    """

    environment: BoundEnvironment
    context: EnvironmentContext

    def ensure(self) -> None:
        """Raise StrataError when it does not answer."""
        self.environment.require_account(self.context)

    def repair(self) -> None:
        """Nothing to do: whoever runs the cluster repairs it."""

    def stop(self) -> bool:
        """Nothing to stop: no process of it runs here."""
        return False

    def status(self) -> list[str]:
        """Empty: no process of it runs here."""
        return []

    def is_lost(self) -> bool:
        """Never: this machine cannot tell."""
        return False

    def delete(self) -> None:
        """Nothing to do: the cluster is not Strata's."""


@dataclass(frozen=True)
class CloudCluster:
    """A cluster that the engine creates in a cloud, or that belongs to another stack."""

    def ensure(self) -> None:
        """Nothing to do: the engine creates it during its run."""

    def repair(self) -> None:
        """Nothing to do: the cloud repairs it."""

    def stop(self) -> bool:
        """Nothing to stop: no process of it runs here."""
        return False

    def status(self) -> list[str]:
        """Empty: no process of it runs here."""
        return []

    def is_lost(self) -> bool:
        """Never: only the cloud can tell."""
        return False

    def delete(self) -> None:
        """Nothing to do: the engine deleted it."""
