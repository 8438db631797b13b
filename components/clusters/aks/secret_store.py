"""The vault whose secrets pods may ask for, and the role by which that is allowed.

Source of the role: external-secrets/external-secrets v2.9.0, ``docs/provider/azure-key-vault.md``. Its roles hold for a
vault or for one secret in it, and for no beginning of names.
"""

from __future__ import annotations

from collections.abc import Mapping

from .roles import Role
from .settings import KeyVault


def secret_roles(vault: KeyVault, subscription: str) -> Mapping[str, tuple[Role, str]]:
    """What the identity of external-secrets may do, and on which resource.

    Args:
        vault: The vault that it reads.
        subscription: Subscription of the vault.
    """
    group = f"/subscriptions/{subscription}/resourceGroups/{vault.resource_group}"
    return {"vault": (Role.SECRETS_USER, f"{group}/providers/Microsoft.KeyVault/vaults/{vault.name}")}
