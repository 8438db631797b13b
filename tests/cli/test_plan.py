"""`strata plan` and `strata explain` answer from flags, as tables and as JSON."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pytest

from cli import explain, plan
from components.contracts.errors import StrataError


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    plan.add_parser(commands)
    explain.add_parser(commands)
    arguments = parser.parse_args(words)
    return arguments.run(arguments)


def test_a_model_from_flags_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("plan", "--model", "Qwen/Qwen3-8B", "--pool", "g6.2xlarge:4", "--rate", "1", "--tpot", "80ms") == 0
    shown = capsys.readouterr().out
    assert "Qwen/Qwen3-8B on" in shown
    assert "per million output tokens" in shown


def test_json_holds_the_whole_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge:1", "--json") == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "plan"
    assert answer["roles"][0]["memory"]["kv_tokens"] > answer["max_model_len"]


def test_drafted_tokens_are_shown_as_an_assumption(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--pool", "p5en.48xlarge:1", "--speculation", "mtp:2")
    assert _run("plan", "--model", "deepseek-ai/DeepSeek-R1", *flags) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "mtp drafts 2 tokens; assumed: each is accepted with probability 0.7 after those before it" in shown


def test_a_refusal_ends_with_1_and_offers_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("plan", "--model", "moonshotai/Kimi-K2-Instruct", "--pool", "p5.48xlarge:1") == 1
    assert "2 nodes" in capsys.readouterr().out


def test_explain_shows_the_arithmetic_of_the_cache(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("explain", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge:1", "--json") == 0
    (answer,) = json.loads(capsys.readouterr().out)
    reasons = {reason["subject"]: reason["because"] for reason in answer["reasons"]}
    assert "0.92 × 79.18" in reasons["kv_cache"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("plan",), "neither a stack nor --model"),
        (("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarg"), "did you mean|use 'p5.48xlarge'"),
        (("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge:-1"), "1 to 5000"),
        (("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge", "--precision", "fp7"), "fp8"),
        (("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge", "--tpot", "fast"), "duration"),
        (("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge", "--speculation", "eagle3"), "ngram or mtp"),
        (("plan", "--model", "Qwen/Qwen3-8B", "--pool", "p5.48xlarge", "--rate", "nan"), "finite"),
    ],
)
def test_wrong_flags_are_explained(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(StrataError, match=says):
        _run(*words)


REGIONS = ("--users-per-week", "200000000", "--region", "americas=0.6", "--region", "europe=0.4")


def test_a_service_over_regions_is_planned_with_cost_and_assumptions(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("plan", "--model", "openai/gpt-oss-120b", "--pool", "p5.48xlarge:5000", *REGIONS) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "openai/gpt-oss-120b in 2 regions" in shown
    assert "americas 60%" in shown
    assert "a month for each user" in shown
    assert "assumed: requests and busiest" in shown


def test_a_service_that_does_not_fit_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("plan", "--model", "openai/gpt-oss-120b", "--pool", "p5.48xlarge:1", *REGIONS) == 1
    assert "region americas" in capsys.readouterr().out


def test_a_region_is_a_name_and_a_share() -> None:
    with pytest.raises(StrataError, match="NAME=SHARE"):
        _run("plan", "--model", "openai/gpt-oss-120b", "--pool", "p5.48xlarge:1", *REGIONS[:2], "--region", "europe")


def test_the_documented_example_is_about_what_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs/very-large-services.md").read_text(encoding="utf-8")
    command = page.split("```\nstrata ", 1)[1].split("```", 1)[0]
    assert _run(*command.replace("\\", " ").split()) == 0
    shown = capsys.readouterr().out
    documented, planned = (int(_gpus(text)) for text in (page, shown))
    assert planned == pytest.approx(documented, rel=0.1), "write the page anew"
    assert [line for line in shown.splitlines() if line.startswith("- ")] == [
        line for line in page.split("rests on:")[1].splitlines() if line.startswith("- ")
    ]


def _gpus(text: str) -> str:
    found = re.search(r"regions on ([\d,]+) GPUs", text)
    assert found is not None
    return found[1].replace(",", "")
