"""Namespaces that are closed until something opens them, and priorities by which pods give way."""

from __future__ import annotations

import pytest

from components.operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from components.operations.priorities import Priority
from tests.registration import Registration, Registrations, registered

SYSTEM_CRITICAL = 1_000_000_000
"""Above it lie Kubernetes' own classes; the API server refuses ours there (user-defined priority classes)."""


def namespace(quota: dict[str, str] | None = None, labels: dict[str, str] | None = None) -> Registrations:
    args = GuardedNamespaceArgs(namespace="models", quota=quota or {}, labels=labels or {})
    return registered(lambda: GuardedNamespace("guarded", args))


def test_the_namespace_is_created_by_its_name_and_everything_else_lies_in_it() -> None:
    made = namespace({"requests.nvidia.com/gpu": "8"})
    assert made.only("Namespace").at("metadata", "name") == "models"
    inside = [found for found in made.made if "metadata" in found.inputs and not found.token.endswith(":Namespace")]
    assert {str(found.at("metadata", "namespace")) for found in inside} == {"models"}
    assert len(inside) == 4, "quota, defaults and two policies"


def test_pods_that_are_not_restricted_are_refused_there() -> None:
    labels = namespace().only("Namespace").at("metadata", "labels")
    assert isinstance(labels, dict)
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "latest"


def test_labels_of_the_caller_are_added_and_cannot_lower_the_guard() -> None:
    made = namespace(labels={"team": "search", "pod-security.kubernetes.io/enforce": "privileged"})
    labels = made.only("Namespace").at("metadata", "labels")
    assert isinstance(labels, dict)
    assert labels["team"] == "search"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_quota_is_passed_on_and_left_out_where_nothing_is_limited() -> None:
    assert namespace({"requests.nvidia.com/gpu": "8"}).only("ResourceQuota").at("spec", "hard") == {
        "requests.nvidia.com/gpu": "8"
    }
    assert not namespace().of("ResourceQuota")


@pytest.mark.parametrize("resource", ["cpu", "memory", "ephemeral-storage"])
def test_a_container_that_asks_for_nothing_gets_a_request_and_a_limit(resource: str) -> None:
    limits: Registration = namespace().only("LimitRange")
    assert limits.at("spec", "limits", 0, "type") == "Container"
    assert limits.at("spec", "limits", 0, "defaultRequest", resource), "a quota would refuse the pod"
    assert limits.at("spec", "limits", 0, "default", resource)


def test_nothing_may_talk_but_to_the_dns() -> None:
    deny, dns = (policy.inputs["spec"] for policy in sorted(namespace().of("NetworkPolicy"), key=by_openness))
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert isinstance(dns, dict)
    assert dns["podSelector"] == {}
    assert dns["policyTypes"] == ["Egress"]
    assert isinstance(dns["egress"], list)
    assert len(dns["egress"]) == 1


def by_openness(policy: Registration) -> int:
    return len(str(policy.inputs["spec"]))


def test_every_priority_is_a_class_that_the_api_server_takes() -> None:
    made = registered(lambda: PriorityClasses("priorities"))
    classes = {str(found.at("metadata", "name")): found for found in made.of("PriorityClass")}
    assert set(classes) == {priority.class_name for priority in Priority}
    for found in classes.values():
        value = found.inputs["value"]
        assert isinstance(value, int)
        assert 0 < value < SYSTEM_CRITICAL
        assert found.inputs["globalDefault"] is False, "pods of others keep the priority that they have"
        assert found.inputs["description"]


def test_model_servers_are_placed_before_everything_else_and_batch_jobs_last() -> None:
    made = registered(lambda: PriorityClasses("priorities"))
    ordered = sorted(made.of("PriorityClass"), key=lambda found: -int(str(found.inputs["value"])))
    assert [found.at("metadata", "name") for found in ordered] == ["strata-serving", "strata-standard", "strata-batch"]
    assert {str(found.inputs["preemptionPolicy"]) for found in ordered} == {"PreemptLowerPriority"}
