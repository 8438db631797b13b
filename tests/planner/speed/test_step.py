import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts.serving import Engine
from components.planner.catalogs.models import model
from components.planner.memory.layout import Layout
from components.planner.speed import Lengths, Workload, decode_step, time_per_output_token
from components.planner.speed.collectives import all_reduce_bytes, all_to_all_bytes, pipeline_bubble
from components.planner.speed.efficiency import STEP, TTFT
from components.planner.speed.kernels import kernel_launches
from components.planner.speed.prefill import TTFT_FEATURES
from components.planner.speed.step import FEATURES, PrefillLoad, roofline, steady_prefill

from .conftest import replica

MODELS = [
    "meta-llama/Llama-3.1-70B-Instruct",
    "deepseek-ai/DeepSeek-R1",
    "openai/gpt-oss-120b",
    "Qwen/Qwen3.5-397B-A17B",
]
LENGTHS = Lengths(1024, 512)


def test_every_engine_has_a_physical_coefficient_for_every_term() -> None:
    for engine in Engine:
        assert len(STEP[engine]) == len(FEATURES)
        assert len(TTFT[engine]) == len(TTFT_FEATURES)
        assert min(STEP[engine] + TTFT[engine]) >= 0
        assert 0.9 < STEP[engine][0] < 2, "weights cannot be read much faster than the data sheet's bandwidth"


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "layout", [Layout(tensor_parallel=8), Layout(tensor_parallel=2, data_parallel=4), Layout(pipeline_parallel=2)]
)
@pytest.mark.parametrize("batch", [1, 7, 300])
def test_the_collapsed_step_is_the_sum_of_its_terms(name: str, layout: Layout, batch: int) -> None:
    work = replica(name, layout=layout)
    load = steady_prefill(batch, LENGTHS.input_tokens, LENGTHS.output_tokens)
    terms = roofline(work).features(batch, LENGTHS.input_tokens, LENGTHS.input_tokens + LENGTHS.output_tokens / 2, load)
    by_term = sum(a * b for a, b in zip(STEP[work.engine], terms, strict=True))
    assert time_per_output_token(work, batch, LENGTHS) == pytest.approx(by_term)


def test_one_sequence_reads_all_weights_once(llama_70b: Workload) -> None:
    terms = dict(zip(FEATURES, roofline(llama_70b).features(1, 100, 100, PrefillLoad()), strict=True))
    # 141.1 GB less the input embedding of 2.1 GB, over 8 GPUs of 3.35 TB/s.
    assert terms["weights read"] == pytest.approx(139e9 / 8 / 3.35e12, rel=0.01)
    assert terms["prefill FLOPs"] == 0


def test_a_single_token_touches_only_its_own_experts(deepseek: Workload) -> None:
    line = roofline(deepseek)
    assert line.touched(1, 0, 0) == pytest.approx(line.experts * 8 / 256)
    assert line.touched(10_000, 0, 0) == pytest.approx(line.experts)


def test_latent_attention_launches_more_kernels_than_grouped_query_attention() -> None:
    deepseek, qwen = replica("deepseek-ai/DeepSeek-R1").model, replica("Qwen/Qwen3-235B-A22B-FP8").model
    assert deepseek.launches / deepseek.layers > qwen.launches / qwen.layers


def test_uncounted_models_get_a_plausible_number_of_kernels() -> None:
    for name in MODELS:
        terms = replica(name).model
        assert kernel_launches(model(name)) == terms.launches
        assert replace(terms, launches=0).kernels == pytest.approx(terms.launches, rel=0.5)


@given(batch=st.integers(1, 2000), more=st.integers(0, 2000), name=st.sampled_from(MODELS))
def test_a_larger_batch_never_makes_a_token_faster(batch: int, more: int, name: str) -> None:
    work = replica(name, layout=Layout(tensor_parallel=4, data_parallel=2))
    assert time_per_output_token(work, batch + more, LENGTHS) >= time_per_output_token(work, batch, LENGTHS)


@given(st.sampled_from(MODELS), st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0, 1e5))
def test_times_are_positive_and_finite(name: str, batch: float, context: float, prompt: float) -> None:
    seconds = decode_step(replica(name, layout=Layout(tensor_parallel=8)), batch, context, prompt)
    assert seconds > 0
    assert math.isfinite(seconds)


def test_a_pipeline_does_not_make_a_token_faster_than_its_weights(llama_70b: Workload) -> None:
    piped = replica("meta-llama/Llama-3.1-70B-Instruct", layout=Layout(tensor_parallel=8, pipeline_parallel=2))
    assert time_per_output_token(piped, 1, LENGTHS) >= time_per_output_token(llama_70b, 1, LENGTHS) * 0.99


def test_collectives_count_what_crosses_the_link() -> None:
    assert all_reduce_bytes(100, 1) == 0
    assert all_reduce_bytes(100, 8) == pytest.approx(175)
    assert all_to_all_bytes(1, 7168, 8, 8) == pytest.approx(8 * 7168 * 3 * 7 / 8)
    assert pipeline_bubble(4, 4) == pytest.approx(3 / 7)
    assert pipeline_bubble(1, 9) == 0


def test_parallel_sizes_below_one_are_refused(llama_70b: Workload) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Workload(model=llama_70b.model, gpu=llama_70b.gpu, engine=Engine.VLLM, tensor_parallel=0)
