"""The stand-in of the engine beside what the real one was seen to do: each difference is listed with its reason."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from pydantic import TypeAdapter

from .observations import observed_arguments, observed_checkpoints, observed_drain, observed_requests
from .record_engine import DRAINED, RECORDED
from .stand_in import program, serving, small_checkpoint

REAL = cast("Mapping[str, Mapping[str, object]]", json.loads(RECORDED.read_text(encoding="utf-8")))
_ANSWER = TypeAdapter(dict[str, object])
_FRAMES = TypeAdapter(list[object])
_SIDE_BY_SIDE = "chat of two choices streamed"
DIFFERENCES: Mapping[str, str] = {}
"""Observations in which the stand-in differs from the recording, with the reason; none at present."""


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return small_checkpoint(tmp_path / "checkpoint")


def _ordered(answer: object) -> object:
    """The answer with its frames sorted: the engine makes both choices in step, the simulator side by side."""
    fields = _ANSWER.validate_python(answer)
    return {**fields, "body": sorted(map(json.dumps, _FRAMES.validate_python(fields["body"])))}


def _compare(part: str, found: Mapping[str, object]) -> None:
    real = REAL[part]
    assert found.keys() == real.keys()
    plain: dict[str, object] = json.loads(json.dumps(found))
    if _SIDE_BY_SIDE in plain:
        plain[_SIDE_BY_SIDE] = _ordered(plain[_SIDE_BY_SIDE])
        real = {**real, _SIDE_BY_SIDE: _ordered(real[_SIDE_BY_SIDE])}
    differing = {name for name in real if plain[name] != real[name]}
    listed = {name for name in real if name in DIFFERENCES}
    for name in sorted(differing - listed):
        assert plain[name] == real[name], name
    assert not listed - differing, "these do not differ any more, and need not be listed"


def test_requests_are_answered_as_by_the_engine(checkpoint: Path) -> None:
    with serving(checkpoint) as (address, _):
        _compare("requests", observed_requests(address))


def test_it_drains_as_the_engine_does(checkpoint: Path) -> None:
    with serving(checkpoint, plans=SLOW) as (address, process):
        _compare("drain", observed_drain(address, process, tokens=DRAINED))


SLOW = {"time_to_first_token": 0.1, "time_per_token": 0.8, "kv_cache_tokens": 46592}


def test_wrong_arguments_end_it_as_they_end_the_engine(checkpoint: Path) -> None:
    _compare("arguments", observed_arguments([program()], str(checkpoint), dict(os.environ)))


def test_a_damaged_checkpoint_ends_it_as_it_ends_the_engine(checkpoint: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "damaged"
    scratch.mkdir()
    _compare("checkpoints", observed_checkpoints([program()], checkpoint, scratch, dict(os.environ)))
