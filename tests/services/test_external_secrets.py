"""external-secrets where a target names a store: what it may read, who may use it, and what of its chart stays away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from components.clusters.aks.facts import aks_facts
from components.clusters.aks.roles import Role
from components.clusters.aks.secret_store import secret_roles
from components.clusters.eks.facts import eks_facts
from components.clusters.eks.secret_store import secret_statements
from components.clusters.gke.facts import gke_facts
from components.clusters.gke.secret_store import names_beginning_with
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.versions import EXTERNAL_SECRETS, EXTERNAL_SECRETS_CHART
from components.services.external_secrets import ExternalSecrets, ExternalSecretsArgs, external_secrets_values
from components.services.known import EXTERNAL_SECRETS as SERVICE
from components.services.known import needs_external_secrets
from components.services.secret_rules import secret_store_notes, secret_store_refusals
from components.services.service import ServiceSources, is_deployed
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.conformance.engine import Made, run
from tests.services.rendering import Rendered, rendered


class Rule(BaseModel):
    """One rule of a role."""

    resources: list[str]


_RULES = TypeAdapter(list[Rule])


def facts(**changes: object) -> ClusterFacts:
    target = eks.target().model_copy(update={"secrets": eks.SECRETS})
    return eks_facts(target, (eks.system_pool(),)).model_copy(update=changes)


@pytest.fixture(scope="module")
def objects(project: Path) -> Rendered:
    store = facts().secrets
    assert store
    chart = project / ".strata" / "charts" / EXTERNAL_SECRETS_CHART.name
    return rendered(chart, external_secrets_values(store, ServiceSources()), SERVICE.name, SERVICE.namespace)


def declared(of: ClusterFacts) -> list[Made]:
    return run(lambda: ExternalSecrets("secrets", ExternalSecretsArgs(facts=of, namespaces=["b", "a"]))).made


def test_it_comes_with_the_store_of_the_target() -> None:
    assert needs_external_secrets(facts())
    assert not needs_external_secrets(facts(secrets=None))
    assert not is_deployed(SERVICE, facts(apis=("external-secrets.io",)), install=None, needed=True)


def test_the_role_reads_secrets_of_one_name_only_and_lists_none() -> None:
    read, decrypt = secret_statements(eks.SECRETS, "us-east-2")
    assert read["Resource"] == ["arn:aws:secretsmanager:us-east-2:*:secret:genai/prod/*"]
    assert read["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    assert decrypt["Resource"] == list(eks.SECRETS.kms_keys)
    elsewhere = eks.SECRETS.model_copy(update={"region": "eu-west-1", "kms_keys": ()})
    (read,) = secret_statements(elsewhere, "us-east-2")
    assert read["Resource"] == ["arn:aws:secretsmanager:eu-west-1:*:secret:genai/prod/*"]


def test_only_named_namespaces_use_the_store_and_no_key_is_in_it() -> None:
    (store,) = (found for found in declared(facts()) if found.token.endswith(":ClusterSecretStore"))
    assert store.inputs["spec"] == {
        "provider": {"aws": {"service": "SecretsManager", "region": "us-east-2"}},
        "conditions": [{"namespaces": ["a", "b"]}],
    }


def test_the_condition_names_secrets_by_the_number_of_their_project() -> None:
    """IAM's names of secrets have no project id in them; a condition with one would hold for none."""
    expected = 'resource.name.startsWith("projects/123456789012/secrets/genai-prod-")'
    assert names_beginning_with("123456789012", "genai-prod-") == expected


def test_google_s_store_is_read_as_the_service_account_itself() -> None:
    target = gke.target().model_copy(update={"secrets": gke.SECRETS})
    (store,) = (
        found
        for found in declared(gke_facts(target, (gke.system_pool(),)))
        if found.token.endswith(":ClusterSecretStore")
    )
    assert store.inputs["spec"] == {
        "provider": {"gcpsm": {"projectID": target.project}},
        "conditions": [{"namespaces": ["a", "b"]}],
    }


def test_azure_s_vault_is_read_as_the_identity_of_the_pods() -> None:
    """A store that names a service account makes tokens of it, which ours has no right to."""
    target = aks.target().model_copy(update={"secrets": aks.SECRETS})
    known = aks_facts(target, (aks.cpu_pool(),))
    (store,) = (found for found in declared(known) if found.token.endswith(":ClusterSecretStore"))
    assert store.inputs["spec"] == {
        "provider": {"azurekv": {"authType": "WorkloadIdentity", "vaultUrl": "https://genai-prod.vault.azure.net"}},
        "conditions": [{"namespaces": ["a", "b"]}],
    }
    assert known.secrets
    assert external_secrets_values(known.secrets, ServiceSources()).pod_labels == {
        "azure.workload.identity/use": "true"
    }


def test_the_identity_of_azure_reads_one_vault_and_nothing_else() -> None:
    vault = aks.azure_id("Microsoft.KeyVault/vaults/genai-prod", group="secrets")
    assert secret_roles(aks.SECRETS, aks.SUBSCRIPTION) == {"vault": (Role.SECRETS_USER, vault)}


@pytest.mark.parametrize(
    ("changes", "namespaces", "cause"),
    [
        ({"secrets": None}, ["a"], "names no store"),
        ({"internet": False}, ["a"], "do not reach the internet"),
        ({}, [], "is empty"),
    ],
)
def test_one_that_could_read_nothing_is_refused(changes: dict[str, object], namespaces: list[str], cause: str) -> None:
    (problem,) = secret_store_refusals(facts(**changes), namespaces, "services.external_secrets")
    assert cause in problem.cause
    assert list(secret_store_refusals(facts(), ["a"], "")) == []


def test_who_may_read_what_is_said_before() -> None:
    (note,) = secret_store_notes(facts(), ["search"])
    assert "search" in note
    assert "genai/prod/" in note


def test_its_chart_deploys_one_controller_and_nothing_that_the_api_server_calls(objects: Rendered) -> None:
    kinds = {kind for kind, _ in objects}
    assert [name for kind, name in objects if kind == "Deployment"] == [SERVICE.name]
    assert not kinds & {"ValidatingWebhookConfiguration", "Service", "Secret", "ServiceAccount"}
    assert EXTERNAL_SECRETS.reference() in yaml.safe_dump(objects["Deployment", SERVICE.name])
    definitions = {name for kind, name in objects if kind == "CustomResourceDefinition"}
    assert definitions == {
        f"{kind}.external-secrets.io" for kind in ("clustersecretstores", "externalsecrets", "secretstores")
    }


def test_nobody_gets_by_way_of_it_what_only_its_own_identity_may_read(objects: Rendered) -> None:
    """Stores and generators without credentials take on the identity of the controller."""
    rights = {name: json.dumps(about) for (kind, name), about in objects.items() if kind == "ClusterRole"}
    assert not any("aggregate-to-edit" in text or "aggregate-to-admin" in text for text in _writing(rights).values())
    assert "serviceaccounts/token" not in "".join(rights.values())
    (ours,) = (found for found in declared(facts()) if found.token.endswith(":ClusterRole"))
    assert [rule.resources for rule in _RULES.validate_python(ours.inputs["rules"])] == [["externalsecrets"]]
    assert "aggregate-to-edit" in json.dumps(ours.inputs["metadata"])


def _writing(rights: dict[str, str]) -> dict[str, str]:
    found = {name: text for name, text in rights.items() if '"create"' in text}
    assert found
    return found
