"""Which environment a stack is on, and which scope it has, is asked nowhere but where it is decided.

Everything else takes the values: an ``Environment`` joined to its target, a ``Stack`` with its layers. The source is
read, so that a branch is found in code that no test runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clusters.environments import ENVIRONMENTS
from stacks.definitions import OURS

LIBRARIES = ("components", "stacks", "cli")
# The settings unions and the layers; each environment's own package is added below.
ALLOWED = ("stacks/settings.py", "stacks/targets.py", "stacks/layers/")
PACKAGES = {
    f"components/clusters/{environment.settings.__module__.split('.')[-2]}/": environment.settings.__name__
    for environment in ENVIRONMENTS
}
TARGETS = set(PACKAGES.values())
SETTINGS = {scope.settings.__name__ for scope in OURS.scopes.values()}
KINDS = {package.split("/")[2] for package in PACKAGES}
WORDS = KINDS | set(OURS.scopes)
# Attributes that hold the name of an environment or of a scope.
NAMED = {"scope", "environment"}


def branches(source: str) -> Iterator[str]:
    """Line and text of everything in the source that branches on a target or a scope."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in TARGETS:
                yield f"{node.lineno}: names {name}"
            case ast.Call(func=ast.Name(id="isinstance"), args=[_, kinds]) if _names(kinds) & SETTINGS:
                yield f"{node.lineno}: isinstance of {_names(kinds) & SETTINGS}"
            case ast.MatchClass(cls=ast.Name(id=name)) if name in SETTINGS:
                yield f"{node.lineno}: case {name}()"
            case ast.MatchValue(value=ast.Constant(value=str(word))) if word in WORDS:
                yield f"{node.lineno}: case {word!r}"
            case ast.Compare(left=left, comparators=right) if _is_branch([left, *right]):
                yield f"{node.lineno}: compares {ast.unparse(node)}"
            case _:
                pass


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _is_branch(sides: list[ast.expr]) -> bool:
    constants = {
        part.value
        for side in sides
        for part in ast.walk(side)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    attributes = {side.attr for side in sides if isinstance(side, ast.Attribute)}
    is_target_kind = any("target" in ast.unparse(side) and ast.unparse(side).endswith(".kind") for side in sides)
    return bool(constants & WORDS) or bool(attributes & NAMED and constants) or is_target_kind


def _is_allowed(path: str) -> bool:
    return path.startswith((*ALLOWED, *PACKAGES))


def test_nothing_branches_on_an_environment_or_a_scope(project: Path) -> None:
    read = 0
    found: list[str] = []
    for folder in LIBRARIES:
        for path in sorted((project / folder).rglob("*.py")):
            name = path.relative_to(project).as_posix()
            if not _is_allowed(name):
                read += 1
                found += [f"{name}:{branch}" for branch in branches(path.read_text())]
    assert read > 150, "the rule was held against too few files"
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "if isinstance(settings.target, EksTarget): pass",
        "match target:\n    case GkeTarget(): pass",
        "if target.kind == name: pass",
        "if kind in {'local', 'existing'}: pass",
        "match settings:\n    case ServingSettings(): pass",
        "if isinstance(settings, Settings | HybridSettings): pass",
        "if settings.scope == 'all': pass",
        "match scope:\n    case 'serving': pass",
        "if facts.environment == 'somewhere': pass",
    ],
)
def test_each_kind_of_branch_is_seen(source: str) -> None:
    assert list(branches(source))


def test_what_is_no_branch_is_left_alone() -> None:
    assert not list(branches("if pool.kind == 'gpu' and presence is Presence.CLOUD: pass"))
