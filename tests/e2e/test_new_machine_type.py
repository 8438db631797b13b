"""A GPU machine type that nobody has is added by one row of the program and one of the simulated cloud, and serves.

No code knows it: not its name, which begins like no other, nor anything that follows from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pods import servers
from tests.sandbox import Sandbox, sandbox

pytestmark = [pytest.mark.engine, pytest.mark.slow]

MACHINE, POOL = "n9.24xlarge", "invented"
PROGRAM = Path("components/planner/data/instances.csv")
PROGRAM_ROW = {
    "cloud": "aws",
    "name": MACHINE,
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
    "quota": "P",
    "usd_per_hour": "21.5",
    "price_region": "us-east-2",
    "price_date": "2026-11-20",
    "price_source": "invented",
    "source": "invented",
}
CLOUD = Path("simulation/clouds/aws/machine_types.csv")
CLOUD_ROW = {"name": MACHINE, "cards": "1", "interfaces": "15", "quota": "P", "source": "invented"}


def add_row(table: Path, cells: dict[str, str]) -> None:
    """Append a row to a table of the copy; each cell goes to its column."""
    with table.open(newline="", encoding="utf-8") as text:
        columns = next(csv.reader(text))
    assert cells.keys() <= set(columns), f"{table.name} has no column {cells.keys() - set(columns)}"
    with table.open("a", newline="", encoding="utf-8") as text:
        csv.DictWriter(text, columns, lineterminator="\n").writerow(cells)


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("machine"), "aws") as made:
        made.edit("name: l40s", f"name: {POOL}")
        made.edit("instance_type: g6e.12xlarge", f"instance_type: {MACHINE}")
        made.edit("gpu: H100-SXM", "gpu: H200")
        yield made


def test_without_a_row_nobody_knows_it(box: Sandbox) -> None:
    done = box.strata("check")
    assert done.returncode != 0
    assert f"{MACHINE!r} is not in the instance catalog" in done.stdout + done.stderr


def test_the_cloud_does_not_sell_what_only_the_program_knows(box: Sandbox) -> None:
    add_row(box.folder / PROGRAM, PROGRAM_ROW)
    done = box.strata("check")
    assert done.returncode == 0, done.stdout + done.stderr
    refused = box.strata("preview", timeout=600)
    assert refused.returncode != 0
    assert f"AWS has no {MACHINE} in us-east-2a" in refused.stdout + refused.stderr


def test_with_a_row_of_the_cloud_too_it_is_planned_bought_and_serves(box: Sandbox) -> None:
    add_row(box.folder / CLOUD, CLOUD_ROW)
    done = box.strata("up", timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "qwen2-7b" in done.stdout
    nodes = box.kubectl("get", "nodes", "-l", f"node.kubernetes.io/instance-type={MACHINE}", "-o", "name").split()
    assert len(nodes) == 1
    pods = servers(box)
    assert [pod.status.phase for pod in pods] == ["Running", "Running"]
    assert {f"node/{pod.spec.node}" for pod in pods} == set(nodes)


def test_its_price_is_in_the_plan(box: Sandbox) -> None:
    done = box.strata("plan")
    assert done.returncode == 0, done.stderr
    assert f"{MACHINE}, pool {POOL}" in done.stdout
    assert "$10.75 per hour" in done.stdout, "two servers take two of its four GPUs"


def test_it_goes_again_with_the_stack(box: Sandbox) -> None:
    done = box.strata("down", timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
