"""AWS's managed policies as moto carries them, and the table of them that the simulation keeps.

``python -m tests.witnesses.aws.managed_policies`` writes the table anew. The simulation is a distribution of its own
and must not need moto, so it keeps the actions of the few policies that a stack may attach.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, field_validator

from simulation.clouds.aws import managed_policies

TABLE = Path(managed_policies.__file__).with_name("managed_policies.csv")


class Statement(BaseModel):
    """One statement of a policy."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    effect: str = Field(alias="Effect")
    action: tuple[str, ...] = Field(default=(), alias="Action")
    resource: tuple[str, ...] = Field(default=(), alias="Resource")
    condition: dict[str, dict[str, str | bool | list[str]]] = Field(default={}, alias="Condition")

    @field_validator("action", "resource", mode="before")
    @classmethod
    def _listed(cls, value: JsonValue) -> JsonValue:
        return [value] if isinstance(value, str) else value

    def permits(self, action: str, resource: str, context: Mapping[str, str]) -> PermissionResult:
        """What moto's access control makes of it."""
        others = {operator: keys for operator, keys in self.condition.items() if operator != "Null"}
        # Moto takes a condition whose key the request lacks as met, and knows nothing of "Null"; to AWS it is not.
        if not all(key in context for keys in others.values() for key in keys):
            return PermissionResult.NEUTRAL
        absent = {key for key, value in self.condition.get("Null", {}).items() if str(value).lower() == "true"}
        present = self.condition.get("Null", {}).keys() - absent
        if absent & context.keys() or present - context.keys():
            return PermissionResult.NEUTRAL
        plain = self.model_copy(update={"condition": others})
        written = plain.model_dump(by_alias=True, mode="json", exclude_defaults=True)
        return IAMPolicyStatement(written).is_action_permitted(action, resource, None, dict(context))


class Document(BaseModel):
    """A policy's document."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    statements: tuple[Statement, ...] = Field(alias="Statement")

    @field_validator("statements", mode="before")
    @classmethod
    def _listed(cls, value: JsonValue) -> JsonValue:
        return [value] if isinstance(value, dict) else value


class Policy(BaseModel):
    """A managed policy; its name is the key under which moto has it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    path: str = Field(alias="Path")
    document: Document = Field(alias="Document")
    version: str = Field(alias="DefaultVersionId")


def inline(text: str) -> Policy:
    """The policy inside of a role, by its document."""
    return Policy(Path="/", Document=Document.model_validate_json(text), DefaultVersionId="v1")


@cache
def published() -> Mapping[str, Policy]:
    """Every managed policy by its path and name, such as ``service-role/AmazonEBSCSIDriverPolicy``."""
    known = TypeAdapter(dict[str, Policy]).validate_json(aws_managed_policies_data)
    return {f"{policy.path.removeprefix('/')}{name}": policy for name, policy in known.items()}


def permitted(policies: Iterator[Policy], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether a role with these policies may do it: some statement allows it, and none denies it."""
    results = [
        statement.permits(action, resource, context) for policy in policies for statement in policy.document.statements
    ]
    return PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results


def table() -> str:
    """The simulation's table as it has to be."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("policy", "version", "action"))
    for name in managed_policies.KEPT:
        policy = published()[name]
        actions = {action for statement in policy.document.statements for action in statement.action}
        writer.writerows((name, policy.version, action) for action in sorted(actions))
    return out.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
