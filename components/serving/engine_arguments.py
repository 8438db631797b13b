"""Arguments that a user adds to an engine's command line: which are the user's, and what may stand in them.

An engine reads options more freely than people write them: with underscores, negated, abbreviated, with keys of an
object after dots or as JSON. All spellings are brought to one before they are looked up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import TypeAdapter, ValidationError

from ..contracts.errors import Problem
from ..contracts.shown_text import excerpt
from ..workloads.customize_rules import text_problems
from .argument_values import flag_problems, key_value_problems, value_problems
from .engines.adapter import EngineOptions

_OBJECT = TypeAdapter(dict[str, object])
_CONTRADICTION = "the server would contradict its plan, its probes or its Service, or trust what it must not"
_INVERSE = {"--disable-": "--enable-", "--enable-": "--disable-"}


@dataclass(frozen=True, kw_only=True)
class _Written:
    """One argument in its parts.

    Attributes:
        name: The option under its own name.
        written: Its name as it was written, with hyphens.
        negated: Whether it is switched off.
        keys: Keys of an object, after dots.
        value: What stands behind ``=``; None where there is none.
    """

    name: str
    written: str
    negated: bool
    keys: tuple[str, ...]
    value: str | None


def arguments_problems(arguments: Sequence[str], options: EngineOptions, path: str) -> Iterator[Problem]:
    """Why these arguments cannot be added to the engine's.

    Args:
        arguments: Each one text, such as ``--seed=1``.
        options: The options of the engine's release.
        path: Path of the list.
    """
    for index, argument in enumerate(arguments):
        yield from _argument_problems(argument, options, f"{path}[{index}]")
    written = [_written(argument, options) for argument in arguments]
    switched_on = {found.name: index for index, found in enumerate(written) if not found.negated}
    for name, needed in options.needs.items():
        if name in switched_on and needed not in switched_on:
            yield Problem(
                field=f"{path}[{switched_on[name]}]",
                cause=f"{name} needs {needed}, which no other argument has",
                consequence="the server would end with that message, again and again",
                fix=f"add {needed}{'' if options.values[needed, ''].takes_none else '=…'}",
            )


def _argument_problems(argument: str, options: EngineOptions, field: str) -> Iterator[Problem]:
    if "$(" in argument.replace("$$(", ""):
        yield Problem(
            field=field,
            cause="holds $(…), in whose place Kubernetes puts the value of a variable",
            consequence="what the engine gets would be decided elsewhere, and could set options that are not free",
            fix="write the value itself; for the text $(…) write $$(…)",
        )
        return
    found = _written(argument, options)
    if not found.written.startswith("--") or any(char.isspace() for char in found.written):
        yield Problem(
            field=field,
            cause=f"{excerpt(argument)!r} is not one long option",
            consequence="the engine could take it for the model, or for the value of another option",
            fix="write each option as one text, such as --seed=1",
        )
        return
    # Engines accept an option by any beginning that no other option shares.
    free = found.name in options.free
    owned = min((flag for flag in options.owned if flag.startswith(found.name)), default="") if not free else ""
    if owned:
        yield Problem(
            field=field,
            cause=f"users must not set {owned}: {options.owned[owned]}",
            consequence=_CONTRADICTION,
            fix="leave it out; where there is a setting of the model for it, use that",
        )
    elif not free:
        yield _unknown(found, options, field)
    elif secret := list(text_problems(field, argument)):
        yield from secret
    else:
        yield from _free_problems(found, options, field)


def _written(argument: str, options: EngineOptions) -> _Written:
    text, assigned, value = argument.partition("=")
    option, *keys = text.split(".")
    written = option.replace("_", "-")
    name, negated = written, False
    if written.startswith("--no-"):
        name, negated = f"--{written.removeprefix('--no-')}", True
    if name not in options.free and name not in options.owned:
        # vLLM pairs --enable-x with --disable-x.
        for prefix, inverse in _INVERSE.items():
            other = f"{inverse}{name.removeprefix(prefix)}"
            if name.startswith(prefix) and (other in options.free or other in options.owned):
                name, negated = other, not negated
                break
    return _Written(name=name, written=written, negated=negated, keys=tuple(keys), value=value if assigned else None)


def _unknown(found: _Written, options: EngineOptions, field: str) -> Problem:
    negated = found.name.startswith(tuple(_INVERSE))
    alike = [flag for flag in options.free if not negated or flag.split("-")[2] == found.name.split("-")[2]]
    near = get_close_matches(found.name, alike, n=1, cutoff=0.8)
    return Problem(
        field=field,
        cause=f"the engine's release has no option {excerpt(found.written)}",
        consequence="the server would end with a usage message, again and again",
        fix=f"write {near[0]}" if near else "write an option of that release by its full name",
    )


def _free_problems(found: _Written, options: EngineOptions, field: str) -> Iterator[Problem]:
    value = options.values[found.name, ""]
    if found.written.endswith("+"):
        yield _unknown(found, options, field)
    elif value.takes_none or found.negated or found.value is None:
        yield from flag_problems(found.name, found.written, value, found.value, found.keys, field)
    elif found.name not in options.keys:
        yield from value_problems(found.name, value, found.value, found.keys, field)
    elif found.keys:
        yield from _key_problems([(found.keys[0], None)], found.name, options, field)
        yield from key_value_problems(found.name, found.keys, found.value, options, field)
    elif (given := _members(found.value)) is None:
        yield from _key_problems(None, found.name, options, field)
    else:
        yield from _key_problems(given, found.name, options, field)
        for key, member in given:
            yield from key_value_problems(found.name, (key,), json.dumps(member), options, field)


def _members(value: str) -> list[tuple[str, object]] | None:
    """Keys and values of an object in JSON; None for anything else."""
    try:
        return list(_OBJECT.validate_json(value).items())
    except ValidationError:
        return None


def _key_problems(
    given: Sequence[tuple[str, object]] | None, name: str, options: EngineOptions, field: str
) -> Iterator[Problem]:
    allowed = sorted(options.keys[name])
    if given is None:
        yield Problem(
            field=field,
            cause=f"the value of {name} is not a JSON object",
            consequence="the server would end with a usage message, again and again",
            fix=f"write one key, such as {name}.{allowed[0]}=…, or an object such as {{{json.dumps(allowed[0])}: …}}",
        )
        return
    for key, _ in given:
        if key.rstrip("+").replace("-", "_") not in allowed:
            yield Problem(
                field=field,
                cause=f"users must not set {excerpt(key)!r} of {name}: it loads code, names files, changes the "
                "planned memory, or does not exist in this release",
                consequence=_CONTRADICTION,
                fix=f"leave it out; free keys are {', '.join(allowed)}",
            )
