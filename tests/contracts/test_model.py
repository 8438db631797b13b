"""A value that a program writes wrongly is refused as everything else is."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from components.contracts.cluster_facts import VolumeClass
from components.contracts.errors import StrataError
from components.contracts.model import Contract


class Shelf(Contract):
    """A value that holds others.

    Attributes:
        classes: Classes of volumes.
    """

    classes: tuple[VolumeClass, ...]


def test_every_wrong_value_of_a_program_is_a_problem_of_its_class() -> None:
    with pytest.raises(StrataError) as refused:
        VolumeClass(**json.loads('{"name": 3, "speed": 1}'))
    assert [problem.field for problem in refused.value.problems] == [
        "VolumeClass.name",
        "VolumeClass.read_bytes_per_second",
        "VolumeClass.speed",
    ]
    assert all(problem.consequence and problem.fix for problem in refused.value.problems)


def test_values_of_a_file_keep_their_place_in_it() -> None:
    with pytest.raises(ValidationError) as refused:
        Shelf.model_validate_json('{"classes": [{"name": "files"}]}')
    assert [detail["loc"] for detail in refused.value.errors()] == [("classes", 0, "read_bytes_per_second")]
