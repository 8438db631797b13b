"""The volume of the checkpoints holds them, and fits the file system behind it."""

from __future__ import annotations

import pytest

from components.contracts.cluster_facts import StorageFacts, VolumeClass
from components.contracts.errors import Problem
from components.contracts.quantities import ByteSize
from components.contracts.served_models import ServedModel
from components.planner.model_plans import plan_models
from components.serving import ServingOptions, ServingPlace
from components.serving.model_servers import refusals
from tests.planner.clusters import cluster

MODELS = [
    ServedModel(name=f"r{number}", model="deepseek-ai/DeepSeek-R1", revision=str(number) * 40, pool="h200")
    for number in range(2)
]


def found(capacity: ByteSize | None, asked: ByteSize | None) -> list[Problem]:
    """Problems of two models of 627 GiB each on a file system of that size."""
    shared = VolumeClass(name="shared", read_bytes_per_second=2e9, capacity=capacity)
    facts = cluster(h200=("p5en.48xlarge", 2)).model_copy(
        update={"storage": StorageFacts(read_write_once=shared, read_write_many=shared)}
    )
    place = ServingPlace(facts=facts, namespace="models", catalog="model-catalog")
    return list(refusals(place, MODELS, plan_models(MODELS, facts), ServingOptions(catalog_size=asked)))


@pytest.mark.parametrize(
    ("capacity", "asked", "fields"),
    [
        (None, None, []),
        (ByteSize.gib(2048), None, []),
        (ByteSize.gib(1024), None, ["models"]),
        (ByteSize.gib(1404), None, []),
        (ByteSize.gib(1379), None, ["models"]),
        (None, ByteSize.gib(100), ["options.catalog_size"]),
        (ByteSize.gib(2048), ByteSize.gib(100), ["options.catalog_size"]),
        (ByteSize.gib(2048), ByteSize.gib(2048), []),
        (ByteSize.gib(2048), ByteSize.gib(2049), ["options.catalog_size"]),
    ],
)
def test_a_volume_that_cannot_hold_or_cannot_be_had_is_refused(
    capacity: ByteSize | None, asked: ByteSize | None, fields: list[str]
) -> None:
    problems = found(capacity, asked)
    assert [problem.field for problem in problems] == fields


def test_the_size_that_is_named_is_accepted() -> None:
    (problem,) = found(ByteSize.gib(1024), None)
    assert "1404Gi" in problem.fix
    assert found(ByteSize.parse("1404Gi"), None) == []
