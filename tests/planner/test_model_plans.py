"""Several models on shared pools: planned in order, refused together."""

from __future__ import annotations

import pytest

from components.contracts.api_groups import CUSTOM_METRICS, MONITORING
from components.contracts.api_groups import KEDA as KEDA_API
from components.contracts.autoscaling import HpaScaling, KedaScaling
from components.contracts.errors import StrataError
from components.contracts.pools import GpuPool, PoolRange
from components.contracts.served_models import ServedModel
from components.contracts.serving import Engine, Topology
from components.planner.deployable import MODEL_SERVERS
from components.planner.model_plans import plan_models, used_gpus
from components.planner.scaling import rollout_spare
from components.planner.shapes import pool_facts
from components.serving.engines import engine_adapter, has_adapter

from .clusters import cluster

REVISION = "f2826a00ceef68f0f2b946d945ecc0477ce4450c"
QWEN = "Qwen/Qwen2-7B-Instruct"
LLAMA_405B = "meta-llama/Llama-3.1-405B-Instruct"
KEDA = KedaScaling(kind="keda", max_replicas=4, prometheus="http://prometheus.monitoring:9090")


def served(name: str, model: str = QWEN, **fixed: object) -> ServedModel:
    return ServedModel.model_validate({"name": name, "model": model, "revision": REVISION, **fixed})


def test_a_model_gets_only_the_gpus_that_earlier_models_left() -> None:
    facts = cluster(h100=("p5.48xlarge", 1), l40s=("g6e.12xlarge", 1))
    plans = plan_models([served("first", pool="h100", replicas=8), served("second")], facts)
    assert plans["first"].pool == "h100"
    assert plans["second"].pool == "l40s", "the first model holds all GPUs of the other pool"
    with pytest.raises(StrataError) as caught:
        plan_models([served("first", pool="h100", replicas=8), served("second", pool="h100")], facts)
    assert [problem.field.partition(".")[0] for problem in caught.value.problems] == ["models[1]"]


def test_a_rollout_counts_on_gpus_that_no_model_takes_at_its_maximum() -> None:
    facts = cluster(h100=("p5.48xlarge", 2), l40s=("g6e.12xlarge", 1))
    models = [served("one", pool="h100", replicas=3), served("two", pool="h100", replicas=2)]
    plans = plan_models(models, facts)
    assert used_gpus(plans) == {"h100": 5}
    assert rollout_spare(models, plans, facts) == {"one": 11, "two": 11}
    scaled = [models[0].model_copy(update={"autoscaling": HpaScaling(max_replicas=10)}), models[1]]
    assert rollout_spare(scaled, plans, facts) == {"one": 4, "two": 4}
    full = [models[0].model_copy(update={"autoscaling": HpaScaling(max_replicas=14)}), models[1]]
    assert rollout_spare(full, plans, facts) == {"one": 0, "two": 0}


def test_spare_gpus_that_are_scattered_over_nodes_are_no_room_for_a_rollout() -> None:
    facts = cluster(h100=("p5.48xlarge", 2)).with_apis([CUSTOM_METRICS])
    models = [served("one", replicas=7, tensor_parallel=2)]
    assert rollout_spare(models, plan_models(models, facts), facts) == {"one": 2}
    mixed = [served("one", replicas=5, tensor_parallel=2, autoscaling=HpaScaling(max_replicas=5)), served("two")]
    spare = rollout_spare(mixed, plan_models(mixed, facts), facts)
    assert spare == {"one": 5, "two": 5}
    three = [served("one", replicas=3, tensor_parallel=4), served("two", replicas=1)]
    assert rollout_spare(three, plan_models(three, facts), facts)["one"] == 0, "three are free, on one node or on two"


@pytest.mark.parametrize(
    ("most", "fix"),
    [
        (1, "write 2 or more"),
        (2, None),
        (16, None),
        (17, "write 16 or less"),
        (1000, "write 16 or less"),
    ],
)
def test_the_maximum_of_an_autoscaler_fits_the_pool_and_the_plan(most: int, fix: str | None) -> None:
    models = [served("one", pool="h100", replicas=2, autoscaling=HpaScaling(max_replicas=most))]
    facts = cluster(h100=("p5.48xlarge", 2)).with_apis([CUSTOM_METRICS])
    if fix is None:
        assert plan_models(models, facts)
        return
    with pytest.raises(StrataError) as caught:
        plan_models(models, facts)
    (problem,) = caught.value.problems
    assert problem.field == "models[0].autoscaling.max_replicas"
    assert fix in problem.fix


def test_a_pool_that_is_scaled_holds_replicas_up_to_its_largest_size() -> None:
    pool = GpuPool(name="h100", instance_type="p5.48xlarge", count=1, autoscaled=PoolRange(minimum=1, maximum=4))
    facts = cluster().with_apis([CUSTOM_METRICS]).model_copy(update={"pools": (pool_facts(pool),)})
    assert plan_models([served("one", autoscaling=HpaScaling(max_replicas=32))], facts)
    with pytest.raises(StrataError, match="write 32 or less"):
        plan_models([served("one", autoscaling=HpaScaling(max_replicas=33))], facts)


def test_an_hpa_is_advised_in_place_of_keda_only_where_it_has_metrics() -> None:
    for groups, advised in (([], False), ([CUSTOM_METRICS], True)):
        facts = cluster(h100=("p5.48xlarge", 1)).with_apis(groups)
        with pytest.raises(StrataError) as caught:
            plan_models([served("scaled", autoscaling=KEDA)], facts)
        assert ("kind: hpa" in str(caught.value)) is advised


def test_every_problem_of_every_model_comes_at_once() -> None:
    models = [
        served("missing", model="Qwen/Qwen2-7B-Instrct"),
        served("scaled", autoscaling=KEDA),
        served("large", pool="h100", replicas=99),
    ]
    with pytest.raises(StrataError) as caught:
        plan_models(models, cluster(h100=("p5.48xlarge", 1)))
    fields = {problem.field for problem in caught.value.problems}
    assert {"models[0].model", "models[1].autoscaling.kind"} <= fields
    assert any(field.startswith("models[2]") for field in fields)


def test_two_models_of_one_name_are_refused_before_anything_is_planned() -> None:
    with pytest.raises(StrataError) as caught:
        plan_models([served("same"), served("same", model="unknown/model")], cluster(h100=("p5.48xlarge", 1)))
    (problem,) = caught.value.problems
    assert problem.field == "models[1].name"
    assert "models[0]" in problem.cause


@pytest.mark.parametrize(
    ("fixed", "field", "fix"),
    [
        ({"engine": "sglang"}, "models[0].engine", "engine: vllm"),
        ({"engine": "tensorrt-llm"}, "models[0].engine", "engine: vllm"),
        ({"model": "BAAI/bge-base-en-v1.5"}, "models[0].model", "engine: vllm"),
        ({"model": "BAAI/bge-base-en-v1.5", "engine": "tei"}, "models[0].engine", "engine: vllm"),
        ({"topology": "disaggregated"}, "models[0].topology", "leave topology open"),
        ({"topology": "multi-node"}, "models[0].topology", "leave topology open"),
        ({"pipeline_parallel": 2, "tensor_parallel": 8, "model": LLAMA_405B}, "models[0].pipeline_parallel", "fp8"),
        ({"model": LLAMA_405B}, "models[0].model", f"{LLAMA_405B}-FP8"),
    ],
)
def test_what_no_server_can_be_started_for_is_refused_with_a_change_that_is_planned(
    fixed: dict[str, object], field: str, fix: str
) -> None:
    model = str(fixed.pop("model", QWEN))
    with pytest.raises(StrataError) as caught:
        plan_models([served("one", model=model, **fixed)], cluster(h100=("p5.48xlarge", 4)))
    (problem,) = caught.value.problems
    assert problem.field == field
    assert fix in problem.fix
    assert "several nodes" not in problem.fix
    assert "leave topology open (fits on 16" not in problem.fix


def test_a_change_after_a_refusal_is_never_one_that_is_refused() -> None:
    with pytest.raises(StrataError) as caught:
        plan_models([served("one", model=LLAMA_405B, topology="replicated")], cluster(h100=("p5.48xlarge", 2)))
    assert "leave topology open" not in str(caught.value)
    plans = plan_models(
        [served("one", model="meta-llama/Llama-3.1-405B-Instruct-FP8")], cluster(h100=("p5.48xlarge", 2))
    )
    assert plans["one"].topology is Topology.REPLICATED


def test_every_engine_and_topology_that_is_planned_for_servers_has_an_adapter() -> None:
    assert {engine for engine in Engine if has_adapter(engine)} == MODEL_SERVERS.engines
    assert all(engine_adapter(engine) for engine in MODEL_SERVERS.engines)


def test_a_revision_of_another_repository_is_refused() -> None:
    with pytest.raises(StrataError) as caught:
        plan_models([served("big", model="meta-llama/Llama-3.1-405B-Instruct")], cluster(h100=("p5.48xlarge", 1)))
    (problem,) = caught.value.problems
    assert problem.field == "models[0].model"
    assert "is published as" in problem.cause


def test_an_hpa_whose_metric_nobody_serves_is_refused() -> None:
    models = [served("fixed"), served("chat", autoscaling=HpaScaling(max_replicas=4))]
    facts = cluster(h100=("p5.48xlarge", 1))
    with pytest.raises(StrataError) as caught:
        plan_models(models, facts)
    (problem,) = caught.value.problems
    assert problem.field == "models[1].autoscaling.kind"
    assert "apis: [custom.metrics.k8s.io]" in problem.fix
    assert plan_models(models, facts.with_apis([CUSTOM_METRICS])), "an adapter that was named is believed"


def test_the_way_out_of_an_hpa_names_what_keda_lacks_there() -> None:
    facts = cluster(h100=("p5.48xlarge", 1))
    both = "services: {keda: {install: true}, prometheus: {install: true}}"
    for known, expected, lacks in (
        (facts, both, "address"),
        (facts.with_apis([KEDA_API]), "services: {prometheus: {install: true}}", "keda: {install"),
        (facts.with_apis([MONITORING]), "address", "prometheus: {install"),
        (facts.with_apis([KEDA_API, MONITORING]), "address", "install"),
        (facts.with_apis([KEDA_API]).model_copy(update={"prometheus": "http://theirs:9090"}), "kind: keda;", "install"),
    ):
        with pytest.raises(StrataError) as caught:
            plan_models([served("chat", autoscaling=HpaScaling(max_replicas=4))], known)
        (problem,) = caught.value.problems
        assert expected in problem.fix
        assert lacks not in problem.fix
