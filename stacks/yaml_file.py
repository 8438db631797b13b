"""A YAML file as plain values, with the line of each value.

Refuses what is no regular file, large or deeply nested files, wrong syntax, duplicate keys, aliases, merge keys and
tags. Scalars are what the engine reads: ``no`` and ``on`` are text. What it takes for another number or time than is
written, such as ``0777`` or ``2026-01-01``, is refused unless it is in quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from components.contracts.errors import Problem, StrataError
from components.contracts.shown_text import excerpt
from components.contracts.small_files import small_text
from components.contracts.validation import Location, render

from .project import PROJECT

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"

# Tags that the parser resolves by itself; explicit ones could run code in other readers.
_PLAIN_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "merge", "value"})
_COLLECTION_TAGS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
# The parser in C, where the wheel has it, reads files of comments a hundred times as fast.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENING = (
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
)
_CLOSING = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken, yaml.BlockEndToken)
_MAX_BYTES = 1_000_000
# Keys and values; a site of 5,000 hosts has 45,000.
_MAX_VALUES = 60_000
_MAX_DEPTH = 50
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
# Go's YAML reader, which the engine has, resolves these (gopkg.in/yaml.v3, resolve.go): numbers to another base, with
# underscores, a plus or leading zeros, infinities, and times, which it writes in a form of its own.
_READ_OTHERWISE = re.compile(
    r"[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[bB][01_]+|[-+]?0[oO][0-7_]+"
    r"|[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9:. \t]+([Zz]|[-+][0-9:]+)?)?"
)
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class YamlFile:
    """The content of a file and the line of each value.

    Attributes:
        lines: Line of the value at a location, from 1.
    """

    path: Path
    value: Value
    lines: dict[Location, int] = field(default_factory=dict["Location", int])

    def position(self, location: Location) -> str:
        """``file:line`` of the value, or of the nearest one around it."""
        for end in range(len(location), -1, -1):
            if location[:end] in self.lines:
                return f"{self.path.name}:{self.lines[location[:end]]}"
        return self.path.name


def read_yaml(path: Path) -> YamlFile:
    """Read a file; StrataError with every problem when it is not plain YAML."""
    try:
        text = small_text(path, _MAX_BYTES)
    except ValueError as error:
        raise _refusal(path.name, str(error), "write the settings into a file of that name, as UTF-8 text") from None
    try:
        _refuse_expansion(path, text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path.name}:{mark.line + 1}:{mark.column + 1}" if mark else path.name
        raise _refusal(where, f"is not YAML: {error.problem}", "fix the syntax at this place") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _refusal(path.name, f"is not YAML: {str(error).splitlines()[0]}", "fix the syntax") from None
    walk = _Walk(path)
    value = walk.value(root, ()) if root else None
    if walk.problems:
        raise StrataError(walk.problems)
    return YamlFile(path, value, walk.lines)


def _refusal(where: str, cause: str, fix: str) -> StrataError:
    return StrataError.of(where, cause=cause, consequence="the stack cannot be read", fix=fix)


def _refuse_expansion(path: Path, text: str) -> None:
    """Refuse aliases, with which a short file can expand to gigabytes, and what takes readers long."""
    depth = values = 0
    for token in yaml.scan(text, Loader=_LOADER):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if isinstance(token, yaml.AliasToken):
            raise _refusal(_mark(path, token), "uses an alias", "write the value out at this place")
        values += isinstance(token, (yaml.ScalarToken, *_OPENING))
        if values > _MAX_VALUES:
            raise _refusal(_mark(path, token), f"has more than {_MAX_VALUES:,} keys and values", "write fewer")
        if depth > _MAX_DEPTH:
            raise _refusal(_mark(path, token), "is nested too deeply", "flatten it")


def _mark(path: Path, found: yaml.Node | yaml.Token) -> str:
    return f"{path.name}:{found.start_mark.line + 1}:{found.start_mark.column + 1}"


def _setting(location: Location) -> str:
    """A place in a stack's file as settings are named."""
    match location:
        case ("config", str(key), *rest):
            return render((key.removeprefix(f"{PROJECT}:"), *rest))
        case _:
            return render(location)


class _Walk:
    """Turns nodes into values and collects what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Location, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, location: Location) -> Value:
        self.lines[location] = node.start_mark.line + 1
        if len(location) > _MAX_DEPTH:
            self._problem(node, "is nested too deeply", "flatten it")
            return None
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _COLLECTION_TAGS:
            self._problem(node, f"carries the tag {node.tag}", "remove the tag")
            return None
        match node:
            case yaml.MappingNode():
                return self._mapping(node, location)
            case yaml.SequenceNode():
                return [self.value(item, (*location, index)) for index, item in enumerate(node.value)]
            case yaml.ScalarNode():
                return self._scalar(node, location)
            case _:
                return None

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                self._problem(key_node, "has a key that is not text", "use a plain word as the key")
            elif key == "<<":
                self._problem(key_node, "merges another mapping", "write its settings here")
            elif key in result:
                self._problem(key_node, f"names {key!r} twice", "keep one of the two")
            else:
                result[key] = self.value(value_node, (*location, key))
                # A mapping or list may begin a line below its key, where nobody looks for it.
                self.lines[*location, key] = key_node.start_mark.line + 1
        return result

    def _scalar(self, node: yaml.ScalarNode, location: Location) -> Value:
        text, tag = str(node.value), node.tag.removeprefix("tag:yaml.org,2002:")
        is_quoted = node.style in {"'", '"', "|", ">"}
        is_other = tag != "str" if is_quoted else tag == "str" and _INTEGER.fullmatch(text)
        if tag not in _PLAIN_TAGS or is_other:
            self._problem(node, f"carries the tag {node.tag}", "remove the tag")
            return None
        if is_quoted:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text) and len(text) <= 19:  # noqa: PLR2004 - digits of a 64-bit number
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _READ_OTHERWISE.fullmatch(text):
            self.problems.append(
                Problem(
                    field=f"{_setting(location)} ({self.path.name}:{node.start_mark.line + 1})",
                    cause=f"{excerpt(text)} is read as another number, or as a time, by the engine",
                    consequence="the setting would not be what is written",
                    fix="put quotes around it where text is wanted; write a plain number, such as 31, where one is",
                )
            )
        return text

    def _problem(self, node: yaml.Node, cause: str, fix: str) -> None:
        self.problems.append(
            Problem(
                field=_mark(self.path, node),
                cause=cause,
                consequence="the meaning of the file would be ambiguous",
                fix=fix,
            )
        )
