"""The classes of components as their sources have them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

COMPONENTS = Path(__file__).resolve().parents[2] / "components"


def component_classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    """Every component with its file."""
    for path in sorted(COMPONENTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any("ComponentResource" in ast.unparse(base) for base in node.bases):
                yield path, node
