"""Translates pydantic's validation errors to problems with cause, consequence and fix.

Problems name the path as users write it, and the nearest valid value.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .descriptions import field_descriptions
from .errors import Problem, nearest

Location: TypeAlias = "tuple[str | int, ...]"
"""Where a value is in a file or in a nested value, such as ``("models", 1, "gpu")``."""

# Longer values would push the rest of the message off the screen.
_LONGEST_SHOWN = 60
CONSEQUENCE = "nothing is created; the stack stays as it is"
"""What a wrong value leads to: it is found before anything is declared."""


def problem_of(root: type[BaseModel], detail: ErrorDetails, positions: Mapping[Location, str]) -> Problem:
    """One error as a problem.

    Args:
        root: Model that was validated.
        detail: The error.
        positions: ``file:line`` by location.
    """
    location, model, _ = user_location(root, detail["loc"])
    shown = render(location)
    place = _position(location, positions)
    cause, fix = _cause_and_fix(detail, model)
    return Problem(field=f"{shown} ({place})" if place else shown, cause=cause, consequence=CONSEQUENCE, fix=fix)


def render(location: Location) -> str:
    """A path as users write it: ``models[1].gpu``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "config"


def _position(location: Location, positions: Mapping[Location, str]) -> str | None:
    for end in range(len(location), 0, -1):
        if location[:end] in positions:
            return positions[location[:end]]
    return None


def _cause_and_fix(detail: ErrorDetails, model: type[BaseModel] | None) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    given = quoted(detail["input"])
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    match kind:
        case "extra_forbidden":
            known = sorted(model.model_fields) if model else []
            near = nearest(name, known)
            return f"unknown setting {name!r}", f"did you mean {near!r}?" if near else f"use one of: {', '.join(known)}"
        case "missing":
            return "is missing", f"add `{name}:`{_description(model, name)}"
        case "enum" | "literal_error":
            expected = str(context.get("expected", "")).replace("'", "")
            choices = expected.replace(" or ", ", ").split(", ")
            near = nearest(str(detail["input"]), choices)
            return f"{given} is not known", f"did you mean {near!r}?" if near else f"use one of: {', '.join(choices)}"
        case "union_tag_invalid":
            choices = str(context.get("expected_tags", "")).replace("'", "").split(", ")
            near = nearest(str(context.get("tag", "")), choices)
            found = f"kind {str(context.get('tag', ''))!r} is not known"
            return found, f"did you mean kind: {near}?" if near else f"use kind: {' or '.join(choices)}"
        case "union_tag_not_found":
            return "has no `kind`", "add `kind:`"
        case "string_pattern_mismatch":
            return (
                f"{given} does not have the form {context.get('pattern')}",
                f"write it in that form{_description(model, name)}",
            )
        case "value_error":
            message = str(context.get("error", detail["msg"]))
            return message.partition("; ")[0], message.partition("; ")[2] or "write it in that form"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"expected settings by name, got {given}", "write `name: value` lines below it"
        case "tuple_type" | "list_type":
            return f"expected a list, got {given}", "begin each entry with `- `"
        case _:
            return (
                f"{detail['msg'][0].lower()}{detail['msg'][1:]}, got {given}",
                f"change it{_description(model, name)}",
            )


def _description(model: type[BaseModel] | None, name: str) -> str:
    text = field_descriptions(model).get(name) if model else None
    return f" ({text.rstrip('.')})" if text else ""


def quoted(value: object) -> str:
    """A value as messages quote it; of anything that is no plain value only what it is."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case type():
            return f"the class {value.__name__}"
        case str() | int() | float():
            kinds = {"str": "text", "bool": "boolean", "int": "integer", "float": "number"}
            name = kinds.get(type(value).__name__, type(value).__name__)
            text = ascii(value)
            return f"{name} {text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}"
        case _:
            return f"an instance of {type(value).__name__}"


def user_location(
    root: type[BaseModel], raw: Location
) -> tuple[Location, type[BaseModel] | None, Sequence[type[BaseModel]]]:
    """Where a value is, as users see it.

    Returns:
        The path without union tags, the model that has its last part as a field, and the models that may be there.
    """
    location: list[str | int] = []
    annotation: object = root
    holder: type[BaseModel] | None = root
    for index, part in enumerate(raw):
        models = _models_in(annotation)
        if isinstance(part, str) and len(models) > 1 and part in {_tag(model) for model in models}:
            annotation = next(model for model in models if _tag(model) == part)
            continue
        location.append(part)
        model = models[0] if len(models) == 1 else None
        if isinstance(part, str):
            holder = model
            known = model.model_fields.get(part) if model else None
            annotation = known.annotation if known else object
        elif index == len(raw) - 1:
            holder = None
    return tuple(location), holder, _models_in(annotation)


def _tag(model: type[BaseModel]) -> object:
    kind = model.model_fields.get("kind")
    literals = get_args(kind.annotation) if kind else ()
    return literals[0] if literals else None


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """Every model that a value of this annotation may be or hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin = get_origin(annotation)
    if origin is Annotated:
        return _models_in(get_args(annotation)[0])
    if origin in {tuple, list, Sequence, dict, Union, types.UnionType}:
        return [model for argument in get_args(annotation) for model in _models_in(argument)]
    return []
