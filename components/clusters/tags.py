r"""Tags and labels that users add to a cluster's resources, as far as the cloud and Strata leave it free to.

What each cloud accepts, as it documents it:

- AWS, "Tag naming limits and requirements" (Tagging AWS Resources): 128 characters, values 256, no key that begins
  with ``aws:``.
- Google Cloud, "Requirements for labels" (Resource Manager): 63 lowercase letters, digits, ``_`` and ``-``, a key
  begins with a letter.
- Azure, "Use tags to organize your Azure resources": 512 characters without ``<>%&\?/``, values 256; names that begin
  with ``azure``, ``microsoft`` or ``windows`` are Azure's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..contracts.errors import Problem
from ..contracts.shown_text import excerpt


@dataclass(frozen=True, kw_only=True)
class TagRules:
    """What one cloud takes.

    Attributes:
        field: The setting, such as ``tags``.
        key: Form of a key.
        value: Form of a value.
        reserved: How keys begin that belong to the cloud, in lower case.
        marks: Keys by which Strata finds what belongs to a cluster.
        example: A key that it takes.
        has_case: Whether keys that differ in case only are two.
    """

    field: str
    key: re.Pattern[str]
    value: re.Pattern[str]
    reserved: tuple[str, ...] = ()
    marks: frozenset[str]
    example: str
    has_case: bool = True


AWS_TAGS = TagRules(
    field="tags",
    key=re.compile(r"[\w\s.:/=+@-]{1,128}"),
    value=re.compile(r"[\w\s.:/=+@-]{0,256}"),
    reserved=("aws:",),
    marks=frozenset({"strata.dev/cluster", "strata.dev/stack"}),
    example="team",
)
AZURE_TAGS = TagRules(
    field="tags",
    key=re.compile(r"[^<>%&\\?/]{1,512}"),
    value=re.compile(r".{0,256}", re.DOTALL),
    reserved=("azure", "microsoft", "windows"),
    marks=frozenset({"strata.dev-cluster", "strata.dev-stack"}),
    example="team",
    # The same page: tag names are case-insensitive for operations.
    has_case=False,
)
GOOGLE_LABELS = TagRules(
    field="labels",
    key=re.compile(r"[a-z][a-z0-9_-]{0,62}"),
    value=re.compile(r"[a-z0-9_-]{0,63}"),
    marks=frozenset({"strata-cluster", "strata-stack"}),
    example="team",
)


def tag_problems(rules: TagRules, tags: Mapping[str, str]) -> Iterator[Problem]:
    """Tags that the cloud refuses, or that would hide whose a resource is.

    Args:
        rules: What the cloud takes.
        tags: What the user adds.
    """
    for key, value in tags.items():
        field = f"target.{rules.field}.{key}"
        if key in rules.marks:
            yield Problem(
                field=field,
                cause=f"{key} is Strata's, which marks with it what belongs to the cluster and the stack",
                consequence="what the cluster left behind could not be found any more",
                fix="choose another key",
            )
        elif key.lower().startswith(rules.reserved) or not rules.key.fullmatch(key):
            yield Problem(
                field=field,
                cause=f"the cloud takes no key like {excerpt(key)!r}",
                consequence="it would refuse the first resource that carries it",
                fix=f"choose another key, such as {rules.example!r}",
            )
        elif not rules.value.fullmatch(value):
            yield Problem(
                field=field,
                cause=f"the cloud takes no value like {excerpt(value)!r}",
                consequence="it would refuse the first resource that carries it",
                fix="shorten it, and leave out what is neither a letter nor a digit",
            )
    if not rules.has_case:
        yield from _of_other_case(rules, tags)


def _of_other_case(rules: TagRules, tags: Mapping[str, str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key in tags:
        other = first.setdefault(key.lower(), key)
        if other != key:
            yield Problem(
                field=f"target.{rules.field}.{key}",
                cause=f"{key} and {other} differ in case only, and are one key to the cloud",
                consequence="it would refuse the first resource that carries both",
                fix="keep one of them",
            )
