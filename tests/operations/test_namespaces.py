"""Namespaces that are closed until something opens them, and priorities by which pods give way."""

from __future__ import annotations

import pytest

from components.contracts.errors import StrataError
from components.operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses, TeamNamespace
from components.operations.priorities import Priority
from tests.registration import Registration, Registrations, assert_refused, refusal, registered
from tests.untyped import untyped

SYSTEM_CRITICAL = 1_000_000_000
"""Above it lie Kubernetes' own classes; the API server refuses ours there (user-defined priority classes)."""


def namespace_of(quota: dict[str, str] | None = None, labels: dict[str, str] | None = None) -> GuardedNamespace:
    args = GuardedNamespaceArgs(namespace="models", quota=quota or {}, labels=labels or {})
    return GuardedNamespace("guarded", args)


def namespace(quota: dict[str, str] | None = None, labels: dict[str, str] | None = None) -> Registrations:
    return registered(lambda: namespace_of(quota, labels))


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


def test_labels_of_the_caller_are_added() -> None:
    labels = (
        namespace(labels={"team": "search", "strata.dev/role": "gateway"}).only("Namespace").at("metadata", "labels")
    )
    assert isinstance(labels, dict)
    assert (labels["team"], labels["strata.dev/role"]) == ("search", "gateway")


@pytest.mark.parametrize(
    "label",
    [
        "pod-security.kubernetes.io/enforce",
        "admission.gatekeeper.sh/ignore",
        "istio-injection",
        "linkerd.io/inject",
        "strata.dev/pool",
        "control-plane",
    ],
)
def test_labels_that_lower_the_guard_or_change_the_pods_are_refused(label: str) -> None:
    assert_refused(lambda: namespace_of(labels={label: "enabled"}), f"labels.{label}")


@pytest.mark.parametrize(
    "quota",
    [
        {"pods": "50", "services": "5k", "configmaps": "2000m"},
        {"requests.cpu": "500m", "limits.memory": "64Gi", "requests.storage": "1e12", "cpu": ".5"},
        {"count/deployments.apps": "4", "requests.hugepages-2Mi": "1Gi", "requests.nvidia.com/gpu": "8"},
        {"gold.storageclass.storage.k8s.io/requests.storage": "4Ti", "requests.memory": "0", "memory": "1M"},
    ],
)
def test_what_the_api_server_takes_for_a_quota_is_taken(quota: dict[str, str]) -> None:
    assert namespace(quota).only("ResourceQuota").at("spec", "hard") == quota


@pytest.mark.parametrize(
    ("key", "amount", "said"),
    [
        ("pods", "many", "write it like 8, 500m or 64Gi"),
        ("requests.cpu", "-1", "write it like 8, 500m or 64Gi"),
        ("requests.memory", "64GB", "write it like 8, 500m or 64Gi"),
        ("requests.memory", "", "write it like 8, 500m or 64Gi"),
        ("pods", "1.5", "write a whole number"),
        ("services", "1500m", "write a whole number"),
        ("requests.nvidia.com/gpu", "500m", "500m is not a whole number of devices"),
        ("count/deployments.apps", "1.5", "write a whole number"),
        ("requests.memory", "100", "with a unit, such as 64Gi"),
        ("limits.ephemeral-storage", "64m", "with a unit, such as 64Gi"),
        ("gold.storageclass.storage.k8s.io/requests.storage", "4", "with a unit, such as 64Gi"),
        ("limits.hugepages-2Mi", "1Gi", "did you mean 'requests.hugepages-2Mi'?"),
        ("pod", "8", "did you mean 'pods'?"),
        ("gpus", "8", "did you mean 'requests.nvidia.com/gpu'?"),
        ("nvidia.com/gpu", "8", "write requests.nvidia.com/gpu"),
        ("limits.nvidia.com/gpu", "8", "write requests.nvidia.com/gpu"),
        ("requests.a b/gpu", "8", "write it like requests.nvidia.com/gpu"),
        ("", "8", "use one of pods"),
    ],
)
def test_a_quota_that_the_api_server_refuses_or_ignores_is_refused(key: str, amount: str, said: str) -> None:
    error, made = refusal(lambda: namespace_of(quota={key: amount}))
    assert (said in str(error), made) == (True, []), str(error)


@pytest.mark.parametrize(("written", "passed_on"), [(50, "50"), (1.5, "1.5"), (1e3, "1000"), ("8", "8")])
def test_amounts_may_be_written_as_numbers(written: float | str, passed_on: str) -> None:
    made = untyped(TeamNamespace, {"name": "search", "quota": {"requests.cpu": written}})
    assert made.quota == {"requests.cpu": passed_on}


@pytest.mark.parametrize("written", [True, None, [], float("nan")])
def test_what_is_neither_number_nor_text_is_refused_with_a_fix_that_works(written: object) -> None:
    with pytest.raises(StrataError, match="write it like 8, 500m or 64Gi"):
        untyped(TeamNamespace, {"name": "search", "quota": {"pods": written}})


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
