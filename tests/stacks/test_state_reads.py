"""A state that is read while the engine writes it is read again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import SimpleNamespace

import pulumi
import pytest

from components.contracts.errors import StrataError
from stacks.state_reads import read_state

HALF_WRITTEN = Exception("invoke of readStackOutputs failed: failed to load checkpoint: EOF")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Answers of the engine in turn; exceptions are raised."""
    queue: list[object] = []
    pauses: list[float] = []

    def invoke(_function: str, _arguments: Mapping[str, str]) -> SimpleNamespace:
        answer = queue.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(value=answer)

    monkeypatch.setattr(pulumi.runtime, "invoke", invoke)
    monkeypatch.setattr(time, "sleep", pauses.append)
    return queue


def read() -> object:
    return read_state("readStackOutputs", {"name": "organization/strata/aws"}, "organization/strata/aws")


def test_a_half_written_state_is_read_again(answers: list[object]) -> None:
    answers.extend([HALF_WRITTEN, HALF_WRITTEN, {"outputs": {}}])
    assert read() == {"outputs": {}}


def test_a_state_that_stays_cut_off_is_a_problem_with_a_fix(answers: list[object]) -> None:
    answers.extend([HALF_WRITTEN] * 20)
    with pytest.raises(
        StrataError, match=r"stack organization/strata/aws: its state file[\s\S]*restore the newest backup"
    ):
        read()
    assert len(answers) == 14


def test_other_refusals_are_raised_at_once(answers: list[object]) -> None:
    answers.extend([Exception("unknown stack"), {"outputs": {}}])
    with pytest.raises(Exception, match="unknown stack"):
        read()
    assert len(answers) == 1
