"""How measured rows are read: spellings, defaults by version, trust, and what each of them tests."""

from __future__ import annotations

import pytest

from benchmarks.planner_accuracy import placements
from benchmarks.planner_accuracy.deployments import Deployment, read
from benchmarks.planner_accuracy.spellings import meanings
from components.contracts.serving import Precision

ROW = dict.fromkeys(
    ("enforce_eager", "kv_connector", "kv_tokens", "kv_gib_per_gpu", "weights_gib_per_gpu", "activation_gib",
     "nontorch_gib", "cudagraph_gib", "max_num_seqs", "max_num_batched_tokens", "max_model_len"),
    "",
) | {
    "id": "made-up", "engine": "vllm", "engine_version": "0.11", "model": "meta-llama/Llama-3.1-8B-Instruct",
    "precision": "bf16", "kv_dtype": "auto(bf16)", "gpu": "A100-80", "gpu_total_gib": "79.2", "gpu_count": "1",
    "nodes": "1", "tp": "1", "pp": "1", "ep": "1", "dp": "1", "gpu_memory_utilization": "0.9", "source": "",
    "outcome": "works (KV reported)", "value": "", "source_kind": "GitHub issue log", "trust": "medium",
}  # fmt: skip


def deployed(**cells: str) -> Deployment:
    row = read(ROW | cells)
    assert isinstance(row, Deployment), row
    return row


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("bfloat16", Precision.BF16),
        ("torch.float16", Precision.FP16),
        ("half", Precision.FP16),
        ("FP8 (e4m3)", Precision.FP8),
        ("fp8_block", Precision.FP8),
        ("fbgemm_fp8", Precision.FP8),
        ("fp8-dynamic", Precision.FP8),
        ("modelopt", Precision.FP8),
        ("modelopt_fp4", Precision.NVFP4),
        ("fp4", Precision.NVFP4),
        ("awq_marlin", Precision.AWQ_INT4),
        ("W4A16", Precision.INT4),
    ],
)
def test_precisions_are_read_as_people_and_engines_spell_them(spelled: str, meant: Precision) -> None:
    found = meanings(spelled)
    assert found
    assert found[0] is meant


@pytest.mark.parametrize("spelled", ["compressed-tensors", "auto", "bf16/native", "modelopt_mixed"])
def test_some_names_say_only_that_the_checkpoint_is_taken_as_it_is(spelled: str) -> None:
    assert meanings(spelled) == ()
    row = deployed(model="RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", precision=spelled)
    assert row.spec.native.precision is Precision.FP8


def test_a_name_that_means_nothing_is_not_guessed() -> None:
    assert meanings("bnb-nf4") is None
    assert read(ROW | {"precision": "bnb-nf4"}) == "precision bnb-nf4"


def test_modelopt_is_the_precision_of_the_checkpoint_that_it_wrote() -> None:
    assert deployed(model="nvidia/DeepSeek-R1-NVFP4", precision="modelopt").spec.id == "nvidia/DeepSeek-R1-NVFP4"


@pytest.mark.parametrize(
    ("version", "utilization", "sequences"),
    [("0.8.5", 0.9, 1024), ("0.9.2", 0.9, 256), ("0.20.1", 0.92, 256), ("0.6.4", 0.9, 256)],
)
def test_settings_that_are_not_given_are_the_versions_defaults(
    version: str, utilization: float, sequences: int
) -> None:
    row = deployed(engine_version=version, gpu_memory_utilization="")
    assert (row.effective_utilization, row.limits.max_num_seqs) == (utilization, sequences)


def test_rows_of_low_trust_do_not_count() -> None:
    assert read(ROW | {"trust": "low (settings partial)"}) == "trust low"


def test_a_context_larger_than_the_cache_is_the_rows_or_the_models() -> None:
    short = {"gpu_memory_utilization": "0.25", "outcome": "FAIL (max_model_len > KV)"}
    rows = [ROW | short, ROW | short | {"max_model_len": "4096"}, ROW | short | {"outcome": "works (KV reported)"}]
    verdicts = placements.evaluate(rows).verdicts
    assert [verdict.predicted for verdict in verdicts] == [False, True, True]


def test_every_row_counts_or_is_counted_by_its_reason() -> None:
    rows = [
        ROW | {"kv_gib_per_gpu": "50"},
        ROW,
        ROW | {"trust": "low"},
        ROW | {"model": "nobody/nothing"},
        ROW | {"outcome": "OOM (runtime)", "kv_gib_per_gpu": "50"},
    ]
    report = placements.evaluate(rows)
    assert report.rows == len(rows)
    unread = sum(count for _, count in report.unread)
    assert len(report.kv) + sum(count for _, count in report.left_out) + unread == len(rows)
    assert len(report.verdicts) + sum(count for _, count in report.unjudged) + unread == len(rows)
