"""AWS's service models, as botocore carries them: operations, their members, closed lists.

Source: botocore, data/<service>/<version>/service-2.json.gz.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Member(BaseModel):
    """A member of a structure."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    shape: str


class Shape(BaseModel):
    """A type of a service."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    type: str
    enum: tuple[str, ...] = ()
    members: dict[str, Member] = {}


class Operation(BaseModel):
    """A call of a service."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    name: str
    takes: Member | None = Field(default=None, alias="input")


class Service(BaseModel):
    """A service."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    operations: dict[str, Operation]
    shapes: dict[str, Shape]


@cache
def service(name: str) -> Service:
    """The newest model of a service, such as ``ec2``."""
    spec = find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "data" / name
    newest = max(folder.iterdir())
    return Service.model_validate_json(gzip.decompress((newest / "service-2.json.gz").read_bytes()))


def values_of(name: str) -> tuple[str, ...]:
    """The closed list of a shape, such as ``fsx:LustreDeploymentType``."""
    owner, _, shape = name.partition(":")
    return service(owner).shapes[shape].enum


def has_operation(name: str) -> bool:
    """Whether there is a call of that name, such as ``ec2:ModifySecurityGroupRules``."""
    owner, _, operation = name.partition(":")
    return operation in service(owner).operations
