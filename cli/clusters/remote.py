"""A cluster that no process of this machine belongs to: it has to answer, and that is all."""

from __future__ import annotations

from dataclasses import dataclass

from components.clusters.environment import BoundEnvironment, EnvironmentContext


@dataclass(frozen=True)
class GivenCluster:
    """A cluster that others made, by its kubeconfig.

    Attributes:
        environment: Where it lives.
        context: What the environment is told.
    """

    environment: BoundEnvironment
    context: EnvironmentContext

    def ensure(self) -> None:
        """Return when it answers."""
        self.environment.require_account(self.context)

    def repair(self) -> None:
        """Others do."""

    def stop(self) -> bool:
        """Others would have to."""
        return False

    def status(self) -> list[str]:
        """No process of it is here."""
        return []

    def is_lost(self) -> bool:
        """Nobody here can tell."""
        return False

    def delete(self) -> None:
        """It stays."""


@dataclass(frozen=True)
class CloudCluster:
    """A cluster that the engine makes in a cloud, or that another stack holds."""

    def ensure(self) -> None:
        """The engine does, in the middle of its run."""

    def repair(self) -> None:
        """The cloud does."""

    def stop(self) -> bool:
        """It is taken down, not stopped."""
        return False

    def status(self) -> list[str]:
        """No process of it is here."""
        return []

    def is_lost(self) -> bool:
        """Only the cloud can tell."""
        return False

    def delete(self) -> None:
        """The engine did."""
