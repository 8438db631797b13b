"""Several models on shared pools: planned in order, refused together."""

from __future__ import annotations

import pytest

from components.contracts.autoscaling import KedaScaling
from components.contracts.errors import StrataError
from components.contracts.served_models import ServedModel
from components.planner.model_plans import plan_models, spare_gpus, used_gpus

from .clusters import cluster

REVISION = "f2826a00ceef68f0f2b946d945ecc0477ce4450c"
QWEN = "Qwen/Qwen2-7B-Instruct"
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


def test_spare_gpus_are_those_of_a_pool_that_no_plan_takes() -> None:
    facts = cluster(h100=("p5.48xlarge", 2), l40s=("g6e.12xlarge", 1))
    plans = plan_models([served("one", pool="h100", replicas=3), served("two", pool="h100", replicas=2)], facts)
    assert used_gpus(plans) == {"h100": 5}
    assert spare_gpus(plans, facts) == {"h100": 11}


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


def test_a_revision_of_another_repository_is_refused() -> None:
    with pytest.raises(StrataError) as caught:
        plan_models([served("big", model="meta-llama/Llama-3.1-405B-Instruct")], cluster(h100=("p5.48xlarge", 1)))
    (problem,) = caught.value.problems
    assert problem.field == "models[0].model"
    assert "is published as" in problem.cause
