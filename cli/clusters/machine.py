"""What commands ask of the cluster behind a stack."""

from __future__ import annotations

from typing import Protocol


class ClusterMachine(Protocol):
    """What starts, watches and ends a cluster, as far as this machine has to do with it."""

    def ensure(self) -> None:
        """Make it ready for the engine; StrataError when it cannot be."""
        ...

    def repair(self) -> None:
        """Start again what died of it; called while the engine works."""
        ...

    def stop(self) -> bool:
        """End its processes and keep its data; whether there were any on this machine."""
        ...

    def status(self) -> list[str]:
        """A line for each process."""
        ...

    def is_lost(self) -> bool:
        """Whether it is gone with everything in it, so that a state about it is about nothing."""
        ...

    def delete(self) -> None:
        """Remove what the engine did not make and therefore does not remove."""
        ...
