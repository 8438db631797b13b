"""Storage classes of a cluster that exists are named, and what is known of their provisioners is used."""

from __future__ import annotations

import json

import pytest

from components.clusters.existing.drivers import ASSUMED_READ, DRIVERS
from components.clusters.existing.rules import storage_problems
from components.clusters.existing.storage import ExistingStorage

DATA_CENTRE = {"name": "models", "provisioner": "nfs.csi.k8s.io", "read_bandwidth": "5GB/s", "capacity": "20Ti"}


def storage(**classes: object) -> ExistingStorage:
    return ExistingStorage.model_validate_json(json.dumps({"read_write_once": "gp3", **classes}))


def test_names_suffice() -> None:
    facts = storage(read_write_many="efs").facts
    assert (facts.read_write_once.name, facts.read_write_many.name, facts.scratch) == ("gp3", "efs", None)
    assert facts.read_write_many.read_bytes_per_second == ASSUMED_READ
    assert not facts.read_write_many.managed, "it exists"


def test_a_known_provisioner_tells_what_a_node_reads() -> None:
    facts = storage(read_write_many={"name": "files", "provisioner": "efs.csi.aws.com"}).facts
    assert facts.read_write_many.read_bytes_per_second == 500 * 2**20


def test_what_the_user_measured_counts_more() -> None:
    facts = storage(read_write_many=DATA_CENTRE, scratch={"name": "nvme", "read_bandwidth": "24Gbps"}).facts
    assert facts.read_write_many.read_bytes_per_second == 5e9
    assert facts.read_write_many.capacity == 20 * 2**40
    assert facts.scratch is not None
    assert facts.scratch.read_bytes_per_second == 3e9


@pytest.mark.parametrize("provisioner", DRIVERS)
def test_only_provisioners_of_disks_are_refused_for_shared_files(provisioner: str) -> None:
    classes = storage(read_write_many={"name": "files", "provisioner": provisioner})
    problems = list(storage_problems(classes))
    is_disk = any(word in provisioner for word in ("ebs", "disk", "rbd", "local-path"))
    assert [problem.field for problem in problems] == ["target.storage.read_write_many"] * is_disk
    assert all(provisioner not in problem.fix for problem in problems)


@pytest.mark.parametrize("wrong", [{}, {"name": ""}, 5, ["efs"], {"name": "efs", "read_bandwidth": 5}, "UPPER_case"])
def test_what_names_no_class_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"read_write_many"):
        storage(read_write_many=wrong)


def test_two_classes_of_one_name_cannot_be_made() -> None:
    made = {"name": "x", "managed": True, "provisioner": "nfs.csi.k8s.io"}
    found = list(storage_problems(storage(read_write_once=made, read_write_many=made)))
    assert [problem.field for problem in found] == ["target.storage.read_write_many.name"]


def test_what_a_class_that_exists_would_ignore_is_refused() -> None:
    shared = {"name": "x", "parameters": {"server": "files"}, "binding": "WaitForFirstConsumer"}
    found = list(storage_problems(storage(read_write_many=shared)))
    fields = [f"target.storage.read_write_many.{setting}" for setting in ("parameters", "binding")]
    assert [problem.field for problem in found] == fields
