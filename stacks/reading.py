"""Reading ``Pulumi.<stack>.yaml``, or the engine's configuration, into typed settings.

Splits settings from secrets and turns validation errors into problems. Both sources go through ``parse``, so that the
command line and the program agree about what is valid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from components.contracts.errors import Problem, StrataError, nearest, raise_problems
from components.contracts.mixed_kinds import mixed_kinds
from components.contracts.shown_text import excerpt
from components.contracts.validation import problem_of, quoted, render

from .definitions import OURS, Definitions
from .positions import Positions
from .project import PROJECT, own_stack, stack_names, stack_path
from .renames import renames_for
from .secret_references import SecretReferences
from .settings import Settings, whole_settings
from .spellings import OldSpelling, old_spellings, translated
from .stack import Stack
from .yaml_file import Value, YamlFile, read_yaml

_MOST_PROBLEMS = 100


@dataclass(frozen=True)
class StackFile:
    """A stack's file, read and valid.

    Attributes:
        settings: Its settings.
        positions: Where each setting is written.
        stack: The stack that they describe.
        encrypted: Top-level keys whose value is encrypted.
        old_spellings: What is spelled as before.
    """

    settings: BaseModel
    positions: Positions
    stack: Stack
    encrypted: frozenset[str]
    old_spellings: Sequence[OldSpelling]

    @property
    def notes(self) -> Sequence[str]:
        """What people should know about how it is written."""
        return [found.note(self.positions.places.get(render(found.path), "")) for found in self.old_spellings]


def file_of(project: Path, stack: str, definitions: Definitions = OURS) -> Stack | None:
    """A stack as its file in this project describes it; None where it has none here.

    Raises:
        StrataError: The file is invalid.
    """
    name = own_stack(stack)
    return read_stack(project, name, definitions).stack if name and stack_path(project, name).exists() else None


def read_stack(project: Path, stack: str, definitions: Definitions = OURS) -> StackFile:
    """Read and validate a stack's file; StrataError with every problem at once."""
    path = stack_path(project, stack)
    if path.is_symlink() and not path.exists():
        raise StrataError.of(
            path.name,
            cause=f"is a link to {excerpt(str(path.readlink()))}, where no file is",
            consequence="the stack has no settings",
            fix="correct the link, or put the file where it leads",
        )
    if not path.exists():
        stacks = stack_names(project)
        near = nearest(stack, stacks)
        raise StrataError.of(
            path.name,
            cause="there is no such file",
            consequence="the stack has no settings",
            fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(stacks) or 'none yet'}",
        )
    file = read_yaml(path)
    config = file.value.get("config") if isinstance(file.value, dict) else None
    if not isinstance(config, dict):
        raise StrataError.of(
            path.name, cause="has no mapping `config`", consequence="the stack has no settings", fix="add `config:`"
        )
    raise_problems(_key_problems(config, file, definitions))
    own = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items() if key.startswith(f"{PROJECT}:")}
    encrypted = frozenset(key for key, value in own.items() if isinstance(value, dict) and set(value) == {"secure"})
    spellings = tuple(old_spellings(own, renames_for(own)))
    positions = Positions.of(file).renamed({render(found.path): render(found.new_path) for found in spellings})
    with positions.adding():
        settings = parse(own, encrypted, definitions)
    return StackFile(settings, positions, definitions.stack(project, settings), encrypted, spellings)


def _key_problems(config: Mapping[str, Value], file: YamlFile, definitions: Definitions) -> Iterator[Problem]:
    """Keys without our namespace that would be settings with it, and secrets that nobody could decrypt."""
    for key in config:
        namespace, _, name = key.rpartition(":")
        is_near = namespace != PROJECT and nearest(namespace, [PROJECT]) is not None
        if name in definitions.setting_names and (not namespace or is_near):
            yield Problem(
                field=f"{key} ({file.position(('config', key))})",
                cause=f"has the namespace {namespace!r}" if namespace else "has no namespace",
                consequence="it is no setting of the stack, and nobody would read it",
                fix=f"write {PROJECT}:{name}",
            )
        match config[key]:
            case {"secure": value} if not (isinstance(value, str) and value):
                yield Problem(
                    field=f"{key} ({file.position(('config', key))})",
                    cause="is no encrypted text",
                    consequence="the engine cannot decrypt it",
                    fix=f"pulumi config set --secret {name}",
                )
            case _:
                pass


def read_whole_stack(project: Path, stack: str) -> Settings:
    """The settings of a stack of scope ``all``; StrataError for another scope."""
    return whole_settings(stack, read_stack(project, stack).settings)


def parse(
    values: Mapping[str, Value],
    encrypted: frozenset[str],
    definitions: Definitions = OURS,
) -> BaseModel:
    """Validate the values below ``strata:``.

    Args:
        values: Value by key, without the prefix; those of ``encrypted`` are ignored.
        encrypted: Keys that hold secrets.
        definitions: What kinds of stacks there are.

    Raises:
        StrataError: Every problem at once.
    """
    values = translated(values, renames_for(values))
    references = SecretReferences.of(values, encrypted, definitions.setting_names)
    open_values = references.open_values(values)
    scope = _scope(open_values.get("scope"), definitions)
    kind = definitions.scopes[scope].settings
    problems = references.problems(values, _below_secrets(kind))
    try:
        settings = kind.model_validate_json(json.dumps(open_values))
    except ValidationError as error:
        found = list(_problems_of(error, kind, scope, definitions))
        problems += [problem for problem in found if not references.covers(problem.field)]
    except RecursionError:
        raise StrataError.of(
            "config", cause="is nested too deeply", consequence="it cannot be read", fix="flatten it"
        ) from None
    else:
        raise_problems(problems)
        return settings
    raise StrataError(problems)


def _below_secrets(kind: type[BaseModel]) -> type[BaseModel] | None:
    """What may be below ``secrets`` in settings of this kind; None where they have none."""
    secrets = kind.model_fields.get("secrets")
    annotation: object = secrets.annotation if secrets else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _problems_of(
    error: ValidationError, kind: type[BaseModel], scope: str, definitions: Definitions
) -> Iterator[Problem]:
    """What types refused: so many problems as somebody reads, and how many more there are."""
    details = error.errors(include_url=False)
    refused = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    # A list only counts as too short because its entries were refused.
    details = [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in refused]
    mixed, details = mixed_kinds(kind, details)
    yield from mixed
    for detail in details[:_MOST_PROBLEMS]:
        yield _placed(scope, definitions, detail, problem_of(kind, detail))
    if len(details) > _MOST_PROBLEMS:
        yield Problem(
            field="config",
            cause=f"has {len(details) - _MOST_PROBLEMS:,} problems more",
            consequence="they are not shown",
            fix="fix these first",
        )


def _scope(named: Value, definitions: Definitions) -> str:
    scopes = definitions.scopes
    if named is None:
        return next(name for name, scope in scopes.items() if scope.is_default)
    if isinstance(named, str) and named in scopes:
        return named
    near = nearest(named, scopes) if isinstance(named, str) else None
    raise StrataError.of(
        "scope",
        cause=f"{excerpt(named)!r} is not known" if isinstance(named, str) else f"expected text, got {quoted(named)}",
        consequence="it is not known what the stack holds",
        fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(scopes)}",
    )


def _placed(own: str, definitions: Definitions, detail: ErrorDetails, problem: Problem) -> Problem:
    """The problem; for a setting of another scope, with the scopes that have it."""
    name = str(detail["loc"][0])
    scopes = [scope for scope, other in definitions.scopes.items() if name in other.settings.model_fields]
    if detail["type"] != "extra_forbidden" or len(detail["loc"]) > 1 or not scopes:
        return problem
    return Problem(
        field=problem.field,
        cause=f"a stack of scope {own} has no setting {name!r}",
        consequence=problem.consequence,
        fix=f"remove it; it belongs to a stack of scope {' or '.join(scopes)}",
    )
