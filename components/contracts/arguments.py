"""Arguments that programs pass, checked before anything else runs.

``checked`` is for a function or the constructor of a component, ``checked_arguments`` for a dataclass of arguments.
Both take what a program passes by the annotations of the parameters and refuse everything wrong at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, wraps
from typing import ParamSpec, TypeVar, get_type_hints

from pydantic import ValidationError
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import CoreConfig

from .argument_schemas import NAMES_OF_INPUTS, argument_schema
from .descriptions import described_arguments
from .errors import Problem, raise_problems
from .program_problems import missing, unknown, unnamed, value_problem
from .resource_options import is_options, options_problems

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_Class = TypeVar("_Class")
_SELF = "self"
_STRICT = CoreConfig(strict=True, allow_inf_nan=False)


def checked(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """The function or constructor, which refuses arguments that do not fit its annotations.

    Texts of enums and quantities arrive as what they stand for.

    Raises:
        StrataError: when called, for every argument that is missing, unknown or wrong, under the name of the function
            or of the constructor's class.
    """
    return _checking(function, function.__doc__)


def checked_arguments(arguments: type[_Class]) -> type[_Class]:
    """The dataclass, whose constructor refuses arguments that do not fit its annotations.

    Raises:
        StrataError: when an instance is made, for every argument that is missing, unknown or wrong.
    """
    constructor: Callable[..., None] = arguments.__init__
    type.__setattr__(arguments, "__init__", _checking(constructor, arguments.__doc__))
    return arguments


def _checking(function: Callable[_Given, _Result], described: str | None) -> Callable[_Given, _Result]:
    arguments = _Arguments(function, described)
    call: Callable[..., _Result] = function

    @wraps(function)
    def checking(*given: _Given.args, **named: _Given.kwargs) -> _Result:
        accepted = arguments.accept(given, named)
        return call(*accepted.args, **accepted.kwargs)

    return checking


class _Arguments:
    """The arguments of one function; what they may be is worked out when it is first called."""

    def __init__(self, function: Callable[..., object], described: str | None) -> None:
        self._function, self._described = function, described
        self._label = function.__qualname__.removesuffix(".__init__")

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self._function)

    @cached_property
    def _validators(self) -> Mapping[str, SchemaValidator]:
        hints = get_type_hints(self._function, localns=NAMES_OF_INPUTS, include_extras=True)
        return {
            name: SchemaValidator(argument_schema(hints[name]), _STRICT)
            for name in self._signature.parameters
            if name != _SELF
        }

    def accept(self, given: Sequence[object], named: Mapping[str, object]) -> inspect.BoundArguments:
        """The arguments as the function takes them."""
        raise_problems(self._ill_named(given, named))
        bound = self._signature.bind(*given, **named)
        found: list[Problem] = []
        for name, value in bound.arguments.items():
            if name == _SELF:
                continue
            try:
                bound.arguments[name] = self._validators[name].validate_python(value)
            except ValidationError as error:
                details = error.errors(include_url=False)
                found += [
                    value_problem(self._label, {**detail, "loc": (name, *detail["loc"])}, self._about(name))
                    for detail in details
                ]
            else:
                if is_options(value):
                    found += options_problems(value, f"{self._label}.{name}")
        raise_problems(found)
        return bound

    def _ill_named(self, given: Sequence[object], named: Mapping[str, object]) -> Iterator[Problem]:
        parameters = self._signature.parameters
        places = [name for name, parameter in parameters.items() if parameter.kind is not parameter.KEYWORD_ONLY]
        known = [name for name in parameters if name != _SELF]
        unplaced = given[len(places) :]
        meant = self._meant(unplaced, [name for name in known if name not in {*places, *named}])
        if unplaced:
            yield unnamed(self._label, unplaced, meant, known, [name for name in places if name != _SELF])
        for name in named:
            if name not in known:
                yield unknown(self._label, (name,), known)
        for name in known:
            is_given = name in named or name in places[: len(given)] or name in meant
            if not is_given and parameters[name].default is inspect.Parameter.empty:
                yield missing(self._label, (name,), self._about(name))

    def _meant(self, values: Sequence[object], free: Sequence[str]) -> Sequence[str]:
        """The arguments that values without names are likely meant for: the next that takes each, or the next."""
        meant: list[str] = []
        for value in values:
            left = [name for name in free if name not in meant]
            meant += [*(name for name in left if self._takes(name, value)), *left][:1]
        return meant

    def _takes(self, name: str, value: object) -> bool:
        try:
            self._validators[name].validate_python(value)
        except ValidationError:
            return False
        return True

    def _about(self, name: str) -> str | None:
        return described_arguments(self._described or "").get(name)
