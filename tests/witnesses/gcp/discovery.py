"""Google's discovery documents: names, types, formats and enums of every request, as Google publishes them.

They come with the package google-api-python-client, whose version requirements-dev.in pins.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Path: TypeAlias = tuple[str, ...]


class Property(BaseModel):
    """A property of a schema, or a schema: both have the same form.

    Attributes:
        type: ``string``, ``integer``, ``boolean``, ``array`` …; None where ``ref`` names a schema.
        format: Such as ``int32`` or ``int64``, which travels as text.
        enum: Every value there is; empty where the document has no list.
        ref: Schema that describes it.
        items: What a list holds.
        properties: What an object holds.
        values: What a map holds.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    type: str | None = None
    format: str | None = None
    enum: tuple[str, ...] = ()
    ref: str | None = Field(default=None, alias="$ref")
    items: Property | None = None
    properties: Mapping[str, Property] = {}
    values: Property | None = Field(default=None, alias="additionalProperties")


class Document(BaseModel):
    """One version of one API.

    Attributes:
        revision: Date of the document, such as ``20261106``.
        schemas: Every schema by its name.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    revision: str
    schemas: Mapping[str, Property]

    def resolved(self, found: Property) -> Property:
        """The schema that a property refers to, or the property itself."""
        return self.schemas[found.ref] if found.ref else found


@cache
def document(api: str) -> Document:
    """The document of an API, such as ``compute.v1``."""
    folder = resources.files("googleapiclient") / "discovery_cache" / "documents"
    return Document.model_validate_json((folder / f"{api}.json").read_bytes())


def find(api: str, schema: str, path: Path) -> Property | None:
    """The property at a path of a schema; lists on the way are not spelled.

    Args:
        api: Such as ``container.v1``.
        schema: Such as ``NodePool``.
        path: Such as ``("config", "accelerators", "acceleratorType")``.
    """
    known = document(api)
    found = known.schemas[schema]
    for name in path:
        below = element(known, found)
        inner = below.properties.get(name) or below.values
        if inner is None:
            return None
        found = inner
    return known.resolved(found)


def element(known: Document, found: Property) -> Property:
    """What a list holds; anything else itself."""
    found = known.resolved(found)
    return known.resolved(found.items) if found.items else found
