"""A live node is the simulated node whose place it takes: same name, labels, taints and size."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from components.contracts.pools import CpuPool, GpuPool
from simulation.control_plane.layout import Layout
from simulation.control_plane.nodes import MANAGED_LABEL, nodes_of
from simulation.live.members import members_of
from simulation.live.record import LiveRecord, live_pools, read_live, write_live

GPUS = GpuPool(name="h100", instance_type="p5.48xlarge", count=2, zones=["zone-a", "zone-b"])
CPUS = CpuPool(name="cpu", instance_type="m7i.8xlarge", count=3, zones=["zone-a"])


def test_a_live_node_has_name_labels_taints_and_size_of_the_simulated_one() -> None:
    live, simulated = members_of([GPUS, CPUS], {"h100": 1})[0], next(iter(nodes_of([GPUS])))
    body = live.body()
    assert isinstance(body, dict)
    metadata, spec = body["metadata"], body["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert metadata["name"] == simulated.name
    labels = metadata["labels"]
    assert isinstance(labels, dict)
    assert {key: value for key, value in simulated.labels.items() if key != MANAGED_LABEL}.items() <= labels.items()
    assert spec["taints"] == simulated.taint_objects()
    assert live.cpus == 192
    assert live.memory_kib * 1024 > 2e12


def test_nobody_simulates_a_live_node() -> None:
    body = str(members_of([GPUS], {"h100": 1})[0].body())
    assert MANAGED_LABEL not in body, "the pools' own code would remove it"
    assert "kwok" not in body, "kwok would answer in place of its kubelet"


def test_every_node_has_an_address_and_pods_of_its_own() -> None:
    members = members_of([GPUS, CPUS], {"h100": 2, "cpu": 1})
    assert [member.name for member in members] == ["h100-0", "h100-1", "cpu-0"]
    assert len({member.address for member in members}) == len({member.pod_range for member in members}) == 3


def test_devices_are_those_of_the_machine() -> None:
    gpus, cpus = members_of([GPUS, CPUS], {"h100": 1, "cpu": 1})
    assert gpus.gpus is not None
    assert (gpus.gpus.gpu.name, gpus.gpus.count) == ("H100-SXM", 8)
    assert gpus.network_devices == {"vpc.amazonaws.com/efa": 32}
    assert cpus.gpus is None
    assert not cpus.network_devices


def test_a_pool_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(StrataError) as caught:
        members_of([GPUS, CPUS], {"h200": 1})
    (problem,) = caught.value.problems
    assert problem.field == "target.live_pools"
    assert "h100, cpu" in problem.fix


def test_which_pools_are_live_is_remembered(tmp_path: Path) -> None:
    layout = Layout.of("dev", tmp_path)
    assert not live_pools(layout)
    record = LiveRecord(counts={"h100": 2}, pools=(GPUS,), images={"pause": str(tmp_path / "pause.tar")})
    write_live(layout, record)
    assert read_live(layout) == record
    assert live_pools(layout) == {"h100"}


def test_a_broken_record_means_that_no_node_is_live(tmp_path: Path) -> None:
    layout = Layout.of("dev", tmp_path)
    write_live(layout, LiveRecord(counts={"h100": 2}, pools=(GPUS,)))
    (layout.home / "live.json").write_text("{")
    assert not live_pools(layout)
