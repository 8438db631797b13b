"""How a pool's machines are bought, in the words of node pools.

Owns every flag that depends on the kind of capacity, because they only work together: flex-start is refused
with repairs on, queued machines with a minimum, and each of them with a reservation. Whether a pool may be
bought that way is decided by ``rules``.

Sources: GoogleCloudPlatform/cluster-toolkit v1.95.0, modules/compute/gke-node-pool/main.tf (preconditions);
GKE documentation, how-to/provisioningrequest, how-to/dws-flex-start-inference and
how-to/consuming-reservations.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ...contracts.capacity import Capacity, CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from ...contracts.errors import StrataError

RESERVATION_KEY = "compute.googleapis.com/reservation-name"


class Affinity(StrEnum):
    """Which reservations a pool's machines use."""

    NONE = "NO_RESERVATION"
    SPECIFIC = "SPECIFIC_RESERVATION"


class LocationPolicy(StrEnum):
    """Where the autoscaler adds nodes."""

    BALANCED = "BALANCED"
    ANY = "ANY"
    """Wherever there are machines at all."""


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """Every dependent flag of one kind of capacity.

    Attributes:
        spot: Whether Google may take machines back.
        flex_start: Whether machines start when there are some.
        queued: Whether machines are asked for all at once.
        longest_run: After how long machines are taken away, as Google spells it; None for never.
        affinity: Use of reservations; None leaves it to Compute Engine, which uses open ones that match.
        reservation: Name or path of the reservation; None for none.
        auto_repair: Whether GKE replaces nodes that are ill.
        from_zero: Whether the autoscaler owns the pool from no node at all.
        location_policy: Where it adds nodes.
        max_surge: Nodes beyond those of the pool during an update.
        max_unavailable: Nodes that may be missing during an update.
    """

    spot: bool = False
    flex_start: bool = False
    queued: bool = False
    longest_run: str | None = None
    affinity: Affinity | None = None
    reservation: str | None = None
    auto_repair: bool = True
    from_zero: bool = False
    location_policy: LocationPolicy = LocationPolicy.BALANCED
    max_surge: int = 0
    max_unavailable: int = 1

    @property
    def short_lived(self) -> bool:
        """Whether nodes are updated by being replaced when they end; GKE gives such pools no other strategy.

        Sources: discovery document of container.v1, ``UpgradeSettings.strategy``; crossplane-contrib/provider-upjet-gcp
        #1028 (a pool with another strategy differs for ever).
        """
        return self.flex_start or self.queued


def purchase(capacity: Capacity) -> Purchase:
    """The flags of a kind of capacity.

    Raises:
        StrataError: when Google Cloud does not sell it.
    """
    match capacity:
        case OnDemand():
            return Purchase()
        case Spot():
            return Purchase(spot=True, affinity=Affinity.NONE, location_policy=LocationPolicy.ANY)
        case Reservation(id=reservation):
            return Purchase(affinity=Affinity.SPECIFIC, reservation=reservation, location_policy=LocationPolicy.ANY)
        case FlexStart(longest_run=longest_run):
            return Purchase(
                flex_start=True,
                longest_run=f"{longest_run.whole_seconds}s",
                affinity=Affinity.NONE,
                auto_repair=False,
                from_zero=True,
                location_policy=LocationPolicy.ANY,
            )
        case Queued():
            return Purchase(
                queued=True,
                affinity=Affinity.NONE,
                auto_repair=False,
                from_zero=True,
                location_policy=LocationPolicy.ANY,
            )
        case CapacityBlock():
            raise StrataError.of(
                "capacity.kind",
                cause=f"{capacity.kind!r} is not sold by Google Cloud",
                consequence="no node pool can be declared",
                fix="use a reservation, which future reservations become when they start",
            )
