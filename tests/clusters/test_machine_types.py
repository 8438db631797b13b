"""Machine types that no pool can have are answered once, in words, and by machines of the same cloud."""

from __future__ import annotations

import pytest

from components.clusters.rules.machine_types import machine_type_problems
from components.clusters.rules.machines import cloud_problems
from components.clusters.rules.pool_list import pool_list_problems
from components.clusters.rules.pool_view import pool_views
from components.contracts.machines import MachineNumbers
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
    "Standard_NV24ads_V710_v5": ("AMD", "Standard_N"),
    "Standard_M128s_Maia100_v1": ("Maia", "Standard_N"),
    "dl2q.24xlarge": ("Qualcomm", "p5"),
    "p5.48xl\u0430rge": ("character 8, '\u0430', is CYRILLIC SMALL LETTER A", "did you mean 'p5.48xlarge'?"),
    "p5.48xlargee": ("not in the instance catalog", "did you mean 'p5.48xlarge'?"),
    "Standard_NC8ads_A10_v4": ("not in the instance catalog", "NC"),
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


@pytest.mark.parametrize("kind", [CpuPool, GpuPool])
def test_numbers_make_no_gpu_of_another_makers_machine(kind: type[CpuPool | GpuPool]) -> None:
    given = numbers("L40S") if kind is GpuPool else MachineNumbers.model_validate({"cpus": 96, "memory": "1Ti"})
    pools = (kind(name="trn", instance_type="trn2.48xlarge", count=1, zones=("a",), machine=given),)
    (problem,) = machine_type_problems(pool_views(pools))
    assert problem.field == "node_pools[0].instance_type"
    assert "Trainium" in problem.cause


@pytest.mark.parametrize(
    ("name", "said"), [("MI300X", "AMD"), ("Gaudi3", "Gaudi"), ("TPU v5p", "TPUs"), ("MI355X", "AMD")]
)
def test_hosts_with_another_makers_devices_are_refused_by_name(name: str, said: str) -> None:
    pools = (GpuPool(name="gpus", instance_type="my-host", count=1, zones=("a",), machine=numbers(name)),)
    (problem,) = machine_type_problems(pool_views(pools))
    assert problem.field == "node_pools[0].machine.gpu"
    assert said in problem.cause


def test_the_machines_that_are_proposed_exist_and_have_nvidia_gpus() -> None:
    catalog = {machine.name: machine for machine in instances()}
    for cloud, nodes in clouds().items():
        for name in nodes.gpu_machines:
            assert catalog[name].cloud == cloud
            assert gpu(catalog[name].gpu or "").is_nvidia


def test_every_family_of_other_accelerators_has_a_source_and_a_cloud() -> None:
    assert len(other_accelerators()) >= 10
    assert all(row.source and row.what and row.cloud in clouds() for row in other_accelerators())


@pytest.mark.parametrize("name", ["", "  "])
def test_a_machine_needs_a_name(name: str) -> None:
    pools = (GpuPool(name="gpus", instance_type=name, count=1, zones=("a",), machine=numbers("L40S")),)
    (problem,) = pool_list_problems(pools)
    assert (problem.field, problem.cause) == ("node_pools[0].instance_type", "is empty")


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("H100", "write one of H100-PCIE, H100-NVL, H100-SXM"),
        ("a100", "write one of A100-SXM-40, A100-SXM-80, A100-PCIE-80"),
        ("L40-S", "write L40S"),
        ("Tesla T4", "write T4"),
        ("GH400", "write one of T4, T4G, "),
    ],
)
def test_a_gpu_of_another_spelling_is_named_and_another_gpu_never_is(written: str, fix: str) -> None:
    (problem,) = pool_list_problems((by_numbers(gpu=written),))
    assert problem.field == "node_pools[0].machine.gpu"
    assert problem.fix.startswith(fix)


@pytest.mark.parametrize(
    ("instance_type", "local_disks", "enough"),
    [
        ("g9.12xlarge", "1Gi", "26Gi"),
        ("g9.12xlarge", "10Gi", "26Gi"),
        ("g2-standard-50", "10Gi", "375G"),
        ("l40s-host", "1Gi", "36Gi"),
    ],
)
def test_disks_without_room_for_a_server_are_refused_with_a_size_that_is_accepted(
    instance_type: str, local_disks: str, enough: str
) -> None:
    pool = by_numbers(instance_type, local_disks=local_disks)
    (problem,) = pool_list_problems((pool,))
    assert problem.field == "node_pools[0].machine.local_disks"
    assert problem.fix.startswith(f"write {enough} or more")
    assert list(pool_list_problems((by_numbers(instance_type, local_disks=enough),))) == []


def test_grace_is_an_arm_processor() -> None:
    (problem,) = pool_list_problems((by_numbers(gpu="GB200"),))
    assert (problem.field, problem.fix) == ("node_pools[0].machine.architecture", "write architecture: arm64")
    assert list(pool_list_problems((by_numbers(gpu="GB200", architecture="arm64"),))) == []
    assert list(pool_list_problems((by_numbers(gpu="H100-SXM", architecture="arm64"),))) == []


def numbers(gpu: str, **changes: object) -> MachineNumbers:
    return MachineNumbers.model_validate({"cpus": 48, "memory": "384Gi", "gpu": gpu, "gpus": 4, **changes})


def by_numbers(instance_type: str = "g9.12xlarge", gpu: str = "L40S", **changes: object) -> GpuPool:
    return GpuPool(name="gpus", instance_type=instance_type, count=1, zones=("a",), machine=numbers(gpu, **changes))


@pytest.mark.parametrize(
    ("cloud", "name", "said", "fix"),
    [
        ("aws", "foo", "not a name that aws gives", "such as g6e.12xlarge"),
        ("aws", "p5.48xlage", "not a name that aws gives", "such as p5.48xlarge"),
        ("aws", "P5.48XLARGE", "not a name that aws gives", "write p5.48xlarge, and leave machine out"),
        ("azure", "standard_d4ds_v6", "not a name that azure gives", "write Standard_D4ds_v6, and leave machine out"),
        ("gcp", "g9.12xlarge", "a machine of aws", "such as g2-standard"),
        ("onprem", "p9.48xlarge", "a machine of aws", "give the machine a name of your own"),
    ],
)
def test_a_name_that_a_cloud_does_not_give_is_refused_with_one_that_it_gives(
    cloud: str, name: str, said: str, fix: str
) -> None:
    (problem,) = cloud_problems(pool_views((by_numbers(name),)), cloud, "the cluster")
    assert said in problem.cause
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("cloud", "name"),
    [
        ("aws", "u7i-12tb.224xlarge"),
        ("aws", "m7i-flex.large"),
        ("aws", "i7ie.metal-48xl"),
        ("azure", "Standard_E64-16ds_v5"),
        ("gcp", "n1-standard-8"),
    ],
)
def test_names_that_clouds_give_are_accepted(cloud: str, name: str) -> None:
    assert list(cloud_problems(pool_views((by_numbers(name),)), cloud, "the cluster")) == []
