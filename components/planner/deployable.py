"""Which engines and topologies a caller can start servers for."""

from __future__ import annotations

from dataclasses import dataclass

from ..contracts.serving import Engine, Topology


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployable:
    """Engines and topologies that may be planned.

    Attributes:
        engines: Inference servers that can be started.
        topologies: Arrangements of GPUs into pods that can be declared.
    """

    engines: frozenset[Engine]
    topologies: frozenset[Topology]


EVERYTHING = Deployable(engines=frozenset(Engine), topologies=frozenset(Topology))
"""For sizing questions, whose answer nobody deploys."""

MODEL_SERVERS = Deployable(engines=frozenset({Engine.VLLM}), topologies=frozenset({Topology.REPLICATED}))
"""What ``components.serving`` has an engine adapter and a component for; its constructors refuse everything else."""
