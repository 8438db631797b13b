"""The JSON schema of a stack's file as types, for what is written from it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from .project import PROJECT

_SCOPE = f"{PROJECT}:scope"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Discriminator(_Part):
    """Which property chooses among several definitions, and how."""

    mapping: dict[str, str]
    property_name: str = Field(alias="propertyName")


class Node(_Part):
    """Schema of one value."""

    reference: str | None = Field(default=None, alias="$ref")
    const: JsonValue = None
    enum: list[JsonValue] = []
    any_of: list[Node] = Field(default=[], alias="anyOf")
    discriminator: Discriminator | None = None
    type: str | list[str] | None = None
    items: Node | None = None
    additional: Node | bool = Field(default=False, alias="additionalProperties")
    properties: dict[str, Node] = {}
    required: list[str] = []
    pattern: str | None = None
    examples: list[JsonValue] = []
    min_items: int = Field(default=0, alias="minItems")
    min_properties: int = Field(default=0, alias="minProperties")
    minimum: float | None = None
    maximum: float | None = None
    default: JsonValue = None
    description: str = ""

    @property
    def definition(self) -> str | None:
        """Name of the definition that the value is written as."""
        return self.reference.rpartition("/")[2] if self.reference else None

    @property
    def choices(self) -> list[Node]:
        """Schemas of which the value has one."""
        kinds = self.discriminator.mapping.values() if self.discriminator else ()
        return [*self.any_of, *(Node.model_validate({"$ref": reference}) for reference in kinds)]


class _Condition(_Part):
    properties: dict[str, Node]


class _Scope(_Part):
    condition: _Condition = Field(alias="if")
    then: Node


class _Config(_Part):
    scopes: list[_Scope] = Field(alias="allOf")


class _Properties(_Part):
    config: _Config


class StackSchema(_Part):
    """The whole schema."""

    properties: _Properties
    definitions: dict[str, Node] = Field(alias="$defs")

    @property
    def scopes(self) -> dict[str, Node]:
        """Settings by the scope of the stack."""
        return {str(scope.condition.properties[_SCOPE].const): scope.then for scope in self.properties.config.scopes}
