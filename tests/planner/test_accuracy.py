"""The predictions stay as close to published measurements as docs/accuracy.md says.

The rows are not part of the repository; without them these tests skip.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.planner_accuracy import placements, recipes, stated

_ROWS = Path(__file__).parents[2].parent / "shared" / "data" / "placements_open.csv"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    if not _ROWS.exists():
        pytest.skip("the measured rows (../shared/data/placements_open.csv) are not there")
    with _ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def report(rows: list[dict[str, str]]) -> placements.Report:
    return placements.evaluate(rows)


def test_plans_need_no_more_gpus_than_published_deployments_or_say_why(rows: list[dict[str, str]]) -> None:
    found, _ = recipes.compare(rows)
    more = [fit for fit in found if fit.needs_more]
    assert len(found) >= 200
    assert len(more) <= 2, [fit.row.id for fit in more]
    assert all(fit.because for fit in more)


def test_memory_for_the_cache_is_predicted_within_one_percent_in_the_median(report: placements.Report) -> None:
    assert report.overall is not None
    assert len(report.kv) >= 22, "the predicate of eligible rows must not narrow"
    assert report.overall.median <= 0.008
    assert report.overall.p90 <= 0.045


def test_small_gpus_are_predicted_within_five_percent_in_the_median(report: placements.Report) -> None:
    assert report.small is not None
    assert report.small.median <= 0.05


def test_the_margin_covers_optimistic_predictions(report: placements.Report) -> None:
    assert report.optimistic == (), "more than half a GiB too much is promised on these rows"


def test_sources_add_inputs_to_rows_and_change_nothing_but_transcribed_sizes(rows: list[dict[str, str]]) -> None:
    for row, completed in zip(rows, stated.completed(rows), strict=True):
        changed = {name for name, value in completed.items() if value != row.get(name, "")}
        assert changed <= stated.INPUTS
        assert {name for name in changed if row.get(name)} <= {"gpu_total_gib"}


def test_weights_follow_from_dimensions_within_four_in_a_thousand(report: placements.Report) -> None:
    assert report.weights_median is not None
    assert report.weights_median <= 0.004


def test_no_failing_deployment_is_accepted(report: placements.Report) -> None:
    assert report.accepted_failures == ()
    assert report.fits_right is not None
    assert report.fits_right >= 0.98
