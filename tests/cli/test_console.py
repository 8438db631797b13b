"""Problems as the command line prints them."""

from __future__ import annotations

import pytest

from cli.console import report, say
from components.contracts.errors import Problem, StrataError


def problems(count: int) -> StrataError:
    return StrataError(
        Problem(field=f"workers[{index}].address", cause="c", consequence="d", fix="e") for index in range(count)
    )


def test_a_hundred_problems_are_shown_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    report(problems(4_990))
    text = capsys.readouterr().err
    assert "4990 problems to fix" in text
    assert text.count("consequence:") == 100
    assert "and 4,890 more" in text
    report(problems(100))
    assert "more, which" not in capsys.readouterr().err


def test_parts_of_a_name_are_not_taken_for_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    name = "arn:aws:secretsmanager:us-east-2:111122223333:secret:genai"
    report(StrataError([Problem(field="f", cause=name, consequence=name, fix=name)]))
    say(name)
    shown = capsys.readouterr()
    assert shown.err.count(name) == 3
    assert name in shown.out
