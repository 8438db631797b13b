"""Machine types that no pool can have are answered once, in words, and by machines of the same cloud."""

from __future__ import annotations

import pytest

from components.clusters.rules.machine_types import machine_type_problems
from components.clusters.rules.pool_view import pool_views
from components.contracts.pools import CpuPool, GpuPool
from components.planner.catalogs.clouds import clouds
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.instances import instances
from components.planner.catalogs.other_accelerators import other_accelerators

WRONG = {
    "ct5lp-hightpu-4t": ("TPUs", "a3-highgpu-8g"),
    "tpu7x-standard-4t": ("TPUs", "a3-highgpu-8g"),
    "trn1.32xlarge": ("Trainium", "p5"),
    "inf2.48xlarge": ("Inferentia", "p5"),
    "g4ad.16xlarge": ("AMD", "p5"),
    "dl1.24xlarge": ("Gaudi", "p5"),
    "Standard_ND96isr_MI300X_v5": ("AMD", "Standard_N"),
    "Standard_NV4as_v4": ("AMD", "Standard_N"),
    "p5.48xl\u0430rge": ("character 8, '\u0430', is CYRILLIC SMALL LETTER A", "did you mean 'p5.48xlarge'?"),
    "p5.48xlargee": ("not in the instance catalog", "did you mean 'p5.48xlarge'?"),
    "m7i.4xlarge": ("no GPU, but the pool is of kind gpu", "write kind: cpu"),
}


@pytest.mark.parametrize(("name", "said", "fix"), [(name, *words) for name, words in WRONG.items()])
def test_a_wrong_machine_is_one_problem(name: str, said: str, fix: str) -> None:
    pools = (GpuPool(name="gpus", instance_type=name, count=1, zones=("a",)),)
    (problem,) = machine_type_problems(pool_views(pools))
    assert problem.field == "node_pools[0].instance_type"
    assert said in problem.cause
    assert fix in problem.fix


def test_accelerators_in_cpu_pools_are_refused_too() -> None:
    pools = (CpuPool(name="cpus", instance_type="trn1.2xlarge", count=1, zones=("a",)),)
    (problem,) = machine_type_problems(pool_views(pools))
    assert "Trainium" in problem.cause


def test_the_machines_that_are_proposed_exist_and_have_nvidia_gpus() -> None:
    catalog = {machine.name: machine for machine in instances()}
    for cloud, nodes in clouds().items():
        for name in nodes.gpu_machines:
            assert catalog[name].cloud == cloud
            assert gpu(catalog[name].gpu or "").is_nvidia


def test_every_family_of_other_accelerators_has_a_source_and_a_cloud() -> None:
    assert len(other_accelerators()) >= 10
    assert all(row.source and row.what and row.cloud in clouds() for row in other_accelerators())
