"""Rewriting a stack's file in the present spelling, with its comments, its order and its quotes.

Only the keys and values that changed are replaced, at their places in the text. A file that is invalid, or would
mean something else afterwards, is left as it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from components.contracts.errors import StrataError
from components.contracts.validation import Location, render

from .definitions import OURS, Definitions
from .project import PROJECT, stack_path
from .reading import read_stack
from .spellings import OldSpelling, entries_to_join, flow_text
from .yaml_edit import Edit, Pair, applied, extended, node_at


def migrate(project: Path, stack: str, definitions: Definitions = OURS) -> Sequence[str]:
    """Rewrite a stack's file; what was changed, one line each, none where there was nothing to do.

    Args:
        project: Folder of the project.
        stack: Name of the stack.
        definitions: What kinds of stacks there are.

    Raises:
        StrataError: The file is invalid, or cannot be rewritten without losing something; it stays as it is.
    """
    before = read_stack(project, stack, definitions)
    if not before.old_spellings:
        return ()
    path = stack_path(project, stack).resolve()
    _require_replaceable(path, before.old_spellings)
    try:
        # Line ends stay as they are only in a text that nobody translated.
        rewritten = _rewritten(path.read_bytes().decode("utf-8"), before.old_spellings)
    except LookupError:
        raise _by_hand(path.name, "the file is written in a way that cannot be edited", before.old_spellings) from None
    with tempfile.TemporaryDirectory() as folder:
        stack_path(Path(folder), stack).write_bytes(rewritten.encode("utf-8"))
        after = read_stack(Path(folder), stack, definitions)
    if after.settings != before.settings or after.old_spellings:
        raise _by_hand(path.name, "the rewritten file would be read otherwise", before.old_spellings)
    _replace(path, rewritten)
    return [f"{render(found.path)} → {found.now}" for found in before.old_spellings]


def _require_replaceable(path: Path, spellings: Sequence[OldSpelling]) -> None:
    """Refuse a file that its owner protects, or that has another name, which would keep the old text."""
    state = path.stat()
    if not state.st_mode & 0o222:
        raise StrataError.of(
            path.name,
            cause="is write-protected",
            consequence="it stays as it is",
            fix=f"run `chmod u+w {path.name}`, then the command again",
        )
    if state.st_nlink > 1:
        raise _by_hand(path.name, "the file has another name (a hard link), which would keep the old text", spellings)


def _by_hand(file: str, cause: str, spellings: Sequence[OldSpelling]) -> StrataError:
    return StrataError.of(
        file,
        cause=cause,
        consequence="it stays as it is",
        fix="change these by hand: " + ", ".join(f"{render(found.path)} to {found.now}" for found in spellings),
    )


def _rewritten(text: str, spellings: Sequence[OldSpelling]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edits: list[Edit] = []
    for found in (found for found in spellings if not found.joins):
        pair, key = Pair.at(root, _in_file(found.path)), str(found.new_path[-1])
        value = flow_text(found.value) if found.is_converted else None
        if found.is_moved:
            edits += pair.moved(text, node_at(root, _in_file(found.new_path[:-1])), key, value)
        else:
            edits += pair.renamed(key, value)
    return applied(text, [*edits, *_joined(text, root, [found for found in spellings if found.joins])])


def _joined(text: str, root: yaml.Node | None, spellings: Sequence[OldSpelling]) -> Iterator[Edit]:
    """Edits that put entries into the list that has them now: one that is there, or the first old setting's place."""
    by_list: dict[Location, list[OldSpelling]] = {}
    for found in spellings:
        by_list.setdefault(_in_file(found.new_path), []).append(found)
    for place, parts in by_list.items():
        try:
            there: yaml.Node | None = node_at(root, place)
        except LookupError:
            there = None
        values = [value.value for value in there.value] if isinstance(there, yaml.SequenceNode) else []
        entries = [entry for found in parts for entry in entries_to_join(found, values)]
        pairs = [Pair.at(root, _in_file(found.path)) for found in parts]
        if there is None:
            yield from pairs.pop(0).renamed(str(place[-1]), flow_text(entries))
        else:
            yield from extended(text, there, [flow_text(entry) for entry in entries])
        for pair in pairs:
            yield pair.removed(text)


def _in_file(path: Location) -> Location:
    return ("config", f"{PROJECT}:{path[0]}", *path[1:])


def _replace(path: Path, text: str) -> None:
    """Write beside the file and take its place, so that a run that is killed leaves one of the two whole."""
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
            new.chmod(path.stat().st_mode)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
