"""How long a server takes to start, and how long before it counts as broken."""

from __future__ import annotations

import pytest

from components.contracts.cluster_facts import VolumeClass
from components.planner.startup import Read, start_up, sustained

from .clusters import cluster, plan_for, planned

H100 = cluster(h100=("p5.48xlarge", 1))


def volume(provisioner: str, published: float) -> VolumeClass:
    return VolumeClass(name="models", provisioner=provisioner, read_bytes_per_second=published)


SEEN = [
    (894, "efs.csi.aws.com", 1.57e9, 43),  # Qwen3-Coder-480B (modelplane#204)
    (1044, "fsx.csi.aws.com", 4.8e9, 75),  # aws-do-eks#40
]


@pytest.mark.parametrize(("gib", "provisioner", "published", "minutes"), SEEN)
def test_a_load_takes_as_long_as_people_saw_and_not_as_published(
    gib: int, provisioner: str, published: float, minutes: int
) -> None:
    size = gib * 2**30
    storage = start_up(size, size / 8, sustained(volume(provisioner, published))).storage
    assert storage.load == pytest.approx(minutes * 60, rel=0.02)
    assert storage.startup_budget > 1.5 * minutes * 60


@pytest.mark.parametrize(("gib", "published", "minutes"), [(gib, rate, seen) for gib, _, rate, seen in SEEN])
def test_a_server_on_any_other_storage_may_be_as_slow(gib: int, published: float, minutes: int) -> None:
    size = gib * 2**30
    storage = start_up(size, size / 8, sustained(volume("csi.example.com", published))).storage
    assert storage.load < 15 * 60, "what is expected stays the published figure"
    assert storage.startup_budget > minutes * 60


def test_what_a_slower_class_is_published_to_read_is_not_raised() -> None:
    assert sustained(volume("efs.csi.aws.com", 1e8)).bytes_per_second == 1e8


def test_a_small_model_is_judged_soon() -> None:
    size = 15 * 2**30
    assert start_up(size, size, Read(bytes_per_second=1.57e9, because="")).storage.startup_budget < 8 * 60


def test_a_cold_start_counts_the_compilation_and_an_encoder_has_none() -> None:
    size = 15 * 2**30
    read = Read(bytes_per_second=1e9, because="")
    cold, encoder = (start_up(size, size, read, has_graphs=graphs).storage for graphs in (True, False))
    assert cold.start - cold.load == pytest.approx(180, abs=1)
    assert cold.start - encoder.start == 120


def test_the_measured_bandwidth_of_a_request_goes_before_all_else() -> None:
    slow, fast = (
        planned(plan_for("Qwen/Qwen3-32B", H100, precision="bf16", storage_read=read)).storage
        for read in ("200MB/s", "2GB/s")
    )
    assert slow.load == pytest.approx(10 * fast.load, rel=0.01)
    assert slow.start > fast.start
