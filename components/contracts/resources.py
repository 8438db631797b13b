"""Resources and outputs of Pulumi, told apart without importing Pulumi, and which value of a resource is meant."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, runtime_checkable

_Value_co = TypeVar("_Value_co", covariant=True)


@runtime_checkable
class PulumiOutput(Protocol[_Value_co]):
    """What a ``pulumi.Output`` is known by here, where Pulumi is not imported."""

    def apply(self, func: Callable[[_Value_co], object]) -> object:
        """What is done with the value once it is known."""
        ...

    def is_known(self) -> Awaitable[bool]:
        """Whether there is a value."""
        ...

    def is_secret(self) -> Awaitable[bool]:
        """Whether the value is hidden."""
        ...


@runtime_checkable
class _Resource(Protocol):
    urn: object

    def translate_output_property(self, prop: str) -> str: ...


@runtime_checkable
class _Provider(Protocol):
    package: object


_MEANT = {
    "arn": re.compile(r"\barns?\b", re.IGNORECASE),
    "email": re.compile(r"\be-?mail\b", re.IGNORECASE),
    "name": re.compile(r"\bname\b", re.IGNORECASE),
    "id": re.compile(r"\bids?\b", re.IGNORECASE),
}
"""Values of resources, and the words in an argument's description by which that value is meant."""


def is_resource(value: object) -> bool:
    """Whether it is a resource or a component."""
    # An output makes one more output of every attribute that it is asked for, and a class has those of its instances.
    return not isinstance(value, PulumiOutput | type) and isinstance(value, _Resource)


def is_provider(value: object) -> bool:
    """Whether it is a provider, which knows the package that it provides."""
    return is_resource(value) and isinstance(value, _Provider)


def value_wanted(resource: object, argument: str | None, about: str | None) -> str | None:
    """The value of a resource that an argument is meant to get, such as ``.metadata.name``; None where it is unknown.

    Args:
        resource: The resource that was passed.
        argument: Name of the argument; None for an entry of a list or a mapping.
        about: What the argument is, where it is described.
    """
    values = dir(resource)
    if type(resource).__module__.startswith("pulumi_kubernetes.") and "metadata" in values:
        return ".metadata.name"
    named = [argument] if argument else []
    meant = [*named, *(name for name, words in _MEANT.items() if words.search(about or ""))]
    return next((f".{name}" for name in meant if name in values), None)
