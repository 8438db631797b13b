"""Every row of the tables of machines and GPUs is complete: what a cloud's code reads is there, and has a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.contracts.fabric import Transport
from components.planner.catalogs.clouds import cloud_of, clouds
from components.planner.catalogs.efa_cards import efa_cards
from components.planner.catalogs.gpu_networks import gpu_network_rows
from components.planner.catalogs.gpus import Gpu, gpu, gpus
from components.planner.catalogs.infiniband_cards import infiniband_cards
from components.planner.catalogs.instances import InstanceType, instance, instances
from components.planner.catalogs.table import numbers, read_table, yes

CLOUDS = {"aws", "gcp", "azure", "onprem"}
KINDS = {"on-demand", "spot", "reservation", "capacity-block", "flex-start", "queued"}
CHILDREN = ("efa_cards", "infiniband_cards", "gpu_networks")


def gaps_of_machine(machine: InstanceType) -> Iterator[str]:
    """What a row of the instance catalog lacks, or has too much."""
    needed = {
        "source": bool(machine.source),
        "a known cloud": machine.cloud in CLOUDS,
        "vcpus and memory_gib": machine.vcpus > 0 and machine.memory_gib > 0,
        "gpu of the GPU table": not machine.gpus or any(known.name == machine.gpu for known in gpus()),
        "sold_as": machine.sold_as <= KINDS and bool(machine.sold_as) == (machine.cloud != "onprem"),
        "rdma_nics and rdma_gbps": (machine.rdma is Transport.NONE) == (not machine.rdma_nics or not machine.rdma_gbps),
        "a row of efa_cards": (machine.rdma is Transport.EFA) == (machine.name in efa_cards()),
    }
    if machine.cloud == "aws":
        needed["quota"] = machine.quota in {"P", "G", "Standard"}
    if machine.cloud == "azure":
        infiniband = machine.rdma is Transport.INFINIBAND
        needed["a row of infiniband_cards"] = infiniband == (machine.name in infiniband_cards())
    if machine.cloud == "gcp":
        needed |= {
            "quota": bool(machine.quota),
            "boot_disk": bool(machine.boot_disk),
            "local_disk_gb": bool(machine.nvme_gb) == bool(machine.local_disk_gb),
            "accelerator_key": bool(machine.gpus) == bool(machine.accelerator_key),
            "a row of gpu_networks": (machine.rdma is not Transport.NONE) == (machine.name in gpu_network_rows()),
        }
    yield from (name for name, given in needed.items() if not given)


def gaps_of_gpu(card: Gpu) -> Iterator[str]:
    """What a row of the GPU table lacks."""
    needed = {
        "source": bool(card.source),
        "memory": 0 < card.usable_gib <= card.memory_gib,
        "bandwidth_gbs": card.bandwidth_gbs > 0,
        "an arithmetic": bool(card.bf16_tflops or card.fp16_tflops),
        "compute_capability": bool(card.compute_capability) == card.is_nvidia,
        "whole partitions": all(0 < profile.most <= 7 for profile in card.mig_profiles),
    }
    yield from (name for name, given in needed.items() if not given)


@pytest.mark.parametrize("machine", instances(), ids=lambda machine: machine.name)
def test_a_machine_type_is_complete(machine: InstanceType) -> None:
    assert list(gaps_of_machine(machine)) == []


@pytest.mark.parametrize("card", gpus(), ids=lambda card: card.name)
def test_a_gpu_is_complete(card: Gpu) -> None:
    assert list(gaps_of_gpu(card)) == []


def test_every_cloud_of_a_machine_has_a_row_with_a_source() -> None:
    assert set(clouds()) == CLOUDS
    assert all(nodes.source and nodes.local_disks_reserved_gib for nodes in clouds().values())


@pytest.mark.parametrize(("disks", "kept"), [(1, 50), (2, 75), (3, 100), (16, 100)])
def test_google_keeps_as_much_of_local_disks_as_it_documents(disks: int, kept: int) -> None:
    assert clouds()["gcp"].local_reserved_gib(disks * 375) == kept


@pytest.mark.parametrize("table", CHILDREN)
def test_each_row_of_a_child_table_belongs_to_one_machine_and_has_a_source(table: str) -> None:
    rows = read_table(table)
    assert rows
    for row in rows:
        assert instance(row["instance"]).name == row["instance"]
        assert row["source"], row["instance"]
    assert max(Counter(row["instance"] for row in rows).values()) == 1


@pytest.mark.parametrize("table", ["instances", "gpus", *CHILDREN])
def test_each_row_has_as_many_cells_as_the_table_has_columns(table: str) -> None:
    for row in read_table(table):
        assert None not in row, f"{table}: more cells than columns in {row}"
        assert all(cell is not None for cell in row.values()), f"{table}: fewer cells than columns in {row}"


def test_names_of_machines_and_gpus_are_unique_whatever_their_case() -> None:
    assert max(Counter(machine.name.casefold() for machine in instances()).values()) == 1
    names = Counter(
        name for card in gpus() for name in {spelling.casefold() for spelling in (card.name, *card.aliases)}
    )
    assert max(names.values()) == 1


def test_a_gap_is_seen() -> None:
    assert set(gaps_of_machine(replace(instance("p5.48xlarge"), quota=None, source="", sold_as=frozenset()))) == {
        "quota",
        "source",
        "sold_as",
    }
    assert list(gaps_of_machine(replace(instance("p5.48xlarge"), name="p9.48xlarge"))) == ["a row of efa_cards"]
    assert "boot_disk" in list(gaps_of_machine(replace(instance("a3-megagpu-8g"), boot_disk=None)))
    assert list(gaps_of_gpu(replace(gpu("H100-SXM"), source=""))) == ["source"]


@pytest.mark.parametrize(("cell", "expected"), [("", ()), ("0", (0,)), ("0;2;4", (0, 2, 4)), ("1-3;7", (1, 2, 3, 7))])
def test_a_cell_may_list_numbers(cell: str, expected: tuple[int, ...]) -> None:
    assert numbers(cell) == expected


def test_a_cell_says_yes_or_nothing() -> None:
    assert yes("yes")
    assert not yes("")
    with pytest.raises(ValueError, match="neither"):
        yes("no")


def test_the_form_of_a_name_tells_its_cloud() -> None:
    assert [machine.name for machine in instances() if cloud_of(machine.name) != machine.cloud] == []
    assert cloud_of("rack-7 with eight cards") == "onprem"
