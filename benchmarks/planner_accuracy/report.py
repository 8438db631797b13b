"""Tables of accuracy, in Markdown for ``docs/accuracy.md`` and as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from . import perf, placements, recipes

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def placements_markdown(report: placements.Report) -> str:
    """Memory and fit."""
    groups = [
        group
        for title, found in (
            ("", (report.overall, report.small)),
            ("family ", report.by_family),
            ("GPU ", report.by_gpu),
            ("vLLM ", report.by_version),
        )
        for group in (_kv_row(title, figures) for figures in found if figures is not None)
    ]
    summary = [
        ["Memory for keys and values: eligible rows", str(len(report.kv))],
        ["… median absolute error", _percent(report.overall.median if report.overall else None)],
        ["… 90th percentile", _percent(report.overall.p90 if report.overall else None)],
        [
            f"… median on GPUs up to {placements.SMALL_GPU_GIB:g} GiB",
            _percent(report.small.median if report.small else None),
        ],
        ["… optimistic by more than 0.5 GiB with the margin on", ", ".join(report.optimistic) or "none"],
        ["Weights: rows", str(len(report.weights))],
        ["… median absolute error", _percent(report.weights_median)],
        [
            "Fits or not: rows, of which work",
            f"{len(report.verdicts)}, {sum(verdict.works for verdict in report.verdicts)}",
        ],
        ["… judged right", _percent(report.fits_right)],
        ["… failed deployments accepted", ", ".join(report.accepted_failures) or "none"],
    ]
    return "\n\n".join(
        (
            _table(("What", "Result"), summary),
            _table(("Rows", "Count", "Median error", "90th percentile", "Bias"), groups),
            _table(("Row", "Model", "GPU", "Predicted GiB", "Measured GiB", "Error GiB"), map(_kv_line, report.kv)),
            _counted(report),
            _table(("Not readable because", "Rows"), ([why, str(n)] for why, n in report.unread)),
            _table(("Does not test the cache because", "Rows"), ([why, str(n)] for why, n in report.left_out)),
            _table(("Does not test the verdict because", "Rows"), ([why, str(n)] for why, n in report.unjudged)),
        )
    )


def _counted(report: placements.Report) -> str:
    return (
        f"Of {report.rows} rows {_total(report.unread)} are not readable. Of the others {len(report.kv)} test the "
        f"cache and {_total(report.left_out)} do not; {len(report.verdicts)} test the verdict and "
        f"{_total(report.unjudged)} do not."
    )


def _total(counted: Iterable[tuple[str, int]]) -> int:
    return sum(count for _, count in counted)


def _kv_row(title: str, group: placements.Group) -> list[str]:
    return [
        f"{title}{group.name}",
        str(group.rows),
        _percent(group.median),
        _percent(group.p90),
        f"{group.bias_gib:+.2f} GiB",
    ]


def _kv_line(result: placements.Kv) -> list[str]:
    return [
        result.row.id,
        result.row.spec.id,
        result.row.card.name,
        f"{result.predicted:.2f}",
        f"{result.measured:.2f}",
        f"{result.error:+.2f}",
    ]


def recipes_markdown(found: tuple[recipes.Comparison, ...], unread: tuple[tuple[str, int], ...]) -> str:
    """GPUs beside published deployments."""
    more = [comparison for comparison in found if comparison.needs_more]
    others = "; ".join(f"{why}: {count}" for why, count in unread)
    summary = (
        f"{len(found)} published recipes and nightly configurations were planned for the same model, precision, "
        f"GPU type and context ({_total(unread)} more cannot be: {others or 'none'}): {len(found) - len(more)} "
        f"need no more GPUs per replica than published, {len(more)} need more."
    )
    if not more:
        return summary
    table = _table(
        ("Row", "Model", "GPU", "Published", "Planned", "Why not as published"),
        (
            [
                comparison.row.id,
                comparison.row.spec.id,
                comparison.row.card.name,
                str(comparison.published),
                "refused" if comparison.planned is None else str(comparison.planned),
                comparison.because,
            ]
            for comparison in more
        ),
    )
    return f"{summary}\n\n{table}"


def perf_markdown(report: perf.Report) -> str:
    """Latency."""
    groups = (report.overall, *report.by_engine, *report.by_family, *report.by_gpu)
    table = _table(
        ("Rows", "Count", "TPOT median error", "Bias", "Within 20 %", "TTFT inside band"),
        (
            [
                group.name,
                str(group.rows),
                _percent(group.tpot_median),
                _percent(group.tpot_bias),
                _percent(group.tpot_near),
                _percent(group.ttft_inside),
            ]
            for group in groups
        ),
    )
    width = f"The TTFT band's upper end is {report.band_width:.1f} × its lower end."
    left_out = _table(("Not eligible because", "Rows"), ([why, str(n)] for why, n in report.left_out))
    return f"{table}\n\n{width}\n\n{left_out}"


def placements_json(report: placements.Report) -> dict[str, Json]:
    """Memory and fit as plain data; shares from 0 to 1."""
    overall, small = report.overall, report.small
    return {
        "kv_rows": len(report.kv),
        "kv_median_error": overall.median if overall else None,
        "kv_p90_error": overall.p90 if overall else None,
        "kv_median_error_small_gpus": small.median if small else None,
        "optimistic_rows": list(report.optimistic),
        "weights_rows": len(report.weights),
        "weights_median_error": report.weights_median,
        "fit_rows": len(report.verdicts),
        "fit_right": report.fits_right,
        "accepted_failures": list(report.accepted_failures),
        "kv": [
            {"id": result.row.id, "predicted_gib": result.predicted, "measured_gib": result.measured}
            for result in report.kv
        ],
        "groups": [
            {"name": group.name, "rows": group.rows, "median": group.median, "p90": group.p90}
            for group in (*report.by_family, *report.by_gpu, *report.by_version)
        ],
        "rows": report.rows,
        "not_eligible": dict(report.left_out),
        "not_judged": dict(report.unjudged),
        "not_readable": dict(report.unread),
    }


def perf_json(report: perf.Report) -> dict[str, Json]:
    """Latency as plain data; shares from 0 to 1."""
    groups = (report.overall, *report.by_engine, *report.by_family, *report.by_gpu)
    return {
        "ttft_band_width": report.band_width,
        "groups": [
            {
                "name": group.name,
                "rows": group.rows,
                "tpot_median_error": group.tpot_median,
                "tpot_mean_error": group.tpot_mean,
                "ttft_inside": group.ttft_inside,
            }
            for group in groups
        ],
        "not_eligible": dict(report.left_out),
    }
