"""What commands can ask of the cluster of a stack."""

from __future__ import annotations

from typing import Protocol


class ClusterMachine(Protocol):
    """Starts, repairs and stops a cluster, as far as it runs on this machine."""

    def ensure(self) -> None:
        """Make it ready for the engine; StrataError when it cannot be."""
        ...

    def repair(self) -> None:
        """Restart its processes that died; called while the engine works."""
        ...

    def stop(self) -> bool:
        """End its processes and keep its data; whether there were any on this machine."""
        ...

    def status(self) -> list[str]:
        """A line for each process."""
        ...

    def is_lost(self) -> bool:
        """Whether it is gone with everything in it, so that the stack's state describes nothing."""
        ...

    def delete(self) -> None:
        """Remove what the engine did not create and therefore does not delete."""
        ...
