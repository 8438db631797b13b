"""The kinds of stacks that a program knows: its environments, its layers, and the settings of each scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import UnionType, new_class
from typing import Generic, Literal, Protocol, TypeVar, get_args

from pydantic import BaseModel, Field

from components.clusters.environment import AnyEnvironment
from components.clusters.environments import ENVIRONMENTS

from .layers import LAYERS
from .layers.foundation import FoundationPart
from .layers.layer import AnyLayer, StackContext, StackName
from .layers.stack import LayeredStack
from .links import LinksStack
from .settings import FoundationSettings, HybridSettings, PlatformSettings, ServingSettings, Settings
from .stack import Stack

SettingsT = TypeVar("SettingsT", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Scope(Generic[SettingsT]):
    """What the ``scope`` of a stack's file means.

    Attributes:
        settings: Type of the file's settings.
        make: The stack that they describe.
        is_default: Whether files without a scope have this one.
    """

    settings: type[SettingsT]
    make: Callable[[SettingsT, StackContext], Stack]
    is_default: bool = False

    def bind(self, settings: object, context: StackContext) -> Stack | None:
        """The stack that the settings describe; None when they are of another scope."""
        return self.make(settings, context) if type(settings) is self.settings else None


class AnyScope(Protocol):
    """A scope whose settings type does not matter to whoever holds it."""

    @property
    def settings(self) -> type[BaseModel]:
        """Type of the file's settings."""
        ...

    @property
    def is_default(self) -> bool:
        """Whether files without a scope have this one."""
        ...

    def bind(self, settings: object, context: StackContext) -> Stack | None:
        """The stack that the settings describe; None when they are of another scope."""
        ...


@dataclass(frozen=True)
class Definitions:
    """What a program can read and declare.

    Attributes:
        environments: Environments that a target may belong to.
        scopes: Scopes by name.
    """

    environments: Sequence[AnyEnvironment]
    scopes: Mapping[str, AnyScope]

    def context(self, project: Path) -> StackContext:
        """The context of stacks of this program."""
        return StackContext(project=project, environments=self.environments)

    @property
    def setting_names(self) -> frozenset[str]:
        """Names of the settings of every kind of stack."""
        return frozenset(key for scope in self.scopes.values() for key in scope.settings.model_fields)

    def stack(self, project: Path, settings: BaseModel) -> Stack:
        """The stack that the settings describe.

        Raises:
            LookupError: these are not the settings of a scope of this program.
        """
        bound = (scope.bind(settings, self.context(project)) for scope in self.scopes.values())
        found = next((stack for stack in bound if stack), None)
        if found is None:
            raise LookupError(f"{type(settings).__name__} belongs to no scope of {', '.join(self.scopes)}")
        return found


def define(environments: Sequence[AnyEnvironment] = ENVIRONMENTS, layers: Sequence[AnyLayer] = LAYERS) -> Definitions:
    """The definitions of a program with these environments and layers.

    Args:
        environments: Environments that a target may belong to.
        layers: Layers, lower ones first; scope ``all`` holds all of them, and each has its own or that of another.
    """
    is_ours = tuple(environments) == tuple(ENVIRONMENTS) and tuple(layers) == tuple(LAYERS)
    settings = _OURS if is_ours else _composed(environments, layers)
    scopes: dict[str, AnyScope] = {
        name: Scope(
            settings=kind,
            make=_layered(name, layers),
            is_default=not kind.model_fields["scope"].is_required(),
        )
        for name, kind in settings.items()
    }
    links = _scope_name(HybridSettings)
    scopes[links] = Scope(settings=HybridSettings, make=partial(_links, links))
    return Definitions(environments, scopes)


def _scope_name(settings: type[BaseModel]) -> str:
    """The scope whose settings these are: what their field ``scope`` may say."""
    return str(get_args(settings.model_fields["scope"].annotation)[0])


_WHOLE = _scope_name(Settings)
# Written out for type checkers and editors; settings with added environments or layers are composed at run time.
_OURS: Mapping[str, type[BaseModel]] = {
    _scope_name(settings): settings for settings in (Settings, FoundationSettings, PlatformSettings, ServingSettings)
}


def _layered(scope: str, layers: Sequence[AnyLayer]) -> Callable[[BaseModel, StackContext], Stack]:
    def make(settings: BaseModel, context: StackContext) -> Stack:
        return LayeredStack(scope, settings, layers, context)

    return make


def _links(scope: str, settings: HybridSettings, _context: StackContext) -> Stack:
    return LinksStack(scope, settings)


def _composed(environments: Sequence[AnyEnvironment], layers: Sequence[AnyLayer]) -> dict[str, type[BaseModel]]:
    """Settings of each scope, composed of the settings of its layers."""
    parts = [_with_targets(layer.settings, environments) for layer in layers]
    whole = _model("Settings", parts, {"scope": Literal[_WHOLE]}, {"scope": _WHOLE})
    composed = {_WHOLE: whole}
    held: dict[str, list[tuple[AnyLayer, type[BaseModel]]]] = {}
    for layer, part in zip(layers, parts, strict=True):
        held.setdefault(layer.part_of, []).append((layer, part))
    for name, members in held.items():
        needed = dict.fromkeys((need for layer, _ in members for need in layer.needs), StackName)
        fields: dict[str, object] = {"scope": Literal[name], **needed}
        composed[name] = _model(f"{name.capitalize()}Settings", [part for _, part in members], fields, {})
    return composed


def _with_targets(part: type[BaseModel], environments: Sequence[AnyEnvironment]) -> type[BaseModel]:
    """The foundation's settings with the targets of these environments; other settings as they are."""
    if not issubclass(part, FoundationPart):
        return part
    targets = [environment.settings for environment in environments]
    union: type | UnionType = targets[0]
    for target in targets[1:]:
        union = union | target
    # A discriminator chooses between several types; a single one needs none.
    discriminated = {"target": Field(discriminator="kind")} if len(targets) > 1 else dict[str, object]()
    return _model(part.__name__, [part], {"target": union}, discriminated)


def _model(
    name: str, bases: Sequence[type[BaseModel]], fields: Mapping[str, object], defaults: Mapping[str, object]
) -> type[BaseModel]:
    def fill(namespace: dict[str, object]) -> None:
        namespace |= {"__module__": __name__, "__annotations__": dict(fields), **defaults}

    made = new_class(name, tuple(bases), exec_body=fill)
    if not issubclass(made, BaseModel):
        raise TypeError(f"{name} needs a base that is a pydantic model")
    return made


OURS = define()
"""The definitions of Strata itself."""
