"""Options of a component that the Pulumi SDK takes as they are and fails on later, without naming them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeGuard, runtime_checkable

from .containers import is_list, is_mapping
from .errors import Problem
from .resources import PulumiOutput, is_provider, is_resource
from .validation import CONSEQUENCE, quoted


@runtime_checkable
class ResourceOptions(Protocol):
    """What a ``pulumi.ResourceOptions`` is known by here, where Pulumi is not imported."""

    parent: object
    provider: object
    providers: object
    protect: object
    depends_on: object


def is_options(value: object) -> TypeGuard[ResourceOptions]:
    """Whether it is options of a resource."""
    # An output makes one more output of every attribute that it is asked for.
    return not isinstance(value, PulumiOutput) and isinstance(value, ResourceOptions)


def options_problems(options: ResourceOptions, path: str) -> Iterator[Problem]:
    """Parents that are no resources, providers that are none, and switches that are not true or false.

    Args:
        options: The options, with what the program wrote.
        path: Path of that argument, such as ``ServedModels.opts``.
    """
    if options.parent is not None and not is_resource(options.parent):
        yield _problem(f"{path}.parent", "a resource", options.parent, "pass the component or resource it belongs to")
    if options.provider is not None and not is_provider(options.provider):
        yield _problem(f"{path}.provider", "a provider", options.provider, "pass one, such as `cluster.provider`")
    given = options.providers
    providers = given.values() if is_mapping(given) else given if is_list(given) else [given]
    for provider in providers:
        if provider is not None and not is_provider(provider):
            yield _problem(f"{path}.providers", "providers", provider, "pass a list such as [cluster.provider]")
    if options.protect is not None and not isinstance(options.protect, bool):
        yield _problem(f"{path}.protect", "true or false", options.protect, "pass True or False")


def _problem(field: str, expected: str, given: object, fix: str) -> Problem:
    return Problem(field=field, cause=f"expected {expected}, got {quoted(given)}", consequence=CONSEQUENCE, fix=fix)
