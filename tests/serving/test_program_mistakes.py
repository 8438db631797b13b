"""Wrong arguments of model servers, as a program without a type checker passes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.clusters import Cluster, ClusterArgs
from components.contracts.autoscaling import HpaScaling
from components.contracts.customize import ObjectCustomize, PodCustomize, ServerCustomize
from components.contracts.errors import StrataError
from components.contracts.quantities import ByteSize, Duration
from components.contracts.served_models import ServedModel
from components.operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from components.planner.model_plans import plan_models
from components.serving import (
    ModelService,
    ModelServiceArgs,
    ServedModels,
    ServingOptions,
    ServingPlace,
    serve_models,
)
from components.storage import ModelCatalog, ModelCatalogArgs
from components.storage.catalog import CatalogModel
from tests.planner.clusters import MIXED
from tests.registration import assert_refused, refusal, registered
from tests.untyped import unnamed, untyped

from .plans import H100, plan

_DIGEST = f"sha256:{'a' * 64}"
_CHAT = ServedModel(name="chat", model="Qwen/Qwen2-7B-Instruct", revision="a" * 40)
_CHECKPOINT = CatalogModel(model=_CHAT.model, revision=_CHAT.revision, checkpoint=ByteSize.gib(16))
_CATALOG: Mapping[str, object] = {
    "namespace": "models",
    "storage_class": "shared",
    "size": "64Gi",
    "models": [_CHECKPOINT],
    "image": "docker.io/library/python:3.12.12",
    "hub_url": "https://huggingface.co",
    "priority_class": "strata-standard",
}


class _Holder(pulumi.ComponentResource):
    """Somebody else's component that holds a cluster, as ``EksCluster`` does."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster


def _lab() -> Cluster:
    return Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=MIXED))


def _refused(declare: Callable[[Cluster], object], field: str, said: str = "") -> None:
    """It is refused, and nothing is registered beside the cluster that was there."""
    error, made = refusal(lambda: declare(_lab()))
    texts = {problem.field: str(problem) for problem in error.problems}
    assert field in texts, str(error)
    assert said in texts[field]
    assert all(problem.cause and problem.consequence and problem.fix for problem in error.problems)
    assert {found.name for found in made} == {"lab", "lab-kubernetes"}, "something is registered already"


def _served(cluster: object, changes: Mapping[str, object]) -> object:
    return untyped(ServedModels, {"name": "llms", "cluster": cluster, "models": [_CHAT], **changes})


_SERVED: Mapping[str, tuple[Mapping[str, object], str]] = {
    "one model for a list": ({"models": _CHAT}, "ServedModels.models"),
    "a model as a mapping": ({"models": [{"name": "chat"}]}, "ServedModels.models[0]"),
    "no models": ({"models": []}, "models"),
    "nothing for models": ({"models": None}, "ServedModels.models"),
    "a model twice": ({"models": [_CHAT, _CHAT]}, "models[1].name"),
    "a name in capitals": ({"name": "LLMs_1"}, "ServedModels.name"),
    "a long name": ({"name": "a" * 60}, "ServedModels.name"),
    "a namespace of Kubernetes": ({"name": "default"}, "name"),
    "a namespace that Kubernetes has": ({"namespace": "kube-system"}, "namespace"),
    "a namespace with a space": ({"namespace": "Not Valid"}, "ServedModels.namespace"),
    "an empty namespace": ({"namespace": ""}, "ServedModels.namespace"),
    "options as a mapping": ({"options": {"protect": True}}, "ServedModels.options"),
    "no options": ({"options": None}, "ServedModels.options"),
    "facts as a mapping": ({"facts": {}}, "ServedModels.facts"),
    "a digest of an unknown image": (
        {"options": ServingOptions(image_digests={"xx": _DIGEST})},
        "options.image_digests.xx",
    ),
    "no cluster": ({"cluster": None}, "ServedModels.cluster"),
    "the name of a cluster": ({"cluster": "lab"}, "ServedModels.cluster"),
    "an unknown argument": ({"model": _CHAT}, "ServedModels.model"),
}


@pytest.mark.parametrize(("changes", "field"), _SERVED.values(), ids=_SERVED)
def test_a_wrong_argument_of_models_is_refused(changes: Mapping[str, object], field: str) -> None:
    _refused(lambda lab: _served(lab, changes), field)


def test_a_component_with_a_cluster_is_answered_with_where_the_cluster_is() -> None:
    _refused(lambda lab: _served(_Holder(lab), {}), "ServedModels.cluster", "pass its `.cluster`")


def test_values_without_names_are_answered_with_the_names_that_are_missing() -> None:
    _refused(
        lambda lab: unnamed(ServedModels, "llms", lab, [_CHAT]),
        "ServedModels",
        "an instance of Cluster and a list are passed without names\n    consequence: nothing is created; the stack "
        "stays as it is\n    fix: name them, such as `ServedModels(name, cluster=…, models=…)`",
    )
    error, _ = refusal(lambda: unnamed(ServedModels, "llms", pulumi.ResourceOptions()))
    assert "name it, such as `ServedModels(name, opts=…)`" in str(error)
    assert {problem.field for problem in error.problems} == {
        "ServedModels",
        "ServedModels.cluster",
        "ServedModels.models",
    }
    error, _ = refusal(lambda: unnamed(ServingOptions, "80Gi"))
    assert "`ServingOptions(catalog_size=…)`" in str(error)


_BAD_OPTIONS: Mapping[str, tuple[Mapping[str, object], str]] = {
    "the name of a parent": ({"parent": "platform"}, "parent"),
    "the class of a parent": ({"parent": pulumi.ComponentResource}, "parent"),
    "a parent that is known later": ({"parent": pulumi.Output.from_input("platform")}, "parent"),
    "the name of a provider": ({"provider": "lab"}, "provider"),
    "options for a provider": ({"provider": pulumi.ResourceOptions()}, "provider"),
    "the name of a provider in text": ({"providers": "lab"}, "providers"),
    "the name of a provider in a list": ({"providers": ["lab"]}, "providers"),
    "the name of a provider in a mapping": ({"providers": {"kubernetes": "lab"}}, "providers"),
    "text for a switch": ({"protect": "yes"}, "protect"),
}


@pytest.mark.parametrize(("values", "field"), _BAD_OPTIONS.values(), ids=_BAD_OPTIONS)
def test_options_that_pulumi_cannot_use_are_refused(values: Mapping[str, object], field: str) -> None:
    # The constructor of ResourceOptions expands some of these itself and fails; what it takes is refused here.
    options = pulumi.ResourceOptions()
    for name, value in values.items():
        setattr(options, name, value)
    _refused(lambda lab: _served(lab, {"opts": options}), f"ServedModels.opts.{field}")
    assert_refused(lambda: PriorityClasses("priorities", options), f"PriorityClasses.opts.{field}")


def test_options_that_pulumi_can_use_are_taken() -> None:
    def declare() -> None:
        lab = _lab()
        for index, options in enumerate(
            [
                pulumi.ResourceOptions(parent=lab, provider=lab.provider, protect=True),
                pulumi.ResourceOptions(providers=[lab.provider], depends_on=[lab.provider]),
                pulumi.ResourceOptions(providers={"kubernetes": lab.provider}, protect=False),
            ]
        ):
            PriorityClasses(f"priorities{index}", options)

    assert len(registered(declare).of("PriorityClass")) == 9


def _namespace() -> Namespace:
    return Namespace("theirs", metadata=ObjectMetaArgs(name="theirs"))


def _guarded() -> GuardedNamespace:
    return GuardedNamespace("theirs", GuardedNamespaceArgs(namespace="theirs"))


@pytest.mark.parametrize(("make", "said"), [(_namespace, "`.metadata.name`"), (_guarded, "`.namespace`")])
def test_a_resource_for_a_name_is_answered_with_the_value_that_is_meant(make: Callable[[], object], said: str) -> None:
    error, _ = refusal(lambda: _served(_lab(), {"namespace": make()}))
    (problem,) = error.problems
    assert (problem.field, f"pass its {said}" in problem.fix) == ("ServedModels.namespace", True), str(problem)


def test_the_value_that_is_meant_is_taken() -> None:
    for value in (
        lambda: _namespace().metadata.name,
        lambda: _namespace().metadata["name"],
        lambda: _guarded().namespace,
    ):
        made = registered(lambda value=value: _served(_lab(), {"namespace": value()}))
        assert made.only("Deployment").at("metadata", "namespace") == "theirs"


_OPTIONS: Mapping[str, tuple[Mapping[str, object], str]] = {
    "a size in words": ({"catalog_size": "large"}, "ServingOptions.catalog_size"),
    "an earlier size in words": ({"previous_catalog_size": "abc"}, "ServingOptions.previous_catalog_size"),
    "a hub that is no address": ({"hub_url": "not a url"}, "ServingOptions.hub_url"),
    "a mirror that is no registry": ({"image_mirror": "https://x y/"}, "ServingOptions.image_mirror"),
    "a digest that is none": ({"image_digests": {"vllm": "zzz"}}, "ServingOptions.image_digests.vllm"),
    "digests as a list": ({"image_digests": [_DIGEST]}, "ServingOptions.image_digests"),
    "additions of servers for the catalog's Job": ({"customize": ServerCustomize()}, "ServingOptions.customize"),
    "no additions": ({"customize": None}, "ServingOptions.customize"),
    "a token as a number": ({"token": 1}, "ServingOptions.token"),
    "text for a switch": ({"protect": "yes"}, "ServingOptions.protect"),
}


@pytest.mark.parametrize(("values", "field"), _OPTIONS.values(), ids=_OPTIONS)
def test_a_wrong_option_is_refused(values: Mapping[str, object], field: str) -> None:
    with pytest.raises(StrataError) as refused:
        untyped(ServingOptions, values)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_sizes_are_taken_as_text_and_outputs_as_they_are() -> None:
    assert untyped(ServingOptions, {"catalog_size": "10Gi"}).catalog_size == ByteSize.gib(10)
    later = pulumi.Output.from_input("1Ti")
    assert ServingOptions(previous_catalog_size=later, token=later).previous_catalog_size is later
    assert ServingOptions(previous_catalog_size="1Ti").previous_catalog_size == "1Ti"


def _service(changes: Mapping[str, object], name: str = "chat") -> object:
    right = ModelServiceArgs(
        plan=plan(),
        pool=H100,
        namespace="models",
        catalog_claim="catalog",
        model_path="/models/chat",
        catalog_mount="/models",
        priority_class="strata-serving",
    )
    values = {field.name: getattr(right, field.name) for field in fields(right)}
    return ModelService(name, untyped(ModelServiceArgs, {**values, **changes}))


_SERVICE: Mapping[str, tuple[Mapping[str, object], str]] = {
    "no plan": ({"plan": None}, "ModelServiceArgs.plan"),
    "no pool": ({"pool": None}, "ModelServiceArgs.pool"),
    "the name of a pool": ({"pool": "h100"}, "ModelServiceArgs.pool"),
    "no namespace": ({"namespace": None}, "ModelServiceArgs.namespace"),
    "a namespace in capitals": ({"namespace": "Bad!"}, "ModelServiceArgs.namespace"),
    "a claim in capitals": ({"catalog_claim": "Bad!"}, "ModelServiceArgs.catalog_claim"),
    "a relative path": ({"model_path": "chat"}, "ModelServiceArgs.model_path"),
    "a path outside of the volume": ({"model_path": "/other/chat"}, "model_path"),
    "a path that leaves the volume": ({"model_path": "/models/../chat"}, "ModelServiceArgs.model_path"),
    "a relative mount": ({"catalog_mount": "models"}, "ModelServiceArgs.catalog_mount"),
    "no priority": ({"priority_class": ""}, "ModelServiceArgs.priority_class"),
    "no autoscaling": ({"autoscaling": None}, "ModelServiceArgs.autoscaling"),
    "autoscaling as a mapping": ({"autoscaling": {"kind": "hpa"}}, "ModelServiceArgs.autoscaling"),
    "a time without a unit": ({"drain": 60}, "ModelServiceArgs.drain"),
    "GPUs in words": ({"spare_gpus": "x"}, "ModelServiceArgs.spare_gpus"),
    "less than no GPUs": ({"spare_gpus": -5}, "ModelServiceArgs.spare_gpus"),
    "an unknown image": ({"image_digests": {"zz": _DIGEST}}, "image_digests.zz"),
    "no additions": ({"customize": None}, "ModelServiceArgs.customize"),
    "additions as a mapping": ({"customize": {}}, "ModelServiceArgs.customize"),
    "additions of another component": ({"customize": PodCustomize()}, "ModelServiceArgs.customize"),
}


@pytest.mark.parametrize(("changes", "field"), _SERVICE.values(), ids=_SERVICE)
def test_a_wrong_argument_of_a_service_is_refused(changes: Mapping[str, object], field: str) -> None:
    assert_refused(lambda: _service(changes), field)


def test_a_service_whose_name_kubernetes_refuses_is_refused() -> None:
    for name in ("Bad Name", "x" * 80, ""):
        assert_refused(lambda name=name: _service({}, name), "ModelService.name")


def test_natural_values_of_a_service_are_taken() -> None:
    made = registered(lambda: _service({"drain": "90s", "autoscaling": HpaScaling(max_replicas=3)}))
    pod = made.only("Deployment").at("spec", "template", "spec", "terminationGracePeriodSeconds")
    assert isinstance(pod, int)
    assert pod > Duration(90)


_OTHERS: Mapping[str, tuple[Callable[..., object], Callable[..., object], Mapping[str, object], str]] = {
    "a size of a catalog": (ModelCatalog, ModelCatalogArgs, {**_CATALOG, "size": "big"}, "ModelCatalogArgs.size"),
    **{
        f"an image {image!r}": (
            ModelCatalog,
            ModelCatalogArgs,
            {**_CATALOG, "image": image},
            "ModelCatalogArgs.image",
        )
        for image in (
            "",
            "Not Valid!",
            "python:",
            "https://example.com/python",
            "example.com/Python:3",
            "python@sha256:1",
        )
    },
    "one model of a catalog": (
        ModelCatalog,
        ModelCatalogArgs,
        {**_CATALOG, "models": _CHECKPOINT},
        "ModelCatalogArgs.models",
    ),
    "additions of servers": (
        ModelCatalog,
        ModelCatalogArgs,
        {**_CATALOG, "customize": ServerCustomize()},
        "ModelCatalogArgs.customize",
    ),
    "no namespace": (GuardedNamespace, GuardedNamespaceArgs, {"namespace": None}, "GuardedNamespaceArgs.namespace"),
    "a quota as a truth value": (
        GuardedNamespace,
        GuardedNamespaceArgs,
        {"namespace": "models", "quota": {"pods": True}},
        "GuardedNamespaceArgs.quota.pods",
    ),
    "a label with a space": (
        GuardedNamespace,
        GuardedNamespaceArgs,
        {"namespace": "models", "labels": {"a b": "c"}},
        "GuardedNamespaceArgs.labels['a b']",
    ),
    "a namespace of Kubernetes": (
        GuardedNamespace,
        GuardedNamespaceArgs,
        {"namespace": "kube-system"},
        "GuardedNamespaceArgs.namespace",
    ),
}


@pytest.mark.parametrize(("component", "arguments", "values", "field"), _OTHERS.values(), ids=_OTHERS)
def test_a_wrong_argument_of_what_lies_below_is_refused(
    component: Callable[..., object], arguments: Callable[..., object], values: Mapping[str, object], field: str
) -> None:
    assert_refused(lambda: component("models", arguments(**values)), field)


@pytest.mark.parametrize(
    "image", ["python", "python:3.13.1", f"python@{_DIGEST}", f"localhost:5000/mirror/python:3.12.12-slim@{_DIGEST}"]
)
def test_every_form_of_an_image_is_taken(image: str) -> None:
    assert untyped(ModelCatalogArgs, {**_CATALOG, "image": image}).image == image


@pytest.mark.parametrize("component", [ModelService, ModelCatalog, GuardedNamespace], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("args", [None, {}, "models"], ids=repr)
def test_arguments_of_another_type_are_refused(component: Callable[..., object], args: object) -> None:
    assert_refused(lambda: component("models", args), f"{component.__name__}.args")


_PLANNED: Mapping[str, tuple[Mapping[str, object], str]] = {
    "one model for a list": ({"models": _CHAT, "facts": MIXED}, "plan_models.models"),
    "a cluster for its facts": ({"models": [_CHAT], "facts": "lab"}, "plan_models.facts"),
    "no facts": ({"models": [_CHAT]}, "plan_models.facts"),
}


@pytest.mark.parametrize(("values", "field"), _PLANNED.values(), ids=_PLANNED)
def test_a_wrong_argument_of_the_planner_is_refused(values: Mapping[str, object], field: str) -> None:
    with pytest.raises(StrataError) as refused:
        untyped(plan_models, values)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_one_model_for_the_list_of_models_to_serve_is_refused() -> None:
    def serve() -> None:
        plans = plan_models([_CHAT], MIXED)
        place = ServingPlace(facts=MIXED, namespace="models", catalog="catalog")
        options = {"place": place, "plans": plans, "options": ServingOptions(), "opts": pulumi.ResourceOptions()}
        untyped(serve_models, {**options, "models": _CHAT})

    assert_refused(serve, "serve_models.models")


def test_additions_of_another_component_are_refused_for_priorities() -> None:
    assert_refused(lambda: PriorityClasses("priorities", customize=PodCustomize()), "PriorityClasses.customize")
    assert registered(lambda: PriorityClasses("priorities", customize=ObjectCustomize(labels={"team": "a"}))).made
