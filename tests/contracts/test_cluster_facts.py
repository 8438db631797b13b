"""Facts that cross stacks: read back as they were written, also those of an earlier version."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from components.contracts.api_groups import KEDA, MONITORING
from components.contracts.cluster_facts import ClusterFacts, VolumeClass
from components.contracts.errors import StrataError
from tests.planner.clusters import cluster
from tests.untyped import untyped

FACTS = cluster(h100=("p5.48xlarge", 2))


def written(**changes: object) -> str:
    known = FACTS.model_dump(mode="json")
    return json.dumps({**{key: value for key, value in known.items() if value is not None}, **changes})


def test_facts_are_read_as_they_were_written() -> None:
    facts = FACTS.with_apis([KEDA, MONITORING, KEDA])
    assert facts.apis == (KEDA, MONITORING)
    assert ClusterFacts.model_validate_json(facts.model_dump_json()) == facts


@pytest.mark.parametrize(
    ("switches", "groups"),
    [
        ({"pod_monitors": True, "scaled_objects": True}, (KEDA, MONITORING)),
        ({"pod_monitors": True, "scaled_objects": False}, (MONITORING,)),
        ({"pod_monitors": False, "scaled_objects": False}, ()),
    ],
)
def test_the_switches_of_an_earlier_version_become_api_groups(
    switches: dict[str, bool], groups: tuple[str, ...]
) -> None:
    old = json.loads(written())
    del old["apis"]
    facts = ClusterFacts.model_validate_json(json.dumps({**old, **switches}))
    assert facts.apis == groups
    assert facts == FACTS.model_copy(update={"apis": groups})
    assert not {"pod_monitors", "scaled_objects"} & set(facts.model_dump()), "they are read and never written"


@pytest.mark.parametrize("group", ["keda", "keda.sh/v1alpha1", "Keda.sh", "", "-a.b"])
def test_what_is_not_an_api_group_is_refused(group: str) -> None:
    with pytest.raises(ValidationError, match="is not an API group"):
        ClusterFacts.model_validate_json(written(apis=[group]))


def test_api_groups_that_are_added_have_to_be_a_list_of_groups() -> None:
    for given, field, said in (
        (KEDA, "ClusterFacts.with_apis.groups", "pass a list, such as ['keda.sh']"),
        ([f"{KEDA}/v1alpha1"], "ClusterFacts.with_apis.groups[0]", "write it without a version"),
        (None, "ClusterFacts.with_apis.groups", "expected a list"),
    ):
        with pytest.raises(StrataError) as refused:
            untyped(FACTS.with_apis, {"groups": given})
        (problem,) = refused.value.problems
        assert (problem.field, said in str(problem)) == (field, True), str(problem)


def test_an_unknown_pool_is_refused_with_the_nearest() -> None:
    with pytest.raises(StrataError, match="did you mean 'h100'"):
        FACTS.pool("h10")


def test_a_class_that_is_to_be_created_needs_a_provisioner() -> None:
    assert VolumeClass(name="theirs", read_bytes_per_second=1e9).provisioner == ""
    with pytest.raises(StrataError, match=r"VolumeClass: .*no provisioner is given"):
        VolumeClass(name="ours", read_bytes_per_second=1e9, managed=True)
