"""Pools of the embedded cluster hold to the rules that every environment has."""

from __future__ import annotations

from datetime import UTC, datetime

from components.clusters.local.environment import ENVIRONMENT
from components.clusters.local.settings import LocalTarget
from components.contracts.capacity import Spot
from components.contracts.pools import DriverOwner, GpuPool, PoolRange
from components.contracts.quantities import ByteSize

POOL = GpuPool(name="gpus", instance_type="p5.48xlarge", count=1, zones=("a",))


def blamed(pool: GpuPool) -> list[str]:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    return [problem.field for problem in ENVIRONMENT.problems(LocalTarget(name="dev"), (pool,), now)]


def test_contradictions_are_refused() -> None:
    assert blamed(POOL) == []
    assert blamed(POOL.model_copy(update={"driver": DriverOwner.NONE})) == ["node_pools[0].driver"]
    limits = PoolRange(minimum=5, maximum=2)
    assert blamed(POOL.model_copy(update={"autoscaled": limits})) == ["node_pools[0].autoscaled.minimum"]


def test_settings_that_would_be_ignored_are_refused() -> None:
    assert blamed(POOL.model_copy(update={"root_disk": ByteSize("500Gi")})) == ["node_pools[0].root_disk"]
    assert blamed(POOL.model_copy(update={"capacity": Spot(kind="spot")})) == ["node_pools[0].capacity.kind"]
