"""What is wrong with a value that a program passes, in the words of a program.

``validation`` says the same of values in files, where one writes lines and not arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .argument_schemas import WHOLE_RESOURCE, WRONG_CLASS
from .errors import Problem, nearest
from .forms import WRONG_FORM
from .resources import value_wanted
from .validation import CONSEQUENCE, Location, quoted
from .wanted import wanted, wanted_entries


def value_problem(label: str, detail: ErrorDetails, about: str | None, classes: Sequence[str] = ()) -> Problem:
    """A value that does not fit.

    Args:
        label: The class that got it, such as ``GpuPool``.
        detail: pydantic's error; its location begins with the argument.
        about: What the argument is, where it is described.
        classes: Contracts of which it may be, by name.
    """
    cause, fix = _cause_and_fix(detail, about, classes)
    return Problem(field=_path(label, detail["loc"]), cause=cause, consequence=CONSEQUENCE, fix=fix)


def missing(label: str, location: Location, about: str | None) -> Problem:
    """An argument that has to be given and is not."""
    return Problem(
        field=_path(label, location),
        cause="is missing",
        consequence=CONSEQUENCE,
        fix=f"pass `{location[-1]}`{_in_brackets(about)}",
    )


def unknown(label: str, location: Location, known: Sequence[str]) -> Problem:
    """An argument that does not exist."""
    name = str(location[-1])
    near = nearest(name, known)
    listed = f"the arguments are {', '.join(known)}"
    return Problem(
        field=_path(label, location),
        cause=f"there is no argument {name!r}",
        consequence=CONSEQUENCE,
        fix=f"did you mean {near!r}? {listed}" if near else listed,
    )


def unnamed(
    label: str, values: Sequence[object], meant: Sequence[str], known: Sequence[str], places: Sequence[str] = ()
) -> Problem:
    """Values that are passed by place where names are needed.

    Args:
        label: The class or function that got them.
        values: The values, one or more.
        meant: Arguments that they are likely meant for.
        known: All arguments.
        places: Arguments that may be passed by place.
    """
    one = len(values) == 1
    given = " and ".join(filter(None, [", ".join(map(quoted, values[:-1])), quoted(values[-1])]))
    call = ", ".join([*places, *(f"{name}=…" for name in meant)])
    return Problem(
        field=label,
        cause=f"{given} {'is' if one else 'are'} passed without {'the name of an argument' if one else 'names'}",
        consequence=CONSEQUENCE,
        fix=f"name {'it' if one else 'them'}, such as `{label}({call})`; the arguments are {', '.join(known)}",
    )


def _path(label: str, location: Location) -> str:
    path = label
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            path += f".{part}" if part.replace("-", "_").isidentifier() else f"[{part!r}]"
    return path


def _cause_and_fix(detail: ErrorDetails, about: str | None, classes: Sequence[str]) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    given = quoted(detail["input"])
    match kind:
        case _ if kind == WHOLE_RESOURCE:
            argument = str(detail["loc"][0]) if len(detail["loc"]) == 1 else None
            wanted_value = value_wanted(detail["input"], argument, about)
            fix = f"pass its `{wanted_value}`" if wanted_value else "pass one of its outputs"
            return f"expected a value, got {given}", f"{fix}{_in_brackets(about)}"
        case "enum" | "literal_error":
            return _not_a_choice(detail)
        case _ if kind == WRONG_FORM:
            return (
                f"{given} does not have the form that is wanted",
                f"pass one like {context['example']!r}{_in_brackets(about)}",
            )
        case "value_error":
            message = str(context.get("error", detail["msg"]))
            return message.partition("; ")[0], message.partition("; ")[2] or f"pass another value{_in_brackets(about)}"
        case "tuple_type" | "list_type":
            return f"expected a list, got {given}", f"pass a list{_list_of(detail['input'])}{_in_brackets(about)}"
        case "dict_type" | "mapping_type":
            return f"expected a mapping, got {given}", f"pass a dict of names and values{_in_brackets(about)}"
        case _ if kind == WRONG_CLASS:
            return _not_of_class(detail["input"], context["classes"], context["kinds"])
        case _ if classes and ("model" in kind or "union_tag" in kind):
            return _not_of_class(detail["input"], classes, ())
        case "too_short" | "too_long":
            entries = wanted_entries(detail)
            return f"expected {entries}, got {context['actual_length']}", f"pass {entries}{_in_brackets(about)}"
        case _:
            expected = wanted(detail)
            cause = f"expected {expected}" if expected else f"{detail['msg'][0].lower()}{detail['msg'][1:]}"
            return f"{cause}, got {given}", f"pass {expected or 'another value'}{_in_brackets(about)}"


def _list_of(value: object) -> str:
    """How a single value becomes a list."""
    match value:
        case str():
            return f", such as [{value!r}]"
        case BaseModel():
            return f", such as [{type(value).__name__}(…)]"
        case _:
            return ""


def _not_a_choice(detail: ErrorDetails) -> tuple[str, str]:
    expected = str(detail.get("ctx", {}).get("expected", "")).replace("'", "")
    choices = expected.replace(" or ", ", ").split(", ")
    near = nearest(str(detail["input"]), choices)
    fix = f"did you mean {near!r}?" if near else f"use one of: {', '.join(map(repr, choices))}"
    return f"{quoted(detail['input'])} is not known", fix


def _not_of_class(value: object, names: Sequence[str], kinds: Sequence[type]) -> tuple[str, str]:
    cause = f"expected {_a(' or '.join(names))}, got {quoted(value)}"
    parts = vars(value) if hasattr(value, "__dict__") and not isinstance(value, type) else {}
    inside = next((name for name, part in parts.items() if kinds and isinstance(part, tuple(kinds))), None)
    if inside and not inside.startswith("_"):
        return cause, f"pass its `.{inside}`"
    return cause, f"pass {' or '.join(f'`{name}(…)`' for name in names)}"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "AEIOaeio" else f"a {noun}"


def _in_brackets(about: str | None) -> str:
    return f" ({about.rstrip('.').replace('``', '`')})" if about else ""
