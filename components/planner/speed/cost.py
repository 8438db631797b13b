"""What tokens cost. A price that is unknown stays unknown: it is never taken for 0."""

from __future__ import annotations

_TOKENS = 1e6
_SECONDS_PER_HOUR = 3600.0


def cost_per_hour(node_price: float | None, nodes: int) -> float | None:
    """US dollars per hour of ``nodes`` nodes, None when their price is unknown."""
    return None if node_price is None else node_price * nodes


def cost_per_million_tokens(per_hour: float | None, tokens_per_second: float) -> float | None:
    """US dollars per million output tokens, None when the price is unknown or nothing is produced."""
    if per_hour is None or tokens_per_second <= 0:
        return None
    return per_hour / (tokens_per_second * _SECONDS_PER_HOUR) * _TOKENS
