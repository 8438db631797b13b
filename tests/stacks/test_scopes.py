"""What each kind of stack may hold, and stacks that do not fit those below them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from stacks.below import NotUpError
from stacks.checks import files_only
from stacks.definitions import OURS
from stacks.layers import LAYERS
from stacks.layers.layer import is_same_stack
from stacks.reading import read_stack, read_whole_stack
from stacks.stack import CheckedStack, Stack
from stacks.yaml_file import Value
from tests.stack_files import replace_text

# The stack, what is replaced in its file, by what, and what the error has to name and to advise.
WRONG: dict[str, tuple[str, str, str, str, str]] = {
    "unknown scope": (
        "aws-serving",
        "scope: serving",
        "scope: servng",
        "'servng' is not known",
        "did you mean 'serving'?",
    ),
    "models in a foundation": (
        "aws-foundation",
        "  strata:node_pools:\n",
        "  strata:models: []\n  strata:node_pools:\n",
        "models (Pulumi.aws-foundation.yaml:",
        "belongs to a stack of scope all or serving",
    ),
    "target in a platform": (
        "aws-platform",
        "  strata:foundation:",
        "  strata:target: {kind: local, name: dev}\n  strata:foundation:",
        "target (Pulumi.aws-platform.yaml:",
        "belongs to a stack of scope all or foundation",
    ),
    "node pools where models are": (
        "aws-serving",
        "  strata:models:",
        "  strata:node_pools: []\n  strata:models:",
        "node_pools (Pulumi.aws-serving.yaml:",
        "belongs to a stack of scope all or foundation",
    ),
    "foundation of a whole stack": (
        "dev",
        "  strata:models:",
        "  strata:foundation: other\n  strata:models:",
        "foundation (Pulumi.dev.yaml:",
        "belongs to a stack of scope platform or serving",
    ),
    "misspelt in a split stack": (
        "aws-serving",
        "strata:models:",
        "strata:modles:",
        "modles (Pulumi.aws-serving.yaml:",
        "did you mean 'models'?",
    ),
    "serving without foundation": (
        "aws-serving",
        "  strata:foundation: aws-foundation\n",
        "",
        "foundation",
        "add `foundation:` (Stack that holds the cluster)",
    ),
    "serving without platform": (
        "aws-serving",
        "  strata:platform: aws-platform\n",
        "",
        "platform",
        "add `platform:` (Stack that holds the namespace",
    ),
    "platform without foundation": (
        "aws-platform",
        "  strata:foundation: aws-foundation\n",
        "",
        "foundation",
        "add `foundation:`",
    ),
    "no name of a stack": (
        "aws-platform",
        "strata:foundation: aws-foundation",
        "strata:foundation: a/b/c/d",
        "foundation (Pulumi.aws-platform.yaml:",
        "Stack that holds the cluster",
    ),
}
PLATFORM: dict[str, Value] = {"namespace": "models", "foundation": "organization/strata/aws-foundation"}
SCALING: Value = {"services": {"apis": ["keda.sh"], "prometheus": "http://prometheus.strata-monitoring.svc:9090"}}
"""What the platform's services add."""


def stack(project: Path, name: str) -> Stack:
    return read_stack(project, name).stack


def checked(project: Path, name: str, outputs: dict[str, dict[str, Value]]) -> CheckedStack:
    return stack(project, name).check(replace(files_only(project), outputs=outputs.get))


def foundation_outputs(project: Path) -> dict[str, Value]:
    facts = stack(project, "aws-foundation").facts(files_only(project))
    return {"cluster_facts": facts.model_dump(mode="json"), "volume_sources": {}}


@pytest.mark.parametrize("fault", WRONG)
def test_what_does_not_belong_into_a_stack_is_refused_by_name(fault: str, project: Path, tmp_path: Path) -> None:
    stack, old, new, field, advice = WRONG[fault]
    replace_text(project, tmp_path, stack, old, new)
    with pytest.raises(StrataError) as caught:
        read_stack(tmp_path, stack)
    assert field in str(caught.value)
    assert advice in str(caught.value)


def test_a_part_is_not_taken_for_the_whole(project: Path) -> None:
    with pytest.raises(StrataError, match="name a stack of scope all"):
        read_whole_stack(project, "aws-serving")


def test_all_that_is_not_up_is_named_at_once_in_its_order(project: Path) -> None:
    missing = checked(project, "aws-serving", {}).missing
    assert missing
    assert missing.lacks_cluster
    assert [problem.field for problem in missing.problems] == ["foundation", "platform"]
    assert [need.stack for need in stack(project, "aws-serving").needs] == ["aws-foundation", "aws-platform"]


def test_without_stack_and_file_nothing_is_planned(project: Path, tmp_path: Path) -> None:
    shutil.copy(project / "Pulumi.aws-serving.yaml", tmp_path)
    with pytest.raises(NotUpError) as caught:
        checked(tmp_path, "aws-serving", {})
    assert [problem.field for problem in caught.value.problems] == ["foundation", "platform"]


def test_a_stack_whose_first_up_failed_is_not_up(project: Path) -> None:
    outputs = {"aws-foundation": foundation_outputs(project), "aws-platform": dict[str, Value]()}
    missing = checked(project, "aws-serving", outputs).missing
    assert missing
    assert "aws-platform is not up: it has no output namespace" in str(missing)
    assert not missing.lacks_cluster, "what is known already is not lost"


def test_stacks_that_fit_are_taken(project: Path) -> None:
    outputs = {"aws-foundation": foundation_outputs(project), "aws-platform": {**PLATFORM, "contributions": SCALING}}
    for name in ("aws-serving", "aws-platform"):
        assert checked(project, name, outputs).missing is None
        facts = stack(project, name).facts(replace(files_only(project), outputs=outputs.get))
        assert facts.name == "strata-split"


def test_a_platform_that_scales_nothing_yet_has_to_go_up_first(project: Path) -> None:
    outputs = {"aws-foundation": foundation_outputs(project), "aws-platform": PLATFORM}
    with pytest.raises(StrataError) as caught:
        checked(project, "aws-serving", outputs)
    fields = [f"models[0].autoscaling.{setting}" for setting in ("kind", "prometheus")]
    assert [problem.field for problem in caught.value.problems] == fields
    assert all("in the stack of the platform" in problem.fix for problem in caught.value.problems)


def test_an_hpa_on_a_platform_of_before_is_refused_until_the_foundation_names_an_adapter(
    project: Path, tmp_path: Path
) -> None:
    for name in ("aws-foundation", "aws-platform"):
        shutil.copy(project / f"Pulumi.{name}.yaml", tmp_path)
    replace_text(project, tmp_path, "aws-serving", "kind: keda", "kind: hpa")
    outputs = {"aws-foundation": foundation_outputs(tmp_path), "aws-platform": PLATFORM}
    with pytest.raises(StrataError) as caught:
        checked(tmp_path, "aws-serving", outputs)
    assert [problem.field for problem in caught.value.problems] == ["models[0].autoscaling.kind"]
    named = "    region: us-east-2\n    apis: [custom.metrics.k8s.io]\n"
    replace_text(project, tmp_path, "aws-foundation", "    region: us-east-2\n", named)
    outputs["aws-foundation"] = foundation_outputs(tmp_path)
    assert checked(tmp_path, "aws-serving", outputs).missing is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"namespace": "others"}, "namespace"),
        ({"foundation": "organization/strata/gcp"}, "platform"),
        ({"catalog_size": "16Gi"}, "platform"),
    ],
)
def test_a_platform_of_others_is_refused(project: Path, changed: dict[str, str], field: str) -> None:
    outputs = {"aws-foundation": foundation_outputs(project), "aws-platform": {**PLATFORM, **changed}}
    with pytest.raises(StrataError) as caught:
        checked(project, "aws-serving", outputs)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_facts_of_another_version_are_no_reason_to_guess(project: Path) -> None:
    old: dict[str, Value] = {**foundation_outputs(project), "cluster_facts": {"name": "strata-split"}}
    with pytest.raises(StrataError, match="brought up by another version"):
        checked(project, "aws-platform", {"aws-foundation": old})


def test_what_a_layer_of_another_stack_adds_reaches_the_plans(project: Path) -> None:
    added: Value = {"operators": {"apis": ["keda.sh"], "pool_resources": {"h100": {"rdma/ib": 8}}}}
    outputs = {"aws-foundation": foundation_outputs(project), "aws-platform": {**PLATFORM, "contributions": added}}
    facts = stack(project, "aws-serving").facts(replace(files_only(project), outputs=outputs.get))
    assert "keda.sh" in facts.apis
    assert facts.pool("h100").resources == {"rdma/ib": 8}


def test_names_may_leave_out_organization_and_project() -> None:
    assert is_same_stack("aws-foundation", "organization/strata/aws-foundation")
    assert not is_same_stack("acme/strata/prod", "other/strata/prod")
    assert not is_same_stack("aws", "aws-foundation")


def test_every_layer_has_a_scope_and_is_part_of_scope_all() -> None:
    assert set(OURS.scopes) == {"all", "hybrid", *(layer.part_of for layer in LAYERS)}
    for layer in LAYERS:
        own = OURS.scopes[layer.part_of].settings
        assert issubclass(own, layer.settings)
        assert issubclass(OURS.scopes["all"].settings, layer.settings)
        members = [member for member in LAYERS if member.part_of == layer.part_of]
        expected = {name for member in members for name in (*member.needs, *member.settings.model_fields)}
        assert set(own.model_fields) == {"scope", *expected}
