"""Secrets as the composition hands them on: never plain, whoever reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi

from .settings import SecretNames


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Values of the keys that ``settings.secrets`` names."""

    hugging_face_token: pulumi.Output[str] | None = None
    ssh_private_key: pulumi.Output[str] | None = None

    @classmethod
    def of(cls, names: SecretNames, value: Callable[[str], pulumi.Output[str]]) -> Secrets:
        """From the keys that settings name, and what gives a key's value."""
        token, key = names.hugging_face_token, names.ssh_private_key
        return cls(
            hugging_face_token=value(token) if token else None,
            ssh_private_key=value(key) if key else None,
        )
