"""Machines by numbers promise what the same machine of the catalog does, less what only the catalog can know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from components.contracts.errors import StrataError
from components.contracts.fabric import Transport
from components.contracts.machines import Architecture, MachineNumbers
from components.contracts.pools import GpuPool
from components.contracts.quantities import ByteSize, CpuAmount
from components.planner.catalogs.described import described, machine_of
from components.planner.catalogs.instances import InstanceType, instance
from components.planner.shapes import node_shape, pool_facts
from simulation.control_plane.nodes import nodes_of

LAB = GpuPool(
    name="lab",
    instance_type="lab-l40s",
    count=2,
    machine=MachineNumbers(cpus=96, memory=ByteSize.gib(768), gpu="L40S", gpus=4),
)


def numbers(machine: InstanceType) -> MachineNumbers:
    return MachineNumbers(
        cpus=machine.vcpus,
        memory=ByteSize(round(machine.memory_gib * 2**30)),
        gpu=machine.gpu,
        gpus=machine.gpus,
        local_disks=ByteSize(round(machine.nvme_gb * 1e9)) if machine.nvme_gb else None,
        architecture=Architecture(machine.architecture),
    )


@pytest.mark.parametrize(
    "name",
    [
        *("p5.48xlarge", "g6e.12xlarge", "m7i.8xlarge", "a2-highgpu-8g", "g2-standard-48", "hgx-h100"),
        *("Standard_NC40ads_H100_v5", "xeon-6530-x2", "p6e-gb200.36xlarge"),
    ],
)
def test_a_node_by_numbers_is_the_node_of_the_catalog_without_its_fabric(name: str) -> None:
    known = instance(name)
    bare = replace(known, rdma=Transport.NONE, rdma_nics=0, rdma_gbps=0.0)
    assert node_shape(described(name, numbers(known))) == node_shape(bare)
    assert described(name, numbers(known)).usd_per_hour is None


def test_a_pool_by_numbers_has_facts_to_plan_on() -> None:
    facts = pool_facts(LAB)
    assert machine_of(LAB).cloud == "onprem"
    assert (facts.gpu, facts.gpus_per_node, facts.fabric.is_rdma) == ("L40S", 4, False)


def test_the_embedded_cluster_makes_nodes_of_them() -> None:
    nodes = list(nodes_of([LAB]))
    facts = pool_facts(LAB)
    hardware = [node.inventory for node in nodes if node.inventory]
    assert [found.gpus for found in hardware] == [4, 4]
    assert {found.gpu_labels["nvidia.com/gpu.product"] for found in hardware} == {"NVIDIA-L40S"}
    assert all(CpuAmount.parse(node.allocatable["cpu"]) >= facts.cpu_per_node for node in nodes), "promised too much"


@pytest.mark.parametrize(
    ("given", "said"),
    [({"gpu": "L40S"}, "no gpus"), ({"gpu": "L40S", "gpus": 0}, "no gpus"), ({"gpus": 4}, "says not which")],
)
def test_gpus_have_a_name_and_a_number(given: dict[str, object], said: str) -> None:
    with pytest.raises((StrataError, ValidationError), match=said):
        MachineNumbers.model_validate({"cpus": 48, "memory": "384Gi", **given})
