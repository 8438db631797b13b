import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.contracts.quantities import Duration
from components.contracts.serving import Targets
from components.planner.memory.layout import Layout
from components.planner.speed import (
    Lengths,
    Workload,
    cost_per_hour,
    cost_per_million_tokens,
    kv_transfer,
    largest_batch,
    prefill,
    replicas_for,
    time_per_output_token,
    ttft_band,
)
from components.planner.speed.batch import largest
from components.planner.speed.prefill import prefill_occupancy
from components.planner.speed.queueing import MAX_UTILIZATION, erlang_c, prefill_wait

from .conftest import replica

LENGTHS = Lengths(2000, 500)
RATES = st.floats(1e-3, 1e5)
TARGETS = st.sampled_from(
    [Targets(), Targets(ttft=Duration(3)), Targets(tpot=Duration(0.05)), Targets(ttft=Duration(2), tpot=Duration(0.03))]
)
NAMES = st.sampled_from(["meta-llama/Llama-3.1-70B-Instruct", "openai/gpt-oss-120b"])


def test_the_largest_batch_keeps_both_targets_and_one_more_would_not(llama_70b: Workload) -> None:
    targets = Targets(tpot=Duration(0.03))
    batch = largest_batch(llama_70b, 10_000, LENGTHS, targets)
    assert (
        time_per_output_token(llama_70b, batch, LENGTHS) <= 0.03 < time_per_output_token(llama_70b, batch + 1, LENGTHS)
    )
    targets = Targets(ttft=Duration(2))
    batch = largest_batch(llama_70b, 10_000, LENGTHS, targets)
    assert ttft_band(llama_70b, batch, LENGTHS).high <= 2 < ttft_band(llama_70b, batch + 1, LENGTHS).high


def test_targets_that_one_request_misses_leave_no_batch_and_no_replicas(llama_70b: Workload) -> None:
    impossible = Targets(tpot=Duration(1e-4))
    assert largest_batch(llama_70b, 100, LENGTHS, impossible) == 0
    assert replicas_for(llama_70b, 100, 1.0, LENGTHS, impossible) is None


@given(st.integers(0, 300), st.integers(0, 300))
def test_bisection_finds_the_last_that_holds(limit: int, last: int) -> None:
    assert largest(limit, lambda n: n <= last) == min(limit, last)


@settings(deadline=None)
@given(rate=RATES, factor=st.floats(1, 100), targets=TARGETS, name=NAMES, limit=st.integers(1, 1000))
def test_more_traffic_never_lowers_replicas(
    rate: float, factor: float, targets: Targets, name: str, limit: int
) -> None:
    work = replica(name, layout=Layout(tensor_parallel=8))
    few = replicas_for(work, limit, rate, LENGTHS, targets)
    many = replicas_for(work, limit, rate * factor, LENGTHS, targets)
    if few is None:
        assert many is None
    else:
        assert many is None or many.replicas >= few.replicas


@settings(deadline=None)
@given(rate=RATES, targets=TARGETS, limit=st.integers(1, 1000))
def test_replicas_stay_below_three_quarters_of_their_capacity(rate: float, targets: Targets, limit: int) -> None:
    load = replicas_for(replica("openai/gpt-oss-120b", layout=Layout(tensor_parallel=2)), limit, rate, LENGTHS, targets)
    if load is None:
        return
    assert load.utilization <= MAX_UTILIZATION + 1e-9
    assert load.batch <= load.batch_limit
    assert load.ttft.high / load.ttft.low == pytest.approx(4)
    if targets.tpot is not None:
        assert load.tpot <= targets.tpot


def test_erlang_c_agrees_with_known_values() -> None:
    assert erlang_c(1, 0.5) == pytest.approx(0.5), "M/M/1 waits with probability rho"
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(10, 8.0) == pytest.approx(0.409, abs=1e-3)
    assert erlang_c(3, 3.0) == 1.0
    assert erlang_c(10_000, 7_000.0) == 0.0


def test_prompts_wait_by_pollaczek_and_khinchine() -> None:
    assert prefill_wait(0.5, 1.0) == pytest.approx(1.0), "rho = 0.5 with exponential prompts waits one service time"
    assert prefill_wait(2.0, 1.0) == math.inf


def test_a_pipeline_speeds_a_prompt_up_only_when_it_is_filled() -> None:
    piped = replica("meta-llama/Llama-3.1-70B-Instruct", layout=Layout(tensor_parallel=4, pipeline_parallel=2))
    assert prefill(piped, 8192, 8) < 0.6 * prefill(piped, 8192, 1)


def test_a_prompt_keeps_others_waiting_for_one_stage_only() -> None:
    piped = replica("meta-llama/Llama-3.1-70B-Instruct", layout=Layout(tensor_parallel=4, pipeline_parallel=2))
    assert prefill_occupancy(piped, 8192) == pytest.approx(prefill(piped, 8192) / 2)
    single = replica("meta-llama/Llama-3.1-70B-Instruct", layout=Layout(tensor_parallel=4))
    loads = [replicas_for(of, 64, 20.0, Lengths(8192, 1), Targets()) for of in (piped, single)]
    piped_count, single_count = (load.replicas for load in loads if load)
    assert piped_count < 0.7 * single_count, "twice the GPUs compute twice the prompts"


def test_kv_transfer_of_a_70b_prompt_takes_as_long_as_the_arithmetic_says(llama_70b: Workload) -> None:
    assert kv_transfer(llama_70b.model, 8192, 8 * 50e9) == pytest.approx(8.4e-3, rel=0.01)
    assert kv_transfer(llama_70b.model, 8192, 12.5e9) == pytest.approx(0.268, rel=0.01)
    with pytest.raises(ValueError, match="bandwidth above 0"):
        kv_transfer(llama_70b.model, 8192, 0)


def test_an_unknown_price_is_never_zero() -> None:
    assert cost_per_hour(None, 3) is None
    assert cost_per_million_tokens(None, 100.0) is None
    assert cost_per_million_tokens(10.0, 0.0) is None
    assert cost_per_hour(98.0, 2) == 196
    assert cost_per_million_tokens(36.0, 10_000.0) == pytest.approx(1.0)
