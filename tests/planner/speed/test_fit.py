"""The shipped coefficients are those of the documented fit, and predict as well as docs/accuracy.md says."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.planner_accuracy.perf import Report, evaluate
from benchmarks.planner_fit.coefficients import steps_held
from benchmarks.planner_fit.predict import Case, case
from benchmarks.planner_fit.rows import Measured, Unusable, parse
from benchmarks.planner_fit.solve import Prior, Sample, fit
from benchmarks.planner_fit.speculation import ACCEPTED
from benchmarks.planner_fit.store import load_left_out, shipped
from components.contracts.serving import Engine

OPEN_ROWS = Path(__file__).parents[4] / "shared/data/perf_open.csv"
ROW = {
    "model": "openai/gpt-oss-120b", "precision": "fp4", "gpu": "H100-80", "engine": "vllm", "engine_version": "0.21",
    "mode": "aggregated", "tp": "2", "pp": "1", "dp": "1", "ep": "1", "isl": "1024", "osl": "1024",
    "concurrency": "64", "ttft_ms": "100", "tpot_ms": "10", "source": "made up",
}  # fmt: skip


@pytest.fixture(scope="module")
def report() -> Report:
    if not OPEN_ROWS.exists():
        pytest.skip("../shared/data/perf_open.csv is not beside this checkout")
    with OPEN_ROWS.open(newline="", encoding="utf-8") as file:
        return evaluate(csv.DictReader(file))


def test_tpot_is_within_12_percent_in_the_median_and_15_on_every_engine(report: Report) -> None:
    assert report.overall.tpot_rows >= 58, "the predicate of eligible rows must not narrow"
    assert report.overall.tpot_median is not None
    assert report.overall.tpot_median <= 0.12
    for group in report.by_engine:
        assert group.tpot_median is not None
        assert group.tpot_median <= 0.15, group.name


def test_the_ttft_band_is_at_most_four_wide_and_holds_four_rows_of_five(report: Report) -> None:
    assert report.band_width <= 4
    assert report.overall.ttft_inside is not None
    assert report.overall.ttft_inside >= 0.8


def test_every_left_out_family_has_its_own_coefficients_for_all_measured_engines() -> None:
    everything, without = shipped(), load_left_out()
    assert len(without) >= 9
    for coefficients in without.values():
        assert set(coefficients.step) == set(coefficients.ttft) == set(Engine) - {Engine.TEI}
        assert coefficients.step != everything.step


def test_the_fit_finds_the_coefficients_behind_clean_samples_despite_outliers() -> None:
    points = [(float(a), float(b), 1.0) for a in range(1, 8) for b in range(1, 8)]
    samples = [Sample(point, 2 * point[0] + 0.5 * point[1], 1.0) for point in points]
    samples[3] = Sample(samples[3].terms, samples[3].seconds * 20, 1.0)
    assert fit(samples) == pytest.approx((2, 0.5, 0), abs=0.05)


def test_a_strong_prior_holds_the_fit_back() -> None:
    samples = [Sample((float(a), 1.0), 3.0 * a, 1.0) for a in range(1, 9)]
    assert fit(samples, Prior((1.0, 0.0), 1e4))[0] == pytest.approx(1, abs=0.1)
    assert fit(samples, Prior((1.0, 0.0), 1e-6))[0] == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("recorded", "meant"),
    [
        (("64", "1", "8"), (8, 1, True)),
        (("1", "64", "8"), (1, 8, True)),
        (("4", "4", "16"), (4, 1, True)),
        (("4", "1", "4"), (4, 1, True)),
        (("1", "8", "8"), (1, 8, True)),
        (("8", "1", "1"), (8, 1, False)),
    ],
)
def test_multiplied_descriptions_of_one_node_are_undone(
    recorded: tuple[str, str, str], meant: tuple[int, int, bool]
) -> None:
    row = parse(ROW | dict(zip(("tp", "dp", "ep"), recorded, strict=True)))
    assert isinstance(row, Measured)
    assert (row.tensor_parallel, row.data_parallel, row.expert_parallel) == meant


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "disaggregated"},
        {"concurrency": ""},
        {"engine": "tgi"},
        {"tp": "72"},
        {"isl": "nan"},
        {"osl": "-"},
        {"concurrency": "1e999"},
        {"tp": "P4/D8"},
        {"engine": "trtllm", "model": "deepseek-ai/DeepSeek-R1"},
        {"engine": "trtllm", "model": "deepseek-ai/DeepSeek-R1", "measured_on": "2026-01-28"},
    ],
)
def test_rows_whose_deployment_is_not_known_are_left_out(change: dict[str, str]) -> None:
    assert isinstance(parse(ROW | change), Unusable)


@pytest.mark.parametrize(
    ("version", "day", "dp", "drafted"),
    [
        ("1.1.0rc2.post2", "2025-12-15", "1", 0),
        ("1.1.0rc2.post2", "2026-01-14", "1", 3),
        ("1.2.0rc6.post2", "2026-02-03", "8", 0),
        ("1.2.0rc6.post3", "2026-02-06", "1", 3),
        ("1.2.0rc6.post3", "2026-02-06", "8", 1),
    ],
)
def test_image_and_day_say_whether_deepseek_r1_drafted_tokens(version: str, day: str, dp: str, drafted: int) -> None:
    run = {"engine": "trtllm", "model": "deepseek-ai/DeepSeek-R1", "engine_version": version, "measured_on": day}
    row = parse(ROW | run | {"tp": "8" if dp == "1" else "1", "dp": dp, "ep": dp})
    assert isinstance(row, Measured)
    assert row.draft_tokens == drafted


def deepseek(**change: str) -> Case:
    run = {
        "engine": "trtllm",
        "model": "deepseek-ai/DeepSeek-R1",
        "gpu": "B200",
        "measured_on": "2025-12-15",
        "tp": "8",
    }
    row = parse(ROW | run | change)
    assert isinstance(row, Measured)
    found = case(row)
    assert isinstance(found, Case)
    return found


def test_drafted_tokens_make_steps_longer_and_tokens_faster() -> None:
    plain, drafting = deepseek(), deepseek(measured_on="2026-01-14")
    step, longer = shipped().tpot(plain), shipped().tpot(drafting) * ACCEPTED[3]
    assert step < longer < ACCEPTED[3] * step


def test_the_wait_for_a_place_is_the_residence_of_those_who_have_one() -> None:
    crowded = deepseek(isl="8192", concurrency="4096")
    assert crowded.queued > crowded.running
    residence = shipped().tpot(crowded) * crowded.lengths.output_tokens
    assert shipped().ttft_middle(crowded) > 0.3 * crowded.queued / crowded.running * residence


def test_balanced_ranks_hold_prompts_back_for_at_most_sixty_steps() -> None:
    ranks = {"tp": "1", "dp": "8", "ep": "8"}
    assert steps_held(deepseek()) == 0
    assert steps_held(deepseek(**ranks, osl="8192")) == 60
    assert 0 < steps_held(deepseek(**ranks, osl="128", concurrency="1024")) < 60


def test_the_cache_is_as_the_scripts_of_the_campaign_set_it() -> None:
    bytes_of = {
        gpu: deepseek(engine="sglang", precision="fp8", gpu=gpu).work.model.kv_bytes_per_token
        for gpu in ("B200", "H200")
    }
    assert bytes_of["H200"] == 2 * bytes_of["B200"]


def test_eligibility_never_looks_at_what_was_measured() -> None:
    for value in ("", "0.001", "1e9"):
        row = parse(ROW | {"ttft_ms": value, "tpot_ms": value, "e2e_ms": value})
        assert isinstance(row, Measured)


@pytest.mark.slow
def test_the_shipped_coefficients_are_those_of_the_fit() -> None:
    rows = os.environ.get("SILICON_SAMPLE", "")
    if not rows:
        pytest.skip("SILICON_SAMPLE does not name aiconfigurator-core 0.12.0's silicon_sample.csv")
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.planner_fit", "--rows", rows, "--check"], cwd=root, check=False
    )
    assert done.returncode == 0
