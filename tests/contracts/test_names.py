from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from components.clusters.existing.cluster import ExistingClusterArgs, existing_facts
from components.contracts.cluster_facts import VolumeClass
from components.contracts.customize import PodCustomize
from components.contracts.names import (
    MAX_LABEL,
    ExistingName,
    LabelKey,
    LabelValue,
    NamespaceName,
    ObjectName,
    joined_name,
)
from components.contracts.pools import GpuPool

HOSTILE = ["a\nkind: Secret", "../../x", "$(id)", "Qwen", "-a", "a-", "", "a" * 64, "\u202ea", "e\u0301", "{{ .V }}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_object_names_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ObjectName).validate_python(text)


@pytest.mark.parametrize(("kind", "characters"), [(TypeAdapter(ObjectName), 80), (TypeAdapter(LabelValue), 64)])
def test_a_long_name_is_shown_as_cut(kind: TypeAdapter[str], characters: int) -> None:
    with pytest.raises(ValidationError, match=f"'{'a' * 60}…'"):
        kind.validate_python("a" * characters)


@pytest.mark.parametrize("text", ["a" * 253, "csi.shared-files.example.com", "0a", "x"])
def test_names_of_existing_objects_are_what_kubernetes_allows(text: str) -> None:
    assert TypeAdapter(ExistingName).validate_python(text) == text


@pytest.mark.parametrize("text", ["a" * 254, "a..b", "a.-b", "a-.b", ".a", "a.", "A", "a_b", "a/b", ""])
def test_other_names_of_existing_objects_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is not a name that Kubernetes accepts"):
        TypeAdapter(ExistingName).validate_python(text)


def test_objects_that_exist_already_may_have_long_names() -> None:
    name = "csi.shared-files-of-the-whole-department.example.com"
    assert VolumeClass(name=name, read_bytes_per_second=1e9).name == name
    assert PodCustomize(runtime_class=name).runtime_class == name
    pools = [GpuPool(name="h100", instance_type="p5.48xlarge", count=1)]
    args = ExistingClusterArgs(cluster="lab", kubeconfig="/kubeconfig", pools=pools, storage=name)
    assert existing_facts(args).storage.read_write_many.name == name


@pytest.mark.parametrize("text", ["default", "kube-system", "kube-search"])
def test_namespaces_of_kubernetes_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="belongs to Kubernetes"):
        TypeAdapter(NamespaceName).validate_python(text)


@pytest.mark.parametrize("text", ["a b", "ä", "a/b", "-x", "x" * 64, "line\n"])
def test_bad_label_values_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LabelValue).validate_python(text)


@pytest.mark.parametrize("text", ["Example.com/tier", "a..b/tier", "a.-b/tier", "/tier", "a/b/c", "a/", " tier"])
def test_bad_label_keys_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LabelKey).validate_python(text)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,40}", fullmatch=True), min_size=1, max_size=5))
def test_joined_names_fit_a_label(parts: list[str]) -> None:
    assert len(joined_name(*parts)) <= MAX_LABEL


def test_long_names_that_differ_only_at_the_end_stay_different() -> None:
    assert joined_name("a" * 80, "one") != joined_name("a" * 80, "two")
