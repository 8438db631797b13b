"""What simulated nodes leave to pods, by each cloud's own documentation, and that the planner never promises more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.clusters.kubeadm.documents import init_documents
from components.contracts.quantities import ByteSize, CpuAmount
from components.planner.catalogs.instances import instance, instances
from components.planner.shapes import NodeResources, node_shape
from simulation.clouds.command.programs.requirements import read_init
from simulation.control_plane.hardware import Amounts, hardware_of
from simulation.control_plane.machines import Machine
from simulation.control_plane.reservations import (
    GIB,
    MIB,
    Offer,
    Reserved,
    aks_reserved,
    eks_reserved,
    gke_reserved,
    kernel_memory,
)
from tests.clusters.kubeadm.site import site


def machine(name: str, kept: Reserved | None = None) -> Machine:
    return Machine(name="node", instance_type=name, zone="", region="", has_driver=True, reserved=kept)


def allocatable(name: str, kept: Reserved | None = None) -> Amounts:
    return hardware_of(instance(name), machine(name, kept)).allocatable


def offer(
    vcpus: int = 4, memory_gib: float = 16, storage_gib: float = 100, pods: int = 110, *, local: bool = False
) -> Offer:
    return Offer(vcpus=vcpus, memory=memory_gib * GIB, storage=storage_gib * GIB, local_disks=local, pods=pods)


@pytest.mark.parametrize(
    ("vcpus", "millicores"), [(1, 60), (2, 100), (4, 140), (8, 180), (16, 260), (32, 420), (64, 740)]
)
def test_aks_keeps_the_cores_of_its_table(vcpus: int, millicores: int) -> None:
    assert aks_reserved(offer(vcpus=vcpus)).cores == pytest.approx(millicores / 1000)


def test_aks_keeps_memory_as_in_the_examples_of_its_page() -> None:
    assert aks_reserved(offer(memory_gib=8, pods=30)).memory == 650 * MIB
    assert aks_reserved(offer(memory_gib=4, pods=70)).memory == 1 * GIB, "a quarter is less than 1450 MiB"


def test_gke_keeps_disks_as_in_the_examples_of_its_page() -> None:
    assert gke_reserved(offer(storage_gib=300)).storage == 100 * GIB
    assert gke_reserved(offer(storage_gib=375, local=True)).storage == 50 * GIB
    assert gke_reserved(offer(storage_gib=6000, local=True)).storage == 100 * GIB


def test_gke_keeps_shares_of_cores_and_memory() -> None:
    kept = gke_reserved(offer(vcpus=16, memory_gib=60))
    assert kept.cores == pytest.approx(0.11)
    assert kept.memory == pytest.approx((1 + 0.8 + 0.8 + 44 * 0.06) * GIB)


def test_eks_keeps_memory_for_each_pod_that_a_node_takes() -> None:
    assert eks_reserved(offer(pods=100)).memory == 1355 * MIB
    assert allocatable("p5.48xlarge").pods == "100"
    assert allocatable("g4dn.xlarge").pods == "29"


def test_a_machine_that_nobody_has_heard_of_takes_as_many_pods_as_eks_recommends() -> None:
    invented = replace(instance("p5.48xlarge"), name="p9.192xlarge")
    assert hardware_of(invented, machine(invented.name)).allocatable.pods == "250"


def test_a_host_keeps_what_its_kubelet_is_told() -> None:
    kept = Reserved(cores=1, memory=2 * GIB, storage=10 * GIB)
    assert CpuAmount.parse(allocatable("dgx-h100", kept).cpu) == CpuAmount.cores(223)
    difference = ByteSize.parse(allocatable("dgx-h100").memory) - ByteSize.parse(allocatable("dgx-h100", kept).memory)
    assert difference == 2 * GIB


def test_the_kernel_keeps_a_sixty_fourth_and_a_little() -> None:
    """As the autoscaler's own test has it, without Google's correction."""
    correction = 0.00175 * 128 * GIB
    assert kernel_memory(128 * GIB) == pytest.approx(2 * GIB + 80 * MIB + correction)


def exceeding(planned: NodeResources, offered: Amounts) -> list[str]:
    pairs = {
        "cpu": (planned.cpu, CpuAmount.parse(offered.cpu)),
        "memory": (planned.memory, ByteSize.parse(offered.memory)),
        "ephemeral storage": (planned.ephemeral_storage, ByteSize.parse(offered.storage)),
    }
    return [f"{name}: planned {plan}, the node has {node}" for name, (plan, node) in pairs.items() if plan > node]


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp", "onprem"])
def test_the_planner_never_counts_on_more_than_the_node_has(cloud: str) -> None:
    target, _ = site()
    kept = read_init(init_documents(target).split("---\n")).kubelets.reserved if cloud == "onprem" else None
    wrong = {
        offered.name: found
        for offered in instances()
        if offered.cloud == cloud
        and (found := exceeding(node_shape(offered).allocatable, allocatable(offered.name, kept)))
    }
    assert wrong == {}
