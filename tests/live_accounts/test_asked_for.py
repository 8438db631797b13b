"""No account is touched unless everything that a run needs is there, and each reason says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.first_run.stacks import STACKS

from .asked_for import asked, why_not


def complete(folder: Path) -> dict[str, str]:
    edits = folder / "edits"
    edits.write_text("111122223333 => 444455556666\n\n203.0.113.7/32 => 198.51.100.1/32\n")
    return {
        "STRATA_LIVE": "first-eks",
        "STRATA_LIVE_EDITS": str(edits),
        "AWS_PROFILE": "me",
        "PULUMI_BACKEND_URL": "s3://states",
        "PULUMI_CONFIG_PASSPHRASE": "",
    }


def test_with_all_of_it_there_is_a_run(tmp_path: Path) -> None:
    assert why_not(complete(tmp_path), tmp_path) == ""
    run = asked(complete(tmp_path))
    assert "444455556666" in run.text
    assert "111122223333" not in run.text
    assert "198.51.100.1/32" in run.text


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("STRATA_LIVE", "no account is asked for"),
        ("AWS_PROFILE", "no credentials"),
        ("PULUMI_BACKEND_URL", "outlives this run"),
        ("PULUMI_CONFIG_PASSPHRASE", "is set"),
        ("STRATA_LIVE_EDITS", "somebody else's account"),
    ],
)
def test_without_one_of_it_there_is_none_and_the_reason_names_it(missing: str, said: str, tmp_path: Path) -> None:
    given = {name: value for name, value in complete(tmp_path).items() if name != missing}
    assert said in why_not(given, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STRATA_LIVE", "aws", "is none of first-eks"),
        ("PULUMI_BACKEND_URL", "file:///checkout/.strata/backend", "outlives this run"),
    ],
)
def test_what_cannot_be_meant_is_told(name: str, value: str, said: str, tmp_path: Path) -> None:
    assert said in why_not({**complete(tmp_path), name: value}, tmp_path)


@pytest.mark.parametrize("stack", STACKS)
def test_each_stack_knows_its_credentials(stack: str, tmp_path: Path) -> None:
    given = {name: value for name, value in complete(tmp_path).items() if name != "AWS_PROFILE"}
    assert "no credentials" in why_not({**given, "STRATA_LIVE": stack}, tmp_path)


def test_an_edit_that_changes_nothing_is_a_mistake(tmp_path: Path) -> None:
    given = complete(tmp_path)
    Path(given["STRATA_LIVE_EDITS"]).write_text("999999999999 => 444455556666\n")
    with pytest.raises(ValueError, match="999999999999"):
        asked(given)
