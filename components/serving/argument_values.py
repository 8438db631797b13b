"""Values of the options that a user adds to an engine: none where none belongs, one of the right form elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..contracts.errors import Problem
from ..contracts.shown_text import excerpt
from .engines.adapter import EngineOptions
from .engines.option_values import OptionValue, ValueForm

_ENDS = "the server would end with a usage message, again and again"
_ON, _OFF = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
_ITEMS = frozenset({ValueForm.ARRAY, ValueForm.TEXT})


def flag_problems(
    name: str, written: str, value: OptionValue, given: str | None, keys: Sequence[str], field: str
) -> Iterator[Problem]:
    """A value where the option takes none, none where it takes one, or a negation that does not exist.

    Args:
        name: The option.
        written: Its name as it was written, such as ``--no-enforce-eager``.
        value: What the option takes.
        given: What stands behind ``=``; None where there is none.
        keys: Keys after dots.
        field: Path of the argument.
    """
    if written.startswith("--no-") and value.form is not ValueForm.SWITCH:
        cause, fix = f"{name} is no switch, so there is no {written}", f"leave it out, or write {_full(name, value)}"
    elif value.takes_none and (given is not None or keys):
        cause = f"{written} is a switch and takes no {'key' if keys else 'value'}"
        fix = _switched(name, written, value, given)
    elif not value.takes_none and given is None:
        cause = f"{'.'.join((name, *keys))} needs a value and has none"
        fix = f"write {'.'.join((name, *keys))}=…" if keys else f"write {_full(name, value)}"
    else:
        return
    yield Problem(field=field, cause=cause, consequence=_ENDS, fix=fix)


def _full(name: str, value: OptionValue) -> str:
    return name if value.takes_none else f"{name}={value.example}, or another {value.wanted.partition(' ')[2]}"


def _switched(name: str, written: str, value: OptionValue, given: str | None) -> str:
    wanted = (given or "").strip().lower()
    off = name.replace("--", "--no-", 1) if value.form is ValueForm.SWITCH else ""
    if written == name and wanted in _OFF:
        return f"write {off}" if off else f"leave {name} out"
    if wanted in _ON or written != name or not off:
        return f"write {written}"
    return f"write {name}, or {off} to switch it off"


def value_problems(name: str, value: OptionValue, given: str, keys: Sequence[str], field: str) -> Iterator[Problem]:
    """A value that the engine does not read as what the option takes.

    Args:
        name: The option.
        value: What it takes.
        given: What was written behind ``=``.
        keys: Keys after dots, which only objects have.
        field: Path of the argument.
    """
    if keys and value.form is not ValueForm.OBJECT:
        cause, fix = f"{name} takes no keys, as {'.'.join((name, *keys))} has", f"write {_full(name, value)}"
    elif keys or (fault := value.fault(given)) is None:
        return
    else:
        cause, fix = f"{name}: {fault}", _fix(name, value, given)
    yield Problem(field=field, cause=cause, consequence=_ENDS, fix=fix)


def _fix(name: str, value: OptionValue, given: str) -> str:
    near = value.near(given)
    return f"write {name}={near}" if near else f"write {_full(name, value)}"


def key_value_problems(
    name: str, keys: Sequence[str], given: str, options: EngineOptions, field: str
) -> Iterator[Problem]:
    """A value that a key of an object does not take.

    Args:
        name: The option.
        keys: The key, and keys below it.
        given: Its value, in JSON or as plain text.
        options: The options of the engine's release.
        field: Path of the argument.
    """
    key = keys[0].rstrip("+").replace("-", "_")
    value = options.values.get((name, key))
    if key not in options.keys[name] or value is None or given == "null":
        return
    place = f"{name}.{key}"
    if keys[-1].endswith("+"):
        fault = None if value.form in _ITEMS or len(keys) > 1 else f"takes {value.wanted} and no list"
    elif len(keys) > 1:
        fault = None if value.form is ValueForm.OBJECT else f"has no keys below it, such as {excerpt(keys[1])!r}"
    else:
        fault = value.fault(_plain(given))
    if fault is not None:
        near = value.near(_plain(given)) if value.form is ValueForm.CHOICE and len(keys) == 1 else None
        yield Problem(
            field=field,
            cause=f"{place}: {fault}",
            consequence=_ENDS,
            fix=f"write {place}={near}" if near else f"give {key} {value.wanted}",
        )


def _plain(given: str) -> str:
    """A text without the quotation marks that it has in JSON."""
    try:
        found: object = json.loads(given)
    except (ValueError, RecursionError):
        return given
    return found if isinstance(found, str) else given
