"""Shared GPUs that no environment could bring about are refused, with what would work."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.clusters.rules.pool_view import pool_views
from components.clusters.rules.sharing import SharingPolicy, sharing_problems
from components.contracts.gpu_sharing import Mig, MigStrategy, Mps, TimeSlicing, sharing_labels
from components.contracts.machines import MachineNumbers
from components.contracts.pools import GpuAdvertiser, GpuPool
from components.contracts.quantities import ByteSize
from tests.mistakes import assert_blamed

POOL = GpuPool(name="gpus", instance_type="p5.48xlarge", count=1, rdma=False, sharing=Mig(profile="1g.10gb"))
L4 = POOL.model_copy(update={"instance_type": "g6.xlarge"})
A10_PART = POOL.model_copy(update={"instance_type": "Standard_NV6ads_A10_v5", "sharing": Mps(replicas=2)})


def changed(pool: GpuPool = POOL, **changes: object) -> GpuPool:
    return pool.model_copy(update=changes)


MISTAKES: dict[str, tuple[GpuPool, str, str]] = {
    "a profile of another GPU": (
        changed(sharing=Mig(profile="1g.5gb")),
        "sharing.profile",
        "use one of 1g.10gb, 1g.20gb",
    ),
    "a GPU without MIG": (L4, "sharing.kind", "use kind: time-slicing or mps, or a GPU with MIG: A30, A100, H100"),
    "a part of a GPU": (A10_PART, "sharing", "has a part of a GPU already"),
    "claims in place of a plugin": (changed(advertiser=GpuAdvertiser.DRA), "sharing", "advertiser: device-plugin"),
    "cards that nothing uses": (changed(rdma=True), "rdma", "write rdma: false"),
    "a label of MIG beside MPS": (
        changed(sharing=Mps(replicas=2), labels={"nvidia.com/mig.config": "all-1g.10gb"}),
        "labels.nvidia.com/mig.config",
        "remove the label",
    ),
    "whole GPUs that a label has cut": (
        changed(sharing=None, labels={"nvidia.com/mig.config": "all-1g.10gb"}),
        "labels.nvidia.com/mig.config",
        "say it by sharing.kind: mig",
    ),
    "a configuration by hand": (
        changed(labels={"nvidia.com/device-plugin.config": "mine"}),
        "labels.nvidia.com/device-plugin.config",
        "remove the label",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused(name: str) -> None:
    pool, field, said = MISTAKES[name]
    assert_blamed(list(sharing_problems(pool_views([pool]))), f"node_pools[0].{field}", said, most=1)


@pytest.mark.parametrize(
    "pool",
    [
        POOL,
        changed(sharing=Mig(profile="7g.80gb", strategy=MigStrategy.MIXED)),
        changed(L4, sharing=TimeSlicing(replicas=48)),
        changed(L4, sharing=Mps(replicas=2)),
        changed(sharing=None, rdma=True, labels={"nvidia.com/mig.config": "all-disabled"}),
        changed(
            instance_type="own", machine=MachineNumbers(cpus=32, memory=ByteSize.gib(256), gpu="A100-SXM-80", gpus=1)
        ),
    ],
)
def test_what_works_is_accepted(pool: GpuPool) -> None:
    assert list(sharing_problems(pool_views([pool]))) == []


def test_a_cloud_refuses_what_its_own_plugin_does_not_do() -> None:
    policy = SharingPolicy(refused={"mps": "needs hostIPC"}, strategies=frozenset({MigStrategy.SINGLE}), cabled=True)
    (problem,) = sharing_problems(pool_views([changed(sharing=Mps(replicas=2), rdma=True)]), policy)
    assert problem.field == "node_pools[0].sharing.kind"
    assert problem.fix == "use kind: mig or time-slicing"
    mixed = changed(sharing=Mig(profile="1g.10gb", strategy=MigStrategy.MIXED))
    (problem,) = sharing_problems(pool_views([mixed]), policy)
    assert problem.fix == "write strategy: single, or leave it out"


@pytest.mark.parametrize(
    ("sharing", "said"),
    [
        ({"kind": "time-slicing", "replicas": 1}, "2"),
        ({"kind": "mps", "replicas": 49}, "48"),
        ({"kind": "mig", "profile": "10gb"}, "profile"),
        ({"kind": "mig"}, "profile"),
        ({"kind": "slices", "replicas": 2}, "slices"),
        ({"kind": "mps", "replicas": 2, "profile": "1g.10gb"}, "profile"),
    ],
)
def test_a_sharing_that_means_nothing_is_refused_as_it_is_written(sharing: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        GpuPool.model_validate({"name": "gpus", "instance_type": "p5.48xlarge", "count": 1, "sharing": sharing})


def test_labels_say_how_a_node_shares_its_gpus() -> None:
    config, mig, mps = "nvidia.com/device-plugin.config", "nvidia.com/mig.config", "nvidia.com/mps.capable"
    assert sharing_labels(None) == {}
    assert sharing_labels(TimeSlicing(replicas=4)) == {config: "time-slicing-4"}
    assert sharing_labels(Mps(replicas=4)) == {config: "mps-4", mps: "true"}, "its daemon's DaemonSet selects by it"
    assert sharing_labels(Mig(profile="1g.10gb")) == {config: "mig-single"}
    with_manager = sharing_labels(Mig(profile="1g.10gb"), has_mig_manager=True)
    assert with_manager == {config: "mig-single", mig: "all-1g.10gb"}
