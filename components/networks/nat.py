"""How nodes without public addresses reach the internet."""

from __future__ import annotations

from enum import StrEnum

EVERYWHERE = "0.0.0.0/0"
"""Range of a route that leads to the internet."""


class NatGateways(StrEnum):
    """How nodes reach the internet, to pull images for example."""

    PER_ZONE = "per-zone"
    """One in each zone: the failure of a zone affects no other."""
    SINGLE = "single"
    """One for all zones: cheaper, but the failure of its zone cuts all of them off."""
    NONE = "none"
    """None: images and models have to come from inside the network."""
