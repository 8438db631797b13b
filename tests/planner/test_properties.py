"""What holds for every request: pools are never exceeded, rules are kept, more never means less."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from components.contracts.quantities import Duration
from components.contracts.serving import (
    Engine,
    KvPrecision,
    Precision,
    Refusal,
    ServingPlan,
    ServingRequest,
    Targets,
    Topology,
    Traffic,
)
from components.planner import plan, rules
from components.planner.catalogs.models import model, models
from components.planner.choice.pools import gpu_pools
from components.planner.memory.layout import Layout

from .clusters import MIXED, cluster

_POOLS = cluster(
    t4=("g4dn.12xlarge", 2),
    l4=("g6.48xlarge", 1),
    l40s=("g6e.12xlarge", 2),
    h100=("p5.48xlarge", 3),
    b200=("p6-b200.48xlarge", 1),
)
_ANSWER: TypeAdapter[ServingPlan | Refusal] = TypeAdapter(ServingPlan | Refusal)
_COUNTS = st.one_of(st.none(), st.sampled_from((1, 2, 3, 4, 8, 16)))


def _maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), strategy)


_TRAFFIC = st.builds(
    Traffic,
    requests_per_second=st.floats(0.01, 1e6),
    input_tokens=st.integers(1, 200_000),
    output_tokens=st.integers(1, 50_000),
)
_TARGETS = st.builds(
    Targets, ttft=_maybe(st.floats(0.001, 60).map(Duration)), tpot=_maybe(st.floats(0.0001, 1).map(Duration))
)
_REQUESTS = st.fixed_dictionaries(
    {
        "name": st.just("model"),
        "model": st.sampled_from(sorted(spec.id for spec in models())),
        "engine": _maybe(st.sampled_from(Engine)),
        "precision": _maybe(st.sampled_from(Precision)),
        "kv_precision": _maybe(st.sampled_from(KvPrecision)),
        "gpu": _maybe(st.sampled_from(("T4", "L4", "L40S", "H100-SXM", "B200"))),
        "topology": _maybe(st.sampled_from(Topology)),
        "tensor_parallel": _COUNTS,
        "pipeline_parallel": _COUNTS,
        "data_parallel": _COUNTS,
        "expert_parallel": _maybe(st.booleans()),
        "replicas": _maybe(st.sampled_from((1, 2, 7, 1_000_000))),
        "max_model_len": _maybe(st.integers(1, 1_000_000)),
        "max_num_seqs": _maybe(st.integers(1, 1_000_000)),
        "gpu_memory_utilization": _maybe(st.floats(0.01, 0.99)),
        "traffic": _maybe(_TRAFFIC),
        "targets": _TARGETS,
        "budget_per_hour": _maybe(st.floats(0.01, 1e9)),
        "spare_replicas": st.integers(0, 3),
    }
).map(ServingRequest.model_validate)


@settings(max_examples=200, deadline=None)
@given(request=_REQUESTS, used=st.integers(0, 40))
def test_every_plan_keeps_the_request_the_pool_and_the_rules(request: ServingRequest, used: int) -> None:
    taken = dict.fromkeys((pool.name for pool in _POOLS.pools), used)
    answer = plan(request, _POOLS, used_gpus=taken)
    assert _ANSWER.validate_json(answer.model_dump_json()) == answer, "answers survive JSON"
    if isinstance(answer, Refusal):
        assert answer.changes
        return
    pool = next(candidate for candidate in gpu_pools(_POOLS, taken) if candidate.facts.name == answer.pool)
    assert answer.gpus <= pool.free
    for setting in (
        "engine",
        "precision",
        "kv_precision",
        "gpu",
        "topology",
        "max_model_len",
        "gpu_memory_utilization",
    ):
        fixed = cast("object", getattr(request, setting))
        assert fixed is None or getattr(answer, setting) == fixed, setting
    for role in answer.roles:
        for setting in ("tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel", "max_num_seqs"):
            fixed = cast("object", getattr(request, setting))
            assert fixed is None or getattr(role, setting) == fixed, setting
        layout = Layout(
            tensor_parallel=role.tensor_parallel,
            pipeline_parallel=role.pipeline_parallel,
            data_parallel=role.data_parallel,
            expert_parallel=role.expert_parallel,
        )
        assert answer.checkpoint
        spec = model(answer.checkpoint)
        assert rules.violation(spec, layout, pool.place) is None or spec.native.precision is not answer.precision
        memory = role.memory
        parts = memory.weights + memory.activations + memory.non_torch + memory.cuda_graphs + memory.margin
        assert parts + memory.kv_cache <= answer.gpu_memory_utilization * memory.usable + 8
        assert role.memory.kv_tokens == 0 or role.memory.kv_tokens >= answer.max_model_len
    if request.budget_per_hour is not None:
        assert answer.cost.per_hour is not None
        assert answer.cost.per_hour <= request.budget_per_hour
    if request.targets.tpot is not None:
        assert answer.performance.tpot <= request.targets.tpot + 1e-4


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(sorted(spec.id for spec in models() if not spec.is_encoder)),
    low=st.floats(0.3, 0.98),
    more=st.floats(0.0, 0.6),
)
def test_more_memory_never_lowers_capacity(name: str, low: float, more: float) -> None:
    def capacity(utilization: float) -> tuple[float, int]:
        answer = plan(
            ServingRequest(
                name="model",
                model=name,
                gpu="H100-SXM",
                precision=model(name).native.precision,
                tensor_parallel=1,
                pipeline_parallel=1,
                data_parallel=1,
                expert_parallel=False,
                gpu_memory_utilization=utilization,
                max_model_len=min(2048, model(name).context),
            ),
            _POOLS,
        )
        if isinstance(answer, Refusal):
            return 0.0, 0
        return answer.roles[0].memory.concurrent_requests, answer.roles[0].memory.kv_tokens

    before, after = capacity(low), capacity(min(0.99, low + more))
    assert before <= after


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(("Qwen/Qwen3-8B", "meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-30B-A3B", "BAAI/bge-m3")),
    rate=st.floats(0.01, 50),
    factor=st.floats(1, 20),
    tpot=st.one_of(st.none(), st.floats(0.03, 0.2).map(Duration)),
)
def test_more_traffic_never_lowers_replicas(name: str, rate: float, factor: float, tpot: Duration | None) -> None:
    facts = cluster(h100=("p5.48xlarge", 2000))

    def replicas(rate: float) -> int:
        answer = plan(
            ServingRequest(
                name="model",
                model=name,
                tensor_parallel=4 if "70B" in name else 1,
                traffic=Traffic(requests_per_second=rate, input_tokens=500, output_tokens=100),
                targets=Targets(tpot=tpot),
            ),
            facts,
        )
        return answer.roles[0].replicas if isinstance(answer, ServingPlan) else 1_000_000

    assert replicas(rate) <= replicas(rate * factor)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 1e30, "9" * 400, 10**400])
@pytest.mark.parametrize("setting", ["max_model_len", "replicas", "tensor_parallel", "max_num_seqs", "budget_per_hour"])
def test_hostile_numbers_are_errors_and_never_plans(setting: str, value: object) -> None:
    try:
        request = ServingRequest.model_validate({"name": "model", "model": "Qwen/Qwen3-8B", setting: value})
    except ValidationError:
        return
    assert setting == "budget_per_hour", "counts are bounded by their type"
    answer = plan(request, MIXED)
    assert isinstance(answer, ServingPlan | Refusal)


@settings(max_examples=100, deadline=None)
@given(name=st.text(min_size=1, max_size=200), path=st.one_of(st.none(), st.text(min_size=1, max_size=50)))
def test_unknown_models_are_refused(name: str, path: str | None) -> None:
    answer = plan(ServingRequest(name="model", model=f"?{name}"[:200], config_json=path), MIXED)
    assert isinstance(answer, Refusal)
