"""What builds on a stack goes before it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.dependents import dependencies, removal_order, require_no_dependents, require_unprotected
from components.contracts.errors import StrataError
from stacks.mode import Mode

PLATFORM = "config:\n  strata:scope: platform\n  strata:foundation: base\n"


@pytest.fixture
def stacks(project: Path, tmp_path: Path) -> Path:
    """Files of a foundation, a platform on it, and links that join the foundation to others."""
    text = (project / "Pulumi.hybrid.yaml").read_text()
    shutil.copy(project / "Pulumi.dev.yaml", tmp_path / "Pulumi.base.yaml")
    (tmp_path / "Pulumi.platform.yaml").write_text(PLATFORM)
    (tmp_path / "Pulumi.hybrid.yaml").write_text(text.replace("[aws, gcp,", "[base, aws, gcp,"))
    return tmp_path


def test_servers_go_before_the_platform_and_both_before_the_cluster() -> None:
    prerequisites = {
        "serving": frozenset({"foundation", "platform"}),
        "platform": frozenset({"foundation"}),
        "links": frozenset({"foundation", "other"}),
        "other": frozenset[str](),
    }
    order = removal_order("foundation", prerequisites)
    assert set(order) == {"serving", "platform", "links"}
    assert order.index("serving") < order.index("platform")
    assert removal_order("serving", prerequisites) == []


def test_a_foundation_stays_while_others_build_on_it(stacks: Path) -> None:
    with pytest.raises(StrataError) as caught:
        require_no_dependents(dependencies(stacks), "base", Mode.SIMULATED, lambda name: name in {"platform", "hybrid"})
    text = str(caught.value)
    assert "hybrid and platform build on it" in text
    assert "make down STACK=hybrid, then make down STACK=platform, then make down STACK=base" in text


def test_stacks_that_are_not_up_keep_nothing(stacks: Path) -> None:
    require_no_dependents(dependencies(stacks), "base", Mode.SIMULATED, lambda _: False)
    require_no_dependents(dependencies(stacks), "platform", Mode.SIMULATED, lambda _: True)


def test_a_broken_file_of_another_stack_keeps_nothing(stacks: Path) -> None:
    (stacks / "Pulumi.broken.yaml").write_text("config: [")
    require_no_dependents(dependencies(stacks), "platform", Mode.SIMULATED, lambda _: True)


def test_what_is_protected_keeps_the_whole_stack_and_not_only_itself() -> None:
    require_unprotected("hybrid", Mode.SIMULATED, [])
    with pytest.raises(StrataError, match="protected: aws-berlin-csva1-b"):
        require_unprotected("hybrid", Mode.SIMULATED, ["aws-berlin-csva1-b"])
