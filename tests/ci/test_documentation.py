"""What the pages say exists: commands, links, files, and an example for each of the project's stacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LINKED = sorted((ROOT / "docs").glob("*.md"))
DECISIONS = ROOT / "docs" / "decisions"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *LINKED, *sorted(DECISIONS.glob("*.md"))]
COMMAND = re.compile(r"\bmake ([a-z][a-z0-9-]*)(?:[^`\n]*?\bSTACK=([a-z][a-z0-9-]*))?")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
ROOMS = "benchmarks|cli|components|docs|simulation|stacks|tests|tools"
# A path in code: whole words only, so that `components/<room>` is a pattern and no path.
FILE = re.compile(rf"(?<!\S)((?:{ROOMS})/[\w./*{{}},-]*|Pulumi\.[a-z-]+\.yaml|Makefile|[\w-]+\.(?:toml|in|md))(?=$|\s)")
TO_BE_MADE = {"Pulumi.prod.yaml"}
"""Files that a page tells its reader to make."""
BRACES = re.compile(r"\{([^{}]*)\}")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


LIVES = {"devices"}
"""What stands in the place of a stack's name where many small stacks are led through their lives."""


def _stacks() -> set[str]:
    return {path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in ROOT.glob("Pulumi.*.yaml")}


def _first_runs() -> set[str]:
    """Stacks whose file readers copy."""
    files = (ROOT / "docs" / "first-run").glob("Pulumi.*.yaml")
    return {path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in files}


def _paths(text: str) -> set[str]:
    """Every path of the repository that is named in code, braces written out."""
    found: set[str] = set()
    for code in CODE.findall(text):
        for path in FILE.findall(code.strip("`")):
            found |= _spelt_out(path)
    return found


def _spelt_out(path: str) -> set[str]:
    braces = BRACES.search(path)
    if braces is None:
        return {path}
    before, after = path[: braces.start()], path[braces.end() :]
    return {spelt for part in braces[1].split(",") for spelt in _spelt_out(before + part + after)}


def _exists(path: str) -> bool:
    return any(ROOT.glob(path))


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):(?:.*## )", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_and_stack_that_a_page_shows_exists(page: Path) -> None:
    shown = [match for code in CODE.findall(page.read_text()) for match in COMMAND.findall(code)]
    assert {target for target, _ in shown} <= _targets()
    assert {stack for _, stack in shown if stack} <= _stacks() | _first_runs() | LIVES | {"name"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_path_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    missing = [name for name in LINK.findall(text) if not (page.parent / name).exists()]
    missing += [path for path in sorted(_paths(text) - TO_BE_MADE) if not _exists(path)]
    assert missing == []


def test_a_path_is_found_wherever_it_stands_in_code() -> None:
    text = (
        "`cli/a.py` and `components/{b,c}/d.py`, no cli/e.py, no `stacks/<f>.py`\n```\npytest tests/g.py Makefile\n```"
    )
    assert _paths(text) == {"cli/a.py", "components/b/d.py", "components/c/d.py", "tests/g.py", "Makefile"}
    assert _exists("components/planner/data/*.csv")
    assert not _exists("components/planner/data/*.tsv")


def test_the_readme_names_every_stack_and_links_every_page() -> None:
    text = (ROOT / "README.md").read_text()
    assert [name for name in sorted(_stacks()) if f"`{name}`" not in text] == []
    assert [page.name for page in LINKED if f"(docs/{page.name})" not in text] == []
    assert "(CONTRIBUTING.md)" in text


def test_the_index_of_decisions_links_every_one() -> None:
    text = (DECISIONS / "README.md").read_text()
    decisions = [path.name for path in DECISIONS.glob("*.md") if path.name != "README.md"]
    assert len(decisions) > 5
    assert [name for name in sorted(decisions) if f"({name})" not in text] == []


def test_the_readme_names_every_target_that_people_use() -> None:
    readme = (ROOT / "README.md").read_text()
    daily = ["check", "plan", "explain", "prerequisites", "up", "preview", "start", "stop", "status", "down", "render"]
    assert [target for target in [*daily, "e2e"] if f"make {target}" not in readme] == []


def test_pull_requests_preview_whatever_stack_has_a_file() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "preview.yml").read_text())
    listed = workflow["jobs"]["stacks"]["steps"][-1]["run"]
    assert "ls Pulumi.*.yaml" in listed
    assert workflow["jobs"]["preview"]["strategy"]["matrix"]["stack"] == "${{ fromJSON(needs.stacks.outputs.names) }}"
