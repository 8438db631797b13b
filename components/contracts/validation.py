"""Translates pydantic's validation errors to problems with cause, consequence and fix.

Problems name the path as users write it, and the nearest valid value.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, TypeAlias, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .containers import is_mapping
from .descriptions import field_descriptions
from .errors import Problem, nearest
from .forms import WRONG_FORM
from .shown_text import excerpt
from .wanted import wanted, wanted_entries

Location: TypeAlias = "tuple[str | int, ...]"
"""Where a value is in a file or in a nested value, such as ``("models", 1, "gpu")``."""

_SLIP = 0.75
CONSEQUENCE = "nothing is created; the stack stays as it is"
"""What a wrong value leads to: it is found before anything is declared."""


def problem_of(root: type[BaseModel], detail: ErrorDetails) -> Problem:
    """One error as a problem.

    Args:
        root: Model that was validated.
        detail: The error.
    """
    location, model, choices = user_location(root, detail["loc"])
    name = str(location[-1]) if location else ""
    if detail["loc"][-1:] == ("[key]",):
        detail = {**detail, "input": name}
    cause, fix = _cause_and_fix(
        detail, _Setting(name, model, [str(tag_of(choice)) for choice in choices if tag_of(choice)])
    )
    return Problem(field=render(location), cause=cause, consequence=CONSEQUENCE, fix=fix)


def render(location: Location) -> str:
    """A path as users write it: ``models[1].gpu``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "config"


@dataclass(frozen=True)
class _Setting:
    """The setting that has a wrong value.

    Attributes:
        name: Its name, or its place in a list.
        holder: The contract that has it; None for entries of lists and mappings.
        kinds: What its ``kind`` may be, where it has one.
    """

    name: str
    holder: type[BaseModel] | None
    kinds: list[str]

    @property
    def about(self) -> str:
        """Its description in brackets."""
        text = field_descriptions(self.holder).get(self.name) if self.holder else None
        return f" ({' '.join(text.split()).rstrip('.')})" if text else ""


def _cause_and_fix(detail: ErrorDetails, setting: _Setting) -> tuple[str, str]:
    kind, context, name = detail["type"], detail.get("ctx", {}), setting.name
    given = quoted(detail["input"])
    match kind:
        case "extra_forbidden":
            known = sorted(setting.holder.model_fields) if setting.holder else []
            near = nearest(name, known)
            return f"unknown setting {name!r}", f"did you mean {near!r}?" if near else f"use one of: {', '.join(known)}"
        case "missing":
            return "is missing", f"add `{name}:`{setting.about}"
        case "enum" | "literal_error":
            return _unknown_choice(detail)
        case "union_tag_invalid" | "union_tag_not_found":
            cause, tag = _wrong_kind(detail)
            # Kinds are short and alike: only a slip of one letter or two says which one was meant.
            near = get_close_matches(tag, setting.kinds, n=1, cutoff=_SLIP)
            listed = f"write `kind:` with one of {', '.join(setting.kinds)}"
            return cause, f"did you mean kind: {near[0]}? {listed}" if near else listed
        case "value_error":
            message = str(context.get("error", detail["msg"]))
            return message.partition("; ")[0], message.partition("; ")[2] or f"write another value{setting.about}"
        case "tuple_type" | "list_type":
            return f"expected a list, got {given}", "write each entry on a line of its own that begins with `- `"
        case "too_short" | "too_long":
            entries = wanted_entries(detail)
            length = len(detail["input"]) if is_mapping(detail["input"]) else context["actual_length"]
            return f"has {length} entries, expected {entries}", f"give it {entries}{setting.about}"
        case _ if kind == WRONG_FORM:
            return (
                f"{given} does not have the form that is wanted",
                f"write it like {context['example']}{setting.about}",
            )
        case _ if "model" in kind or kind == "dict_type":
            return f"expected settings by name, got {given}", _as_mapping(detail["input"], setting)
        case _:
            return _other_type(detail, setting)


def _unknown_choice(detail: ErrorDetails) -> tuple[str, str]:
    value, expected = detail["input"], str(detail.get("ctx", {}).get("expected", ""))
    choices = expected.replace("'", "").replace(" or ", ", ").split(", ")
    if _is_unquoted(value) and str(value).lower() in choices:
        return _unquoted(value)
    near = nearest(str(value), choices)
    fix = f"did you mean {near!r}?" if near else f"use one of: {', '.join(choices)}"
    return f"{quoted(value)} is not known", fix


def _wrong_kind(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong with ``kind``, and the text that it is; empty where it is none."""
    given, context = detail["input"], detail.get("ctx", {})
    name = str(context.get("discriminator", "")).strip("'")
    if not is_mapping(given) or name not in given:
        tag = context.get("tag")
        return (f"kind {tag!r} is not known", str(tag)) if tag is not None else ("has no `kind`", "")
    kind = given[name]
    if isinstance(kind, str):
        return f"kind {excerpt(kind)!r} is not known", kind
    return f"expected text as `kind`, got {quoted(kind)}", ""


def _as_mapping(value: object, setting: _Setting) -> str:
    """How settings by name are written where a single value was."""
    if isinstance(value, str) and value in setting.kinds:
        return f"write {setting.name}: {{kind: {value}}}"
    if setting.kinds:
        return f"write `kind:` with one of {', '.join(setting.kinds)} below it, then its settings"
    return f"write `name: value` lines below it{setting.about}"


def _is_unquoted(value: object) -> TypeGuard[bool | int | float]:
    return isinstance(value, bool | int | float)


def _unquoted(value: float) -> tuple[str, str]:
    """YAML reads 1.35 as a number and true as a truth value, unless they are in quotes."""
    text = f"{value:.15g}" if isinstance(value, float) else str(value).lower()
    kind = "true or false" if isinstance(value, bool) else "a number"
    # 1.30 is 1.3 by the time it is here.
    exactly = ", with every digit that is meant" if isinstance(value, float) else ""
    return f"{text} is {kind} to YAML, and text is expected", f'write "{text}", in quotes{exactly}'


def _other_type(detail: ErrorDetails, setting: _Setting) -> tuple[str, str]:
    value, expected = detail["input"], wanted(detail)
    if detail["type"] == "string_type" and _is_unquoted(value):
        return _unquoted(value)
    cause = f"expected {expected}" if expected else f"{detail['msg'][0].lower()}{detail['msg'][1:]}"
    return f"{cause}, got {quoted(value)}", f"write {expected or 'another value'}{setting.about}"


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
            return f"{name} {excerpt(text)}"
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
    for index, part in enumerate(part for part in raw if part != "[key]"):
        models = _models_in(annotation)
        if isinstance(part, str) and len(models) > 1 and part in {tag_of(model) for model in models}:
            annotation = next(model for model in models if tag_of(model) == part)
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


def tag_of(model: type[BaseModel]) -> object:
    """What ``kind`` is in settings of this type; None where they have no kind."""
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
