"""What each kind of stack may hold, and stacks that do not fit those below them."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from stacks.grounds import NotUpError, PlatformOutputs, ground_of, grounds_of, is_same_stack, misfits
from stacks.mode import Mode
from stacks.reading import read_stack, read_whole_stack
from stacks.settings import PlatformSettings, ServingSettings
from stacks.targets import cluster_facts, foundation_of_stack
from stacks.yaml_file import Value

# The stack, what is replaced in its file, by what, and what the error has to name and to advise.
WRONG: dict[str, tuple[str, str, str, str, str]] = {
    "unknown scope": ("aws-serving", "scope: serving", "scope: servng", "scope: 'servng'", "did you mean 'serving'?"),
    "models in a foundation": (
        "aws-foundation",
        "  strata:node_pools:\n",
        "  strata:models: []\n  strata:node_pools:\n",
        "models (Pulumi.aws-foundation.yaml:",
        "belongs into a stack of scope all or serving",
    ),
    "target in a platform": (
        "aws-platform",
        "  strata:foundation:",
        "  strata:target: {kind: local, name: dev}\n  strata:foundation:",
        "target (Pulumi.aws-platform.yaml:",
        "belongs into a stack of scope all or foundation",
    ),
    "node pools where models are": (
        "aws-serving",
        "  strata:models:",
        "  strata:node_pools: []\n  strata:models:",
        "node_pools (Pulumi.aws-serving.yaml:",
        "belongs into a stack of scope all or foundation",
    ),
    "foundation of a whole stack": (
        "dev",
        "  strata:models:",
        "  strata:foundation: other\n  strata:models:",
        "foundation (Pulumi.dev.yaml:",
        "belongs into a stack of scope platform or serving",
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


def serving(project: Path) -> ServingSettings:
    settings = read_stack(project, "aws-serving").settings
    assert isinstance(settings, ServingSettings)
    return settings


def foundation_outputs(project: Path) -> dict[str, Value]:
    base = foundation_of_stack(project, serving(project))
    assert base
    return {"cluster_facts": cluster_facts(project, base).model_dump(mode="json"), "volume_sources": {}}


@pytest.mark.parametrize("fault", WRONG)
def test_what_does_not_belong_into_a_stack_is_refused_by_name(fault: str, project: Path, tmp_path: Path) -> None:
    stack, old, new, field, advice = WRONG[fault]
    text = (project / f"Pulumi.{stack}.yaml").read_text()
    assert old in text, f"the stack no longer holds {old!r}; the test would break nothing"
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(StrataError) as caught:
        read_stack(tmp_path, stack)
    assert field in str(caught.value)
    assert advice in str(caught.value)


def test_a_part_is_not_taken_for_the_whole(project: Path) -> None:
    with pytest.raises(StrataError, match="name a stack of scope all"):
        read_whole_stack(project, "aws-serving")


def test_all_that_is_not_up_is_named_at_once_in_its_order(project: Path) -> None:
    with pytest.raises(NotUpError) as caught:
        ground_of(serving(project), lambda _: None, Mode.SIMULATED)
    assert [problem.field for problem in caught.value.problems] == ["foundation", "platform"]
    assert grounds_of(serving(project)) == ("aws-foundation", "aws-platform")


def test_a_stack_whose_first_up_failed_is_not_up(project: Path) -> None:
    outputs = {"aws-foundation": foundation_outputs(project), "aws-platform": dict[str, Value]()}
    with pytest.raises(NotUpError, match="aws-platform is not up: it hands over no namespace") as caught:
        ground_of(serving(project), outputs.__getitem__, Mode.SIMULATED)
    assert caught.value.foundation, "what is known already is not lost"


def test_stacks_that_fit_are_taken(project: Path) -> None:
    outputs: dict[str, Value] = {"aws-foundation": foundation_outputs(project), "aws-platform": PLATFORM}
    assert ground_of(serving(project), outputs.__getitem__, Mode.SIMULATED).cluster_facts.name == "strata-split"
    platform = PlatformSettings(scope="platform", foundation="aws-foundation")
    assert ground_of(platform, outputs.__getitem__, Mode.SIMULATED).cluster_facts.name == "strata-split"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"namespace": "others"}, "namespace"),
        ({"foundation": "organization/strata/gcp"}, "platform"),
        ({"catalog_size": "16Gi"}, "platform"),
    ],
)
def test_a_platform_of_others_is_refused(project: Path, changed: dict[str, str], field: str) -> None:
    problems = list(misfits(serving(project), PlatformOutputs.model_validate({**PLATFORM, **changed})))
    assert [problem.field for problem in problems] == [field]


def test_facts_of_another_version_are_no_reason_to_guess(project: Path) -> None:
    old: dict[str, Value] = {**foundation_outputs(project), "cluster_facts": {"name": "strata-split"}}
    with pytest.raises(StrataError, match="brought up by another version"):
        ground_of(PlatformSettings(scope="platform", foundation="aws-foundation"), lambda _: old, Mode.SIMULATED)


def test_names_may_leave_out_organization_and_project() -> None:
    assert is_same_stack("aws-foundation", "organization/strata/aws-foundation")
    assert not is_same_stack("acme/strata/prod", "other/strata/prod")
    assert not is_same_stack("aws", "aws-foundation")
