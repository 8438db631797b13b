"""Rewriting a stack's file in the present spelling, with its comments, its order and its quotes.

Only the keys and values that changed are replaced, at their places in the text. A file that is invalid, or would
mean something else afterwards, is left as it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from components.contracts.errors import StrataError
from components.contracts.validation import Location, render

from .definitions import OURS, Definitions
from .project import PROJECT, stack_path
from .reading import read_stack
from .spellings import OldSpelling


def migrate(project: Path, stack: str, definitions: Definitions = OURS) -> Sequence[str]:
    """Rewrite a stack's file; what was changed, one line each, none where there was nothing to do.

    Args:
        project: Folder of the project.
        stack: Name of the stack.
        definitions: What kinds of stacks there are.

    Raises:
        StrataError: The file is invalid, or the rewritten one would be read otherwise; it stays as it is.
    """
    before = read_stack(project, stack, definitions)
    if not before.old_spellings:
        return ()
    path = stack_path(project, stack)
    # Bytes, as reading text would change the line ends of a file from Windows.
    text = path.read_bytes().decode("utf-8")
    rewritten = _rewritten(text, before.old_spellings)
    with tempfile.TemporaryDirectory() as folder:
        copied = stack_path(Path(folder), stack)
        copied.write_bytes(rewritten.encode())
        after = read_stack(Path(folder), stack, definitions)
    if after.settings != before.settings or after.old_spellings:
        raise StrataError.of(
            path.name,
            cause="the rewritten file would be read otherwise",
            consequence="it stays as it is",
            fix="change these by hand: " + ", ".join(render(found.path) for found in before.old_spellings),
        )
    _replace(path, rewritten)
    return [f"{render(found.path)} → {found.key}: {found.value}" for found in before.old_spellings]


def _rewritten(text: str, spellings: Sequence[OldSpelling]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edits: list[tuple[int, int, str]] = []
    for found in spellings:
        key, value = _pair(root, ("config", f"{PROJECT}:{found.path[0]}", *found.path[1:]))
        edits.append((key.start_mark.index, key.end_mark.index, found.key))
        edits.append((value.start_mark.index, value.end_mark.index, found.value))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _pair(node: yaml.Node | None, place: Location) -> tuple[yaml.Node, yaml.Node]:
    """The nodes of a key and of its value.

    Raises:
        LookupError: There is no such place.
    """
    part, *rest = place
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value if isinstance(node, yaml.MappingNode) else []
    for key, value in pairs:
        if key.value == part:
            return _pair(value, tuple(rest)) if rest else (key, value)
    raise LookupError(render(place))


def _replace(path: Path, text: str) -> None:
    """Write beside the file and take its place, so that a run that is killed leaves one of the two whole."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(path.stat().st_mode)
    Path(file.name).replace(path)
