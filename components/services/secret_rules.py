"""What is known of external-secrets before it is loaded: what is refused, and what has to go before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem

STORE = "strata"
"""Name of the ClusterSecretStore, by which ExternalSecrets ask for secrets."""


def secret_store_refusals(facts: ClusterFacts, namespaces: Sequence[str], setting: str) -> Iterator[Problem]:
    """Why external-secrets could read nothing, or everybody could by way of it.

    Args:
        facts: The cluster.
        namespaces: Namespaces that may use the store.
        setting: The service's own settings.
    """
    store = facts.secrets
    if store is None:
        yield Problem(
            field=f"{setting}.install",
            cause="the target names no store of secrets",
            consequence="external-secrets would run without a place to read from",
            fix="name the store under target.secrets where this kind of target has one, or leave "
            "services.external_secrets out; whoever runs it without Strata names its API group in target.apis",
        )
        return
    if store.on_internet and not facts.internet:
        yield Problem(
            field=f"{setting}.install",
            cause=f"nodes of {facts.name} do not reach the internet, where {store.about} are served",
            consequence="no secret would ever be read",
            fix="give the network a NAT, or write services: {external_secrets: {install: false}}",
        )
    if not namespaces:
        yield Problem(
            field=f"{setting}.namespaces",
            cause="is empty",
            consequence=f"nobody could read {store.about}",
            fix="name the namespaces whose members may, such as namespaces: [search]",
        )


def secret_store_notes(facts: ClusterFacts, namespaces: Sequence[str]) -> Iterator[str]:
    """What somebody may not expect of it.

    Args:
        facts: The cluster.
        namespaces: Namespaces that may use the store.
    """
    if facts.secrets is not None:
        yield (
            f"whoever may edit objects in {', '.join(namespaces)} may read {facts.secrets.about}; before the stack "
            "goes, delete ExternalSecrets of namespaces that are not its own: nobody else takes their finalizers away"
        )
