"""Several models behind one component: one volume, one service each, on GPUs that are really free."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pytest

from components.clusters import Cluster, ClusterArgs
from components.contracts.api_groups import CUSTOM_METRICS, MONITORING
from components.contracts.autoscaling import HpaScaling
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.customize import PodCustomize
from components.contracts.errors import StrataError
from components.contracts.pools import CpuPool, Taint
from components.contracts.served_models import ServedModel
from components.planner.shapes import pool_facts
from components.serving import ServedModels, ServingOptions
from components.serving.checkpoints import grown_size, needed_size
from tests.planner.clusters import cluster as facts_of
from tests.registration import Json, Registration, Registrations, refusal, registered

REVISION, OTHER = "f2826a00ceef68f0f2b946d945ecc0477ce4450c", "a" * 40
QWEN = "Qwen/Qwen2-7B-Instruct"
FACTS = facts_of(h100=("p5.48xlarge", 1)).with_apis([MONITORING])


def model(name: str, revision: str = REVISION, **fixed: object) -> ServedModel:
    return ServedModel.model_validate({"name": name, "model": QWEN, "revision": revision, **fixed})


MODELS = [model("chat", replicas=2), model("batch", replicas=1), model("older", revision=OTHER, replicas=1)]


def declared(
    options: ServingOptions | None = None,
    *,
    facts: ClusterFacts = FACTS,
    models: list[ServedModel] = MODELS,
    namespace: str | None = None,
) -> Registrations:
    def declare() -> None:
        lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=facts))
        ServedModels("llms", cluster=lab, models=models, namespace=namespace, options=options or ServingOptions())

    return registered(declare)


def claim_size(made: Registrations) -> str:
    return str(made.only("PersistentVolumeClaim").at("spec", "resources", "requests", "storage"))


def deployment(made: Registrations, name: str) -> Registration:
    return next(found for found in made.of("Deployment") if found.at("metadata", "name") == name)


def test_a_cluster_and_models_are_enough() -> None:
    made = declared()
    assert made.only("Namespace").at("metadata", "name") == "llms"
    assert {str(found.at("metadata", "name")) for found in made.of("Deployment")} == {"chat", "batch", "older"}
    assert len(made.of("PriorityClass")) == 3
    assert made.only("PersistentVolumeClaim").at("metadata", "name") == "llms-catalog"
    namespaces = {str(found.at("metadata", "namespace")) for found in made.of("Deployment")}
    assert namespaces == {"llms"}, "servers run in the namespace that was made for them"


def test_labels_of_a_user_are_on_what_is_made_below_the_models_too() -> None:
    made = declared(ServingOptions(customize=PodCustomize(labels={"example.com/team": "search"})))
    shared = [*made.of("Namespace"), *made.of("PriorityClass"), *made.of("StorageClass"), *made.of("ResourceQuota")]
    assert len(shared) >= 4
    assert [found.at("metadata", "labels", "example.com/team") for found in shared] == ["search"] * len(shared)


def test_a_namespace_of_the_caller_is_used_and_none_is_made() -> None:
    made = declared(namespace="theirs")
    assert not made.of("Namespace") + made.of("PriorityClass") + made.of("StorageClass")
    assert deployment(made, "chat").at("metadata", "namespace") == "theirs"


def test_a_checkpoint_that_two_models_share_is_fetched_once() -> None:
    made = declared()
    listing = next(found for found in made.of("ConfigMap")).at("data", "models.json")
    assert str(listing).count(REVISION) == 2, "once as its revision and once in its path"
    assert str(listing).count(OTHER) == 2
    for name, revision in (("chat", REVISION), ("batch", REVISION), ("older", OTHER)):
        command = deployment(made, name).at("spec", "template", "spec", "containers", 0, "command")
        assert f"/models/Qwen--Qwen2-7B-Instruct/{revision}" in str(command), "each server loads its own checkpoint"


def test_a_rollout_surges_only_into_gpus_that_no_model_holds() -> None:
    def surge(models: list[ServedModel]) -> object:
        made = declared(facts=FACTS.with_apis([CUSTOM_METRICS]), models=models)
        return deployment(made, "chat").at("spec", "strategy", "rollingUpdate", "maxSurge")

    assert surge(MODELS) == 1, "four of eight GPUs are free"
    assert surge([model("chat", replicas=4), model("batch", replicas=4)]) == 0, "a new pod would wait for ever"
    scaled = model("chat", replicas=3, autoscaling=HpaScaling(max_replicas=8))
    assert surge([scaled]) == 0, "the autoscaler may hold every GPU"


@pytest.mark.parametrize(("previous", "size"), [(None, None), ("1Gi", None), ("900Gi", "900Gi")])
def test_a_volume_never_shrinks_below_what_it_was(previous: str | None, size: str | None) -> None:
    needed = claim_size(declared())
    assert claim_size(declared(ServingOptions(previous_catalog_size=previous))) == (size or needed)
    later = ServingOptions(previous_catalog_size=pulumi.Output.from_input(previous))
    assert claim_size(declared(later)) == (size or needed)


def test_the_size_counts_each_checkpoint_once() -> None:
    seen: list[ServedModels] = []

    def declare() -> None:
        lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=FACTS))
        seen.append(ServedModels("llms", cluster=lab, models=MODELS))

    registered(declare)
    plans = seen[0].plans
    volume = plans["chat"].storage.volume
    assert needed_size(MODELS, plans) == 2 * volume
    assert grown_size(volume, str(needed_size(MODELS, plans))) == str(needed_size(MODELS, plans))


def test_servers_are_scraped_only_where_the_cluster_knows_pod_monitors() -> None:
    assert len(declared().of("PodMonitor")) == 3
    assert not declared(facts=FACTS.model_copy(update={"apis": ()})).of("PodMonitor")


def test_checkpoints_are_fetched_on_gpu_nodes_only_where_there_are_no_others() -> None:
    def tolerated(facts: ClusterFacts) -> Json:
        return declared(facts=facts).only("Job").at("spec", "template", "spec", "tolerations")

    gpu_taint = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert tolerated(FACTS) == gpu_taint
    cpu = pool_facts(CpuPool(name="cpu", instance_type="m7i.8xlarge", count=1))
    assert tolerated(FACTS.model_copy(update={"pools": (*FACTS.pools, cpu)})) is None
    own = pool_facts(CpuPool(name="cpu", instance_type="m7i.8xlarge", count=1, taints=[Taint(key="team")]))
    own_taint = [{"key": "team", "operator": "Exists", "effect": "NoSchedule"}]
    assert tolerated(FACTS.model_copy(update={"pools": (*FACTS.pools, own)})) == own_taint


def test_models_that_do_not_fit_are_refused_before_anything_is_declared() -> None:
    with pytest.raises(StrataError) as caught:
        declared(models=[model("chat", replicas=5), model("batch", replicas=4), model("lost", pool="h200")])
    assert {problem.field.partition(".")[0] for problem in caught.value.problems} == {"models[1]", "models[2]"}


def two(
    first: list[ServedModel], second: list[ServedModel], *, namespace: str | None = None, facts: ClusterFacts = FACTS
) -> Callable[[], None]:
    def declare() -> None:
        lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=facts))
        ServedModels("llms", cluster=lab, models=first)
        ServedModels("more", cluster=lab, models=second, namespace=namespace)

    return declare


TWO_POOLS = facts_of(h100=("p5.48xlarge", 1), h200=("p5en.48xlarge", 1))
ON_H100, ON_H200 = model("chat", pool="h100"), model("batch", pool="h200")


def test_two_components_never_plan_with_the_gpus_of_one_pool() -> None:
    for namespace in (None, "theirs"):
        error, made = refusal(two(MODELS[:1], MODELS[1:], namespace=namespace))
        (problem,) = error.problems
        assert (problem.field, "'llms'" in problem.cause, "h100" in problem.cause) == ("cluster", True, True)
        assert "pass these models to ServedModels 'llms'" in problem.fix
        assert not [found for found in made if found.name.startswith("more")]
    assert declared(models=MODELS).of("Deployment"), "what the refusal says to do works"


def test_only_one_component_makes_the_classes_of_a_cluster() -> None:
    error, _ = refusal(two([ON_H100], [ON_H200], facts=TWO_POOLS))
    (problem,) = error.problems
    assert (problem.field, "GuardedNamespace" in problem.fix) == ("namespace", True)
    made = registered(two([ON_H100], [ON_H200], facts=TWO_POOLS, namespace="theirs"))
    assert len(made.of("PriorityClass")) == 3
    assert {str(found.at("metadata", "namespace")) for found in made.of("Deployment")} == {"llms", "theirs"}


def test_two_components_have_models_of_different_names() -> None:
    same = model("chat", pool="h200")
    error, _ = refusal(two([ON_H100], [same], facts=TWO_POOLS, namespace="theirs"))
    assert [(problem.field, "'chat'" in problem.cause) for problem in error.problems] == [("models", True)]


def test_clusters_and_programs_in_one_process_are_told_apart() -> None:
    def declare() -> None:
        for name in ("lab", "other"):
            cluster = Cluster(name, ClusterArgs(kubeconfig=f"/{name}", facts=FACTS))
            ServedModels(f"{name}-llms", cluster=cluster, models=[model(f"{name}-chat")])

    assert len(registered(declare).of("PriorityClass")) == 6
    assert registered(declare).made, "a second run of the program"


def test_what_the_program_itself_installs_on_the_cluster_is_told_by_facts() -> None:
    bare = FACTS.model_copy(update={"apis": ()})

    def declare() -> None:
        lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=bare))
        ServedModels("llms", cluster=lab, models=MODELS, facts=lab.facts.with_apis([MONITORING]))

    assert len(registered(declare).of("PodMonitor")) == 3
