"""A preview as people get it on a pull request."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue

from cli.report.changes import Run
from cli.report.costs import CostReport, cost_report
from cli.report.markdown import Preview, code, markdown_of, markdown_of_problems
from cli.report.tables import show_costs
from components.contracts.costs import CostLine
from components.contracts.errors import Problem
from stacks.outputs import DeployedCosts
from tests.cli.events import SECRET, error, run_from, step, summary

NO_COSTS = CostReport((), None)
GROUP = "aws:eks/nodeGroup:NodeGroup"
FILES = "aws:efs/fileSystem:FileSystem"


def line(item: str, usd: float | None) -> CostLine:
    return CostLine(item=item, usd_per_hour=usd, region="us-east-2", date="2026-07-20")


def report(run: Run, costs: CostReport = NO_COSTS) -> str:
    return markdown_of(Preview(stack="aws", notes=["SIMULATED: nothing is paid for"], run=run, costs=costs, plans=[]))


def a_replacement(folder: Path) -> Run:
    return run_from(
        folder,
        step("create", "aws:ec2/vpc:Vpc", "net", new={}),
        step("update", GROUP, "cpu", old={"size": 2}, new={"size": 3}, detailed={"size": "update"}),
        step(
            "replace",
            FILES,
            "shared",
            old={"encrypted": False},
            new={"encrypted": True},
            detailed={"encrypted": "update-replace"},
            protect=True,
        ),
        step("delete", "aws:ec2/subnet:Subnet", "old", old={}),
        summary(create=1, update=1, replace=1, delete=1, same=40),
    )


def test_the_summary_counts_what_changes(tmp_path: Path) -> None:
    text = report(a_replacement(tmp_path))
    assert "**1** to create, **1** to update, **1** to replace, **1** to delete, 40 unchanged" in text


def test_what_is_lost_stands_before_everything_else(tmp_path: Path) -> None:
    text = report(a_replacement(tmp_path))
    danger = text.index("loses its files; because of encrypted; it is protected, so the run would stop")
    assert danger < text.index("`old`") < text.index("property changes") < text.index("All 4 resources")


def test_a_changed_property_shows_both_values_and_whether_it_replaces(tmp_path: Path) -> None:
    text = report(a_replacement(tmp_path))
    assert "| `cpu` | `size` | `2` | `3` |  |" in text
    assert "| `shared` | `encrypted` | `false` | `true` | replaces |" in text


def test_secrets_and_whole_files_are_withheld(tmp_path: Path) -> None:
    old: dict[str, JsonValue] = {"token": SECRET, "nested": {"key": SECRET}, "data": "x" * 5000}
    new: dict[str, JsonValue] = {"token": "[secret]", "nested": {"key": "[secret]"}, "data": "y" * 6000}
    paths: dict[str, str] = dict.fromkeys(("token", "nested", "nested.key", "data"), "update")
    text = report(run_from(tmp_path, step("update", GROUP, "cpu", old=old, new=new, detailed=paths), summary(update=1)))
    assert "[secret]" in text
    assert "(6,000 characters, withheld)" in text
    assert "plaintext" not in text


def test_no_changes_is_said(tmp_path: Path) -> None:
    assert "**No changes**, 63 unchanged" in report(run_from(tmp_path, summary(same=63)))


def test_a_preview_that_failed_never_looks_like_one_without_changes(tmp_path: Path) -> None:
    text = report(run_from(tmp_path, error("error: the quota L-417A185B is 0")))
    assert "did not finish" in text
    assert "the quota L-417A185B is 0" in text


def test_names_and_messages_cannot_break_out_of_the_table(tmp_path: Path) -> None:
    evil = "a`|</details><img src=x>@everyone\n# head"
    text = report(
        run_from(tmp_path, step("create", GROUP, evil, new={}), error(evil), summary(create=1)),
        CostReport((line(evil, 1.0),), None),
    )
    outside = text.replace(code(evil), "")
    assert "<img" not in outside
    assert "@everyone" not in outside
    assert "\n# head" not in text
    assert text.count("</details>") == text.count("<details>") + text.count(code(evil))


def test_costs_are_compared_with_what_is_deployed(tmp_path: Path) -> None:
    deployed = DeployedCosts(usd=14.1, lines=[line("nat", 0.1), line("h100: 1 × p5", 14.0)]).model_dump(mode="json")
    stack = step("same", "pulumi:pulumi:Stack", "strata-aws", old={}, new={}, outputs={"cost_per_hour": deployed})
    run = run_from(tmp_path, stack, summary(same=1))
    costs = cost_report([line("nat", 0.2), line("h100: 2 × p5", 28.0), line("endpoint", None)], run.outputs_before)
    text = report(run, costs)
    assert "$28.20 per hour" in text
    assert "; 1 line has no known price" in text
    assert "+$14.10 per hour" in text
    assert "| nat | $0.200 | +$0.10 |" in text
    assert "| endpoint | unknown | new |" in text
    assert "no longer $14.00" in text
    assert "2026-07-20" in text


def test_a_bill_of_which_nothing_is_known_is_not_free(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody_knows = [CostLine(item=name, usd_per_hour=None, region="", date="") for name in ("power", "room", "links")]
    costs = cost_report(nobody_knows, run_from(tmp_path, summary(create=1)).outputs_before)
    text = report(run_from(tmp_path, summary(create=1)), costs)
    show_costs(costs)
    for shown in (text, capsys.readouterr().out):
        assert "unknown: 3 lines have no known price" in shown
        assert "$" not in shown
        assert "List prices" not in shown


def test_a_first_preview_compares_with_nothing(tmp_path: Path) -> None:
    costs = cost_report([line("nat", 0.2)], run_from(tmp_path, summary(create=1)).outputs_before)
    assert costs.before is None
    assert "+" not in costs.total


def test_a_report_always_fits_a_comment(tmp_path: Path) -> None:
    steps = [step("create", GROUP, f"{index}-{'n' * 300}", new={}) for index in range(2000)]
    text = report(run_from(tmp_path, *steps, summary(create=2000)))
    assert len(text) < 65_536
    assert text.count("<details>") == text.count("</details>")


def test_settings_that_are_refused_are_a_report_too() -> None:
    text = markdown_of_problems("aws", [Problem(field="models[0].gpu", cause="no such GPU", consequence="c", fix="f")])
    assert "1 problem to fix" in text
    assert "models\\[0\\].gpu" in text
