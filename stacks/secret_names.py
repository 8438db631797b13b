"""Which top-level keys of a stack's file hold secrets; their values are always secret outputs."""

from __future__ import annotations

from collections.abc import Callable

import pulumi

from components.contracts.config_keys import ConfigKey
from components.contracts.model import Contract


class SecretNames(Contract):
    """Top-level keys of this file that hold secrets."""

    hugging_face_token: ConfigKey | None = None
    """Key with a Hugging Face token, for gated models."""
    ssh_private_key: ConfigKey | None = None
    """Key with the SSH key that reaches the hosts of a kubeadm cluster."""

    dns_key: ConfigKey | None = None
    """Key with the TSIG key, base64, by which a name server takes changes; for ``target.dns`` with a server."""

    def named(self) -> dict[str, str]:
        """The key of each secret that is named, by field."""
        keys: dict[str, str | None] = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: key for name, key in keys.items() if key}

    def values(self, value: Callable[[str], pulumi.Output[str]]) -> dict[str, pulumi.Output[str]]:
        """The value of each secret that is named, by field.

        Args:
            value: Gives the value of a key.
        """
        return {name: value(key) for name, key in self.named().items()}


class WithSecrets(Contract):
    """Settings of layers that use secrets."""

    secrets: SecretNames = SecretNames()
