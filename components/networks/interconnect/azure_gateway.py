"""What both kinds of Azure gateways have in common: zones, times, and how a metric becomes a weight."""

from __future__ import annotations

ZONES = ("1", "2", "3")
GATEWAY_TIMES = "90m"
"""Azure takes 30 to 45 minutes to create a gateway, and as long to delete it."""
_HEAVIEST = 32_000


def routing_weight(priority: int) -> int:
    """Azure's weight for a metric: the highest weight wins, the lowest metric does."""
    return _HEAVIEST - priority


def group_and_name(resource: str) -> tuple[str, str]:
    """Resource group and name of a resource by its id."""
    steps = resource.split("/")
    return steps[4], steps[-1]
