"""Machine types of simulated clouds: complete tables, with sources, of the types that the program knows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from components.planner.catalogs.instances import instances
from components.planner.catalogs.table import read_rows
from simulation.clouds.aws import machine_types as aws
from simulation.clouds.azure import machine_sizes as azure
from simulation.clouds.gcp import machine_types as gcp

TABLES = {
    "aws": (aws.machine_types, aws.__file__),
    "azure": (azure.machine_sizes, azure.__file__),
    "gcp": (gcp.machine_types, gcp.__file__),
}


@pytest.mark.parametrize("cloud", TABLES)
def test_every_machine_type_of_the_program_is_one_row_of_its_cloud_and_no_other_is(cloud: str) -> None:
    table, _ = TABLES[cloud]
    assert set(table()) == {machine.name for machine in instances() if machine.cloud == cloud}


@pytest.mark.parametrize("cloud", TABLES)
def test_each_row_is_complete_and_says_where_it_was_read(cloud: str) -> None:
    rows = read_rows(Path(TABLES[cloud][1]).with_suffix(".csv"))
    assert max(Counter(row["name"] for row in rows).values()) == 1
    for row in rows:
        assert None not in row, row
        assert None not in row.values(), row
        assert row["source"], row["name"]


def test_every_row_of_aws_has_its_number_of_interfaces_from_a_list_of_limits() -> None:
    lists = ("pkg/vpc/vpc_ip_resource_limit.go", "zz_generated.vpclimits.go")
    for row in read_rows(Path(aws.__file__).with_suffix(".csv")):
        assert int(row["interfaces"]) > 0
        assert any(source in row["source"] for source in lists), row["name"]


def test_every_size_of_azure_has_its_largest_ephemeral_os_disk_from_the_documentation() -> None:
    for row in read_rows(Path(azure.__file__).with_suffix(".csv")):
        assert row["local_gib"].isdecimal(), row["name"]
        assert "local_gib: https://learn.microsoft.com/azure/virtual-machines/sizes/" in row["source"], row["name"]


def test_the_program_allows_no_larger_ephemeral_os_disk_than_azure() -> None:
    for machine in instances():
        if machine.cloud == "azure":
            assert machine.ephemeral_gib <= azure.local_gib(machine.name), machine.name


def test_a_gpu_machine_of_google_has_an_accelerator_and_another_has_none() -> None:
    for machine in instances():
        if machine.cloud == "gcp":
            assert gcp.hardware(machine.name).accelerator == (machine.accelerator_key or ""), machine.name


def test_quotas_and_families_are_those_that_the_account_has() -> None:
    assert {known.quota for known in aws.machine_types().values()} == {"P", "G", "Standard"}
    assert all(known.family.casefold().startswith("standard") for known in azure.machine_sizes().values())
    assert {known.quota for known in gcp.machine_types().values()} == {
        "NVIDIA-L4-GPUS",
        "NVIDIA-A100-GPUS",
        "NVIDIA-A100-80GB-GPUS",
        "GPUS-PER-GPU-FAMILY",
        "CPUS-PER-VM-FAMILY",
        "C3-CPUS",
        "N2-CPUS",
    }


def test_a_type_that_the_table_lacks_does_not_exist() -> None:
    assert aws.machine("p9.48xlarge") is None
    assert gcp.machine("a9-highgpu-8g") is None
    assert azure.size("Standard_ND96isr_H900_v9") is None
