"""Service accounts that clouds give identities to, known to those who make identities and those who run the pods."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AccountName:
    """A service account.

    Attributes:
        namespace: Where it is.
        name: Its name.
    """

    namespace: str
    name: str

    @property
    def subject(self) -> str:
        """Its name in tokens of the cluster."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"


EXTERNAL_DNS = AccountName(namespace="strata-dns", name="external-dns")
"""Writes names of Services into DNS zones."""
EXTERNAL_SECRETS = AccountName(namespace="strata-secrets", name="external-secrets")
"""Reads secrets of a store outside of the cluster."""
