"""What the pages say exists: commands, links, files, and an example for each of the project's stacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"\bmake ([a-z][a-z0-9-]*)(?:[^`\n]*?\bSTACK=([a-z][a-z0-9-]*))?")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FILE = re.compile(
    r"`((?:tests|components|stacks|simulation|cli|docs|tools|benchmarks)/[\w./-]+|Pulumi\.[a-z-]+\.yaml)`"
)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def _stacks() -> set[str]:
    return {path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in ROOT.glob("Pulumi.*.yaml")}


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):(?:.*## )", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_stack_that_a_page_shows_exists(page: Path) -> None:
    shown = [match for code in CODE.findall(page.read_text()) for match in COMMAND.findall(code)]
    assert {target for target, _ in shown} <= _targets()
    assert {stack for _, stack in shown if stack} <= _stacks() | {"name"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    missing = [name for name in LINK.findall(text) if not (page.parent / name).exists()]
    missing += [name for name in FILE.findall(text) if not (ROOT / name).exists()]
    assert missing == []


def test_the_readme_names_every_stack_and_links_every_page() -> None:
    text = (ROOT / "README.md").read_text()
    assert [name for name in sorted(_stacks()) if f"`{name}`" not in text] == []
    assert [page.name for page in PAGES[1:] if f"(docs/{page.name})" not in text] == []


def test_the_readme_names_every_target_that_people_use() -> None:
    readme = (ROOT / "README.md").read_text()
    daily = ["check", "plan", "explain", "prerequisites", "up", "preview", "start", "stop", "status", "down", "render"]
    assert [target for target in [*daily, "e2e"] if f"make {target}" not in readme] == []


def test_pull_requests_preview_whatever_stack_has_a_file() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "preview.yml").read_text())
    listed = workflow["jobs"]["stacks"]["steps"][-1]["run"]
    assert "ls Pulumi.*.yaml" in listed
    assert workflow["jobs"]["preview"]["strategy"]["matrix"]["stack"] == "${{ fromJSON(needs.stacks.outputs.names) }}"
