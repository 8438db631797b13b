"""Identities of pods that would be refused: clusters without an issuer, and vaults that ask for no roles."""

from __future__ import annotations

from types import SimpleNamespace

import pulumi
import pytest
from pulumi_azure_native import containerservice, keyvault

from components.clusters.aks.account_identities import issuer_problems, vault_problems
from components.clusters.aks.settings import AksTarget
from components.contracts.errors import Problem

from .pools import SECRETS, ZONES_OF_DNS, target
from .test_missing_things import MISSING, fails_with

ASK = pulumi.InvokeOptions()


def with_vault(**changes: object) -> AksTarget:
    return target().model_copy(update={"secrets": SECRETS, **changes})


def of_cluster(monkeypatch: pytest.MonkeyPatch, cluster: AksTarget, *, on: bool | None) -> list[Problem]:
    profile = SimpleNamespace(enabled=on)
    answer = SimpleNamespace(
        oidc_issuer_profile=profile if on is not None else None,
        security_profile=SimpleNamespace(workload_identity=profile) if on is not None else None,
    )

    def found(**_arguments: object) -> SimpleNamespace:
        return answer

    monkeypatch.setattr(containerservice, "get_managed_cluster", found)
    return list(issuer_problems(cluster, ASK))


def of_vault(monkeypatch: pytest.MonkeyPatch, *, by_roles: bool | None) -> list[Problem]:
    def found(**_arguments: object) -> SimpleNamespace:
        return SimpleNamespace(properties=SimpleNamespace(enable_rbac_authorization=by_roles))

    monkeypatch.setattr(keyvault, "get_vault", found)
    return list(vault_problems(with_vault(), ASK))


@pytest.mark.parametrize("on", [None, False])
def test_a_cluster_that_exists_and_gives_no_identities_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, *, on: bool | None
) -> None:
    (problem,) = of_cluster(monkeypatch, with_vault(adopt_cluster=True), on=on)
    assert problem.field == "target.secrets"
    assert "--enable-oidc-issuer --enable-workload-identity" in problem.fix
    dns = target().model_copy(update={"dns": ZONES_OF_DNS, "adopt_cluster": True})
    (problem,) = of_cluster(monkeypatch, dns, on=on)
    assert problem.field == "target.dns"


def test_clusters_that_give_identities_or_need_none_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of_cluster(monkeypatch, with_vault(adopt_cluster=True), on=True) == []
    assert of_cluster(monkeypatch, with_vault(), on=False) == [], "a new cluster has both"
    assert of_cluster(monkeypatch, target().model_copy(update={"adopt_cluster": True}), on=False) == []


def test_a_vault_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyvault, "get_vault", fails_with(MISSING))
    (problem,) = vault_problems(with_vault(), ASK)
    assert problem.cause == "the resource group secrets has no vault genai-prod"
    assert list(vault_problems(target(), ASK)) == []


@pytest.mark.parametrize("by_roles", [None, False])
def test_a_vault_of_access_policies_is_refused(monkeypatch: pytest.MonkeyPatch, *, by_roles: bool | None) -> None:
    """Roles on such a vault are made without a word, and allow nothing."""
    (problem,) = of_vault(monkeypatch, by_roles=by_roles)
    assert problem.field == "target.secrets.name"
    assert of_vault(monkeypatch, by_roles=True) == []
