"""``kind`` is known from the type in a program, and has to be written in a file."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from components.contracts.autoscaling import HpaScaling
from components.contracts.capacity import Spot
from components.contracts.pools import GpuPool, NodePool


def test_a_program_need_not_repeat_the_type_as_kind() -> None:
    assert GpuPool(name="h100", instance_type="p5.48xlarge", count=2, capacity=Spot()).kind == "gpu"
    assert HpaScaling(max_replicas=4).kind == "hpa"


def test_a_file_has_to_say_which_kind_is_meant() -> None:
    pool: TypeAdapter[NodePool] = TypeAdapter(NodePool)
    with pytest.raises(ValidationError, match="kind"):
        pool.validate_json('{"name": "h100", "instance_type": "p5.48xlarge", "count": 2}')
    assert "kind" in GpuPool.model_json_schema()["required"], "editors say so before anything runs"
