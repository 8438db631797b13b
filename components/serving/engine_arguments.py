"""Arguments that a user adds to an engine's command line: which are the user's, and what may stand in them.

An engine reads options more freely than people write them: with underscores, negated, abbreviated, with keys of an
object after dots or as JSON. All spellings are brought to one before they are looked up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import TypeAdapter, ValidationError

from ..contracts.errors import Problem
from ..contracts.shown_text import excerpt
from ..workloads.customize_rules import text_problems
from .engines.adapter import EngineOptions

_OBJECT = TypeAdapter(dict[str, object])
_CONTRADICTION = "the server would contradict its plan, its probes or its Service, or trust what it must not"


def argument_problems(argument: str, options: EngineOptions, field: str) -> Iterator[Problem]:
    """Why this argument cannot be added to the engine's.

    Args:
        argument: One text, such as ``--seed=1``.
        options: The options of the engine's release.
        field: Path of the argument.
    """
    if "$(" in argument.replace("$$(", ""):
        yield Problem(
            field=field,
            cause="holds $(…), in whose place Kubernetes puts the value of a variable",
            consequence="what the engine gets would be decided elsewhere, and could set options that are not free",
            fix="write the value itself; for the text $(…) write $$(…)",
        )
        return
    written, assigned, value = argument.partition("=")
    option, *keys = written.split(".")
    option = option.rstrip("+").replace("_", "-")
    if not option.startswith("--") or " " in option:
        yield Problem(
            field=field,
            cause=f"{excerpt(argument)!r} is not one long option",
            consequence="the engine could take it for the model, or for the value of another option",
            fix="write each option as one text, such as --seed=1",
        )
        return
    name = f"--{option.removeprefix('--').removeprefix('no-')}"
    # Engines accept an option by any beginning that no other option shares.
    meant = name if name in options.free else min((flag for flag in options.owned if flag.startswith(name)), default="")
    if meant in options.owned:
        yield Problem(
            field=field,
            cause=f"users must not set {meant}: {options.owned[meant]}",
            consequence=_CONTRADICTION,
            fix="leave it out; where there is a setting of the model for it, use that",
        )
    elif name not in options.free:
        negated = name.startswith(("--disable-", "--enable-"))
        alike = [flag for flag in options.free if not negated or flag.split("-")[2] == name.split("-")[2]]
        near = get_close_matches(name, alike, n=1, cutoff=0.8)
        yield Problem(
            field=field,
            cause=f"the engine's release has no option {name}",
            consequence="the server would end with a usage message, again and again",
            fix=f"write {near[0]}" if near else "write an option of that release by its full name",
        )
    elif name in options.keys and (keys or assigned):
        yield from _key_problems(keys or _json_keys(value), name, options, field)
        yield from text_problems(field, argument)
    else:
        yield from text_problems(field, argument)


def _json_keys(value: str) -> list[str] | None:
    """Keys of an object in JSON; None for anything else."""
    try:
        return list(_OBJECT.validate_json(value))
    except ValidationError:
        return None


def _key_problems(keys: list[str] | None, name: str, options: EngineOptions, field: str) -> Iterator[Problem]:
    allowed = sorted(options.keys[name])
    if keys is None:
        yield Problem(
            field=field,
            cause=f"the value of {name} is not a JSON object",
            consequence="the server would end with a usage message, again and again",
            fix=f"write one key, such as {name}.{allowed[0]}=…, or an object such as {{{json.dumps(allowed[0])}: …}}",
        )
        return
    for key in keys:
        if key.rstrip("+").replace("-", "_") not in allowed:
            yield Problem(
                field=field,
                cause=f"users must not set {key!r} of {name}: it loads code, names files, changes the planned memory, "
                "or does not exist in this release",
                consequence=_CONTRADICTION,
                fix=f"leave it out; free keys are {', '.join(allowed)}",
            )
