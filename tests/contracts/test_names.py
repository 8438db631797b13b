from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from components.contracts.names import MAX_LABEL, LabelKey, LabelValue, NamespaceName, ObjectName, joined_name

HOSTILE = ["a\nkind: Secret", "../../x", "$(id)", "Qwen", "-a", "a-", "", "a" * 64, "\u202ea", "e\u0301", "{{ .V }}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_object_names_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ObjectName).validate_python(text)


@pytest.mark.parametrize("text", ["default", "kube-system"])
def test_namespaces_of_kubernetes_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="belongs to Kubernetes"):
        TypeAdapter(NamespaceName).validate_python(text)


@pytest.mark.parametrize("text", ["a b", "ä", "a/b", "-x", "x" * 64, "line\n"])
def test_bad_label_values_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LabelValue).validate_python(text)


@pytest.mark.parametrize("text", ["Example.com/tier", "/tier", "a/b/c", "a/", " tier"])
def test_bad_label_keys_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LabelKey).validate_python(text)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,40}", fullmatch=True), min_size=1, max_size=5))
def test_joined_names_fit_a_label(parts: list[str]) -> None:
    assert len(joined_name(*parts)) <= MAX_LABEL


def test_long_names_that_differ_only_at_the_end_stay_different() -> None:
    assert joined_name("a" * 80, "one") != joined_name("a" * 80, "two")
