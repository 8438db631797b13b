"""The load that a model has to carry: requests in a second, or people and their habits."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from .model import Contract

Count = Annotated[int, Field(ge=1, le=1_000_000)]
_WEEK = 7 * 86400.0


class Users(Contract):
    """People who use a service within a week; habits that are left out are assumptions, which the plan states."""

    per_week: Annotated[int, Field(ge=1, le=10_000_000_000)]
    """How many different people use it within a week."""
    requests: Annotated[float, Field(gt=0, le=1e6)] = 26.0
    """Requests of one of them in a week; ChatGPT's 700 million users sent 18 billion in a week of July 2025."""
    busiest: Annotated[float, Field(ge=1, le=168)] = 2.0
    """Requests of the busiest hour over those of the mean hour."""
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Part of their requests that this cluster serves; the other regions serve the rest."""

    @property
    def requests_per_second(self) -> float:
        """In the busiest hour."""
        return self.per_week * self.requests * self.share * self.busiest / _WEEK

    @property
    def assumed(self) -> tuple[str, ...]:
        """Habits that were left out."""
        return tuple(name for name in ("requests", "busiest") if name not in self.model_fields_set)

    def __str__(self) -> str:
        share = f" × {self.share:.0%} of them here" if self.share < 1 else ""
        arithmetic = f"{self.per_week:,} users a week × {self.requests:g} requests{share} ÷ 604,800 s"
        taken = f"; assumed: {' and '.join(self.assumed)}" if self.assumed else ""
        return f"{arithmetic} × {self.busiest:g} in the busiest hour{taken}"


class Traffic(Contract):
    """The load that a model has to carry, given as requests in a second or as users."""

    requests_per_second: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """Requests that arrive in a second, all replicas together."""
    users: Users | None = None
    """People and their habits, in place of requests in a second."""
    input_tokens: Count
    """Mean prompt length."""
    output_tokens: Count
    """Mean answer length."""

    @model_validator(mode="after")
    def _is_given_once(self) -> Self:
        if (self.requests_per_second is None) == (self.users is None):
            raise ValueError("give either requests_per_second or users")
        return self

    @property
    def rate(self) -> float:
        """Requests in a second that replicas have to carry."""
        return self.users.requests_per_second if self.users else self.requests_per_second or 0.0
