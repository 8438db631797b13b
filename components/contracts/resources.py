"""Pulumi resources that a program passes where one of their values is needed, told apart without importing Pulumi."""

from __future__ import annotations

import re

_MEANT = {
    "arn": re.compile(r"\barns?\b", re.IGNORECASE),
    "email": re.compile(r"\be-?mail\b", re.IGNORECASE),
    "name": re.compile(r"\bname\b", re.IGNORECASE),
    "id": re.compile(r"\bids?\b", re.IGNORECASE),
}
"""Values of resources, and the words in an argument's description by which that value is meant."""


def is_resource(value: object) -> bool:
    """Whether it is a resource or a component; outputs, which have every attribute, are none."""
    kind = type(value)
    return hasattr(kind, "urn") and hasattr(kind, "translate_output_property")


def value_wanted(resource: object, argument: str | None, about: str | None) -> str | None:
    """The value of a resource that an argument is meant to get, such as ``.metadata.name``; None where it is unknown.

    Args:
        resource: The resource that was passed.
        argument: Name of the argument; None for an entry of a list or a mapping.
        about: What the argument is, where it is described.
    """
    kind = type(resource)
    if kind.__module__.startswith("pulumi_kubernetes.") and hasattr(kind, "metadata"):
        return ".metadata.name"
    named = [argument] if argument else []
    meant = [*named, *(name for name, words in _MEANT.items() if words.search(about or ""))]
    return next((f".{name}" for name in meant if hasattr(kind, name) or name in vars(resource)), None)
