"""The models of a stack; the setting ``models`` of every layer that looks at them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.contracts.model import Contract
from components.contracts.served_models import ServedModel


class WithModels(Contract):
    """Settings of layers in stacks that serve models."""

    models: Annotated[tuple[ServedModel, ...], Field(min_length=1, max_length=200)]
    """Models to serve."""
