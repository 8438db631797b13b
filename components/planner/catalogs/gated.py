"""Models that the public hub gives only to accounts that accepted a licence."""

from __future__ import annotations

from functools import cache

from .table import read_table


@cache
def _prefixes() -> tuple[str, ...]:
    return tuple(row["prefix"].casefold() for row in read_table("gated"))


def is_gated(model: str) -> bool:
    """Whether the public hub asks for a token to fetch this model.

    Args:
        model: Hugging Face id, in any case.
    """
    return model.casefold().startswith(_prefixes())
