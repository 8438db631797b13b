"""A GPU machine type that nobody sells, one for each cloud: a row of the program's catalog and one of the cloud's.

Its name begins like no other, so that whatever a rule takes from a name fails to recognise it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.cloud_stacks import Edits

CATALOG = Path("components/planner/data/instances.csv")
"""The program's instance catalog."""
POOL = "invented"
"""The pool of the stack that takes such machines."""


@dataclass(frozen=True, kw_only=True)
class NewMachine:
    """An invented machine type of one cloud.

    Attributes:
        name: As the cloud would call it.
        catalog_row: Its row of the program's catalog.
        table: Table of the simulated cloud.
        row: Its row there.
        edits: Settings of the cloud's stack with such a machine in place of its smaller GPU pool.
        not_sold: What the cloud answers while its table lacks the row.
    """

    name: str
    catalog_row: Mapping[str, str]
    table: Path
    row: Mapping[str, str]
    edits: Edits
    not_sold: str


def add_row(table: Path, cells: Mapping[str, str]) -> None:
    """Append a row to a table; each cell goes to its column."""
    with table.open(newline="", encoding="utf-8") as text:
        columns = next(csv.reader(text))
    assert cells.keys() <= set(columns), f"{table.name} has no column {cells.keys() - set(columns)}"
    with table.open("a", newline="", encoding="utf-8") as text:
        csv.DictWriter(text, columns, lineterminator="\n").writerow(cells)


def _catalog_row(cloud: str, name: str, **cells: str) -> dict[str, str]:
    """Four H200s that cost $21.50 per hour, with what only the cloud has in other cells."""
    return {
        "cloud": cloud,
        "name": name,
        "gpu": "H200",
        "gpus": "4",
        "gpu_fraction": "1",
        "nvlink_domain": "4",
        "architecture": "amd64",
        "vcpus": "96",
        "memory_gib": "1024",
        "nvme_gb": "3800",
        "network_gbps": "100",
        "sold_as": "on-demand;spot;reservation",
        "usd_per_hour": "21.5",
        "price_date": "2026-11-20",
        "price_source": "invented",
        "source": "invented",
        **cells,
    }


_AWS, _GCP, _AZURE = "n9.24xlarge", "q9-maxgpu-4g", "Standard_QX96_H200_v9"

NEW_MACHINES = {
    "aws": NewMachine(
        name=_AWS,
        catalog_row=_catalog_row("aws", _AWS, quota="P", price_region="us-east-2"),
        table=Path("simulation/clouds/aws/machine_types.csv"),
        row={"name": _AWS, "cards": "1", "interfaces": "15", "quota": "P", "source": "invented"},
        edits=(
            ("name: l40s", f"name: {POOL}"),
            ("instance_type: g6e.12xlarge", f"instance_type: {_AWS}"),
            ("gpu: H100-SXM", "gpu: H200"),
        ),
        not_sold=f"AWS has no {_AWS} in us-east-2a",
    ),
    "gcp": NewMachine(
        name=_GCP,
        catalog_row=_catalog_row(
            "gcp",
            _GCP,
            accelerator_key="nvidia-h200-141gb",
            quota="gpu_family:NVIDIA_H200",
            boot_disk="hyperdisk-balanced",
            local_disk_gb="375",
            price_region="us-central1",
        ),
        table=Path("simulation/clouds/gcp/machine_types.csv"),
        row={
            "name": _GCP,
            "accelerator": "nvidia-h200-141gb",
            "boot_disks": "hyperdisk-balanced",
            "local_disks": "",
            "cards": "7",
            "quota": "GPUS-PER-GPU-FAMILY",
            "zones": "a",
            "source": "invented",
        },
        # The stack's other H200s are the pool that was there before, in another zone.
        edits=(
            ("name: l4\n", f"name: {POOL}\n"),
            ("instance_type: g2-standard-48", f"instance_type: {_GCP}"),
        ),
        not_sold=f"Google Cloud has no {_GCP} in us-central1-a",
    ),
    "azure": NewMachine(
        name=_AZURE,
        catalog_row=_catalog_row("azure", _AZURE, ephemeral_gib="1024", price_region="eastus2"),
        table=Path("simulation/clouds/azure/machine_sizes.csv"),
        row={"name": _AZURE, "family": "StandardNCADSA100v4Family", "local_gib": "1024", "source": "invented"},
        edits=(
            ("name: a100", f"name: {POOL}"),
            ("instance_type: Standard_NC24ads_A100_v4", f"instance_type: {_AZURE}"),
            ("gpu: H100-SXM", "gpu: H200"),
        ),
        not_sold=f"eastus2 has no {_AZURE} for this subscription",
    ),
}
"""By the name of the stack."""
