"""Edits of a YAML file's text that leave everything else as it is: comments, order, quotes and line ends.

Works on the places of nodes in the text. Where a place does not allow an edit, ``LookupError`` says so and nothing is
edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from components.contracts.validation import Location, render


@dataclass(frozen=True)
class Edit:
    """A part of a text and what takes its place."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits; what is inserted at one place keeps the order of the edits."""
    ordered = sorted(enumerate(edits), key=lambda item: (item[1].start, item[1].end, item[0]), reverse=True)
    for _, edit in ordered:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@dataclass(frozen=True)
class Pair:
    """A key with its value, and the mapping that holds them."""

    holder: yaml.MappingNode
    index: int
    key: yaml.Node
    value: yaml.Node

    @classmethod
    def at(cls, root: yaml.Node | None, place: Location) -> Pair:
        """The pair whose key is the last part of a place.

        Raises:
            LookupError: There is none.
        """
        holder = node_at(root, place[:-1])
        if isinstance(holder, yaml.MappingNode):
            for index, (key, value) in enumerate(_pairs(holder)):
                if key.value == place[-1]:
                    return cls(holder, index, key, value)
        raise LookupError(render(place))

    def renamed(self, key: str, value: str | None) -> list[Edit]:
        """Edits that give it another key, and another value unless that is None."""
        edits = [Edit(self.key.start_mark.index, self.key.end_mark.index, key)]
        return edits if value is None else [*edits, Edit(self.value.start_mark.index, _end(self.value), value)]

    def moved(self, text: str, into: yaml.Node, key: str, value: str | None) -> list[Edit]:
        """Edits that take it out of its mapping and put it at the end of another one.

        Comments above it and behind it go along.

        Args:
            text: The whole text.
            into: The other mapping.
            key: Its key there.
            value: Its value there; None for the same.

        Raises:
            LookupError: It is written in a way that cannot be moved without losing a comment or the form of the file.
        """
        if not isinstance(into, yaml.MappingNode) or not into.value:
            raise LookupError(key)
        cut = self._cut_of_flow() if self.holder.flow_style else self._cut_of_block(text)
        source = text[self.value.start_mark.index : _end(self.value)] if value is None else value
        if into.flow_style or self.holder.flow_style:
            is_block = isinstance(self.value, yaml.CollectionNode) and not self.value.flow_style
            if is_block or "\n" in source or "#" in text[cut.start : cut.end]:
                raise LookupError(key)
            return [cut, _addition(text, into, f"{key}: {source}")]
        lines = text[cut.start : cut.end]
        own = applied(lines, [Edit(e.start - cut.start, e.end - cut.start, e.text) for e in self.renamed(key, value)])
        indent = _pairs(into)[0][0].start_mark.column
        return [cut, _addition(text, into, _indented(own, indent - self.key.start_mark.column))]

    def removed(self, text: str) -> Edit:
        """The edit that takes it out, with comments above it.

        Raises:
            LookupError: It is written in a way that cannot be taken out alone.
        """
        return self._cut_of_flow() if self.holder.flow_style else self._cut_of_block(text)

    def _cut_of_block(self, text: str) -> Edit:
        start = _line_start(text, self.key.start_mark.index)
        if text[start : self.key.start_mark.index].strip():
            raise LookupError(str(self.key.value))
        indent = self.key.start_mark.column
        while start:
            above = _line_start(text, start - 1)
            if not re.fullmatch(rf" {{{indent}}}#.*\r?\n", text[above:start]):
                break
            start = above
        return Edit(start, _line_end(text, _end(self.value)), "")

    def _cut_of_flow(self) -> Edit:
        pairs = _pairs(self.holder)
        if self.index + 1 < len(pairs):
            return Edit(self.key.start_mark.index, pairs[self.index + 1][0].start_mark.index, "")
        if not self.index:
            raise LookupError(str(self.key.value))
        return Edit(_end(pairs[self.index - 1][1]), _end(self.value), "")


def node_at(node: yaml.Node | None, place: Location) -> yaml.Node:
    """The node at a place below another one.

    Raises:
        LookupError: There is none.
    """
    for part in place:
        match node, part:
            case yaml.MappingNode(), str():
                node = next((value for key, value in _pairs(node) if key.value == part), None)
            case yaml.SequenceNode(), int():
                node = _entries(node)[part]
            case _:
                node = None
    if node is None:
        raise LookupError(render(place))
    return node


def extended(text: str, into: yaml.Node, entries: Sequence[str]) -> Iterator[Edit]:
    """Edits that put entries at the end of a list.

    Args:
        text: The whole text.
        into: The list.
        entries: Each as YAML on one line.

    Raises:
        LookupError: It is no list.
    """
    if not isinstance(into, yaml.SequenceNode):
        raise LookupError("no list")
    there = _entries(into)
    if into.flow_style or not there:
        last = _end(there[-1]) if there else into.start_mark.index + 1
        added = ", ".join(entries)
        if entries:
            yield Edit(last, last, f", {added}" if there else added)
        return
    at = _line_end(text, _end(there[-1]))
    # The dash stands before the first entry, in the column where the list begins.
    lines = "".join(f"{' ' * into.start_mark.column}- {entry}\n" for entry in entries)
    yield Edit(at, at, lines if text[:at].endswith("\n") else f"\n{lines}")


def _pairs(node: yaml.MappingNode) -> Sequence[tuple[yaml.Node, yaml.Node]]:
    return node.value


def _entries(node: yaml.SequenceNode) -> Sequence[yaml.Node]:
    return node.value


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends; block collections end with their last entry, not where the next one begins."""
    match node:
        case yaml.MappingNode() if not node.flow_style and node.value:
            return _end(_pairs(node)[-1][1])
        case yaml.SequenceNode() if not node.flow_style and node.value:
            return _end(_entries(node)[-1])
        case _:
            return node.end_mark.index


def _addition(text: str, into: yaml.MappingNode, added: str) -> Edit:
    end = _end(into)
    if into.flow_style:
        last = _end(_pairs(into)[-1][1])
        return Edit(last, last, f", {added}")
    at = _line_end(text, end)
    if not added.endswith("\n"):
        added = " " * _pairs(into)[0][0].start_mark.column + added + ("\r\n" if "\r\n" in text else "\n")
    before = "" if text[:at].endswith("\n") else "\n"
    return Edit(at, at, before + added)


def _indented(lines: str, columns: int) -> str:
    if columns < 0:
        return re.sub(rf"(?m)^ {{{-columns}}}", "", lines)
    return re.sub(r"(?m)^(?=[^\r\n])", " " * columns, lines)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    if text[index - 1 : index] == "\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
