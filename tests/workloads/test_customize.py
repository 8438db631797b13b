"""Components without servers take labels and annotations, and the catalog's Job all that a pod can have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from components.contracts.cluster_facts import StorageFacts, VolumeClass
from components.contracts.customize import ObjectCustomize, PodCustomize
from components.contracts.errors import StrataError
from components.contracts.quantities import ByteSize
from components.operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from components.storage import CatalogModel, ModelCatalog, ModelCatalogArgs, StorageClasses, StorageClassesArgs
from tests.registration import Json, registered

VOLUME = VolumeClass(name="files", provisioner="nfs.csi.k8s.io", read_bytes_per_second=1e9, managed=True)
FACTS = StorageFacts(read_write_once=VOLUME, read_write_many=VOLUME)
ADDED = PodCustomize(labels={"example.com/team": "search"}, annotations={"example.com/owner": "us"})
ONLY_OBJECTS = ObjectCustomize(labels=ADDED.labels, annotations=ADDED.annotations)


def catalog(added: PodCustomize, token: str | None = None) -> ModelCatalog:
    args = ModelCatalogArgs(
        namespace="models",
        storage_class="files",
        size="16Gi",
        models=[CatalogModel(model="a/b", revision="0" * 40, checkpoint=ByteSize.gib(1))],
        image="docker.io/library/python:3.12.1",
        hub_url="https://huggingface.co",
        priority_class="strata-standard",
        token=token,
        customize=added,
    )
    return ModelCatalog("catalog", args)


COMPONENTS: dict[str, Callable[[ObjectCustomize], object]] = {
    "GuardedNamespace": lambda added: GuardedNamespace(
        "models", GuardedNamespaceArgs(namespace="models", quota={"pods": "9"}, customize=added)
    ),
    "PriorityClasses": lambda added: PriorityClasses("priorities", customize=added),
    "StorageClasses": lambda added: StorageClasses("storage", StorageClassesArgs(facts=FACTS, customize=added)),
    "ModelCatalog": lambda added: catalog(PodCustomize(labels=added.labels, annotations=added.annotations)),
}


@pytest.mark.parametrize("name", COMPONENTS)
def test_labels_and_annotations_reach_every_object(name: str) -> None:
    made = registered(lambda: COMPONENTS[name](ONLY_OBJECTS))
    objects = [found for found in made.made if found.token.startswith("kubernetes:")]
    assert objects
    for found in objects:
        assert found.at("metadata", "labels", "example.com/team") == "search", found.token
        assert found.at("metadata", "labels", "app.kubernetes.io/managed-by") == "strata", "ours stay"
        assert found.at("metadata", "annotations", "example.com/owner") == "us", found.token


@pytest.mark.parametrize("name", COMPONENTS)
def test_policy_labels_are_refused_before_anything_is_declared(name: str) -> None:
    for label in ("strata.dev/role", "pod-security.kubernetes.io/enforce", "app.kubernetes.io/part-of"):
        with pytest.raises(StrataError, match=label):
            registered(lambda label=label: COMPONENTS[name](ObjectCustomize(labels={label: "x"})))


def test_the_job_of_the_catalog_is_named_anew_when_its_pod_changes() -> None:
    def job(added: PodCustomize) -> tuple[str, object]:
        made = registered(lambda: catalog(added)).only("Job")
        return str(made.at("metadata", "name")), made.at("spec", "template", "spec", "containers", 0, "image")

    plain, changed = job(PodCustomize()), job(PodCustomize(image="registry.example.com/python:3.12.9"))
    assert plain[0] != changed[0], "a Job's template cannot be changed"
    assert changed[1] == "registry.example.com/python:3.12.9"


def test_variables_of_the_job_are_its_own() -> None:
    with pytest.raises(StrataError, match=r"customize\.environment\.HUB_URL"):
        registered(lambda: catalog(PodCustomize(environment={"HUB_URL": "https://elsewhere"})))


def test_nothing_of_a_user_is_on_the_secret_of_the_catalog() -> None:
    made = registered(lambda: catalog(ADDED, token="a-token"))
    secret = made.only("Secret")
    assert secret.at("metadata", "annotations") is None
    assert secret.at("metadata", "labels", "example.com/team") is None
    assert secret.at("metadata", "labels", "app.kubernetes.io/managed-by") == "strata"


def test_another_image_of_the_job_gets_no_gpu() -> None:
    def variables(added: PodCustomize) -> Json:
        containers = ("spec", "template", "spec", "containers", 0)
        return registered(lambda: catalog(added)).only("Job").at(*containers, "env")

    void: Json = {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}
    own, other = variables(PodCustomize()), variables(PodCustomize(image="docker.io/team/cuda:12.9.0"))
    assert isinstance(own, list)
    assert isinstance(other, list)
    assert void not in own
    assert void in other
