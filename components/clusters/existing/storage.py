"""Storage classes of a cluster that exists: their names, and more where somebody knows it better."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ...contracts.cluster_facts import StorageFacts, VolumeBinding, VolumeClass, require_provisioner
from ...contracts.model import Contract
from ...contracts.names import ExistingName
from ...contracts.quantities import ByteSize
from ...contracts.rates import DataRate
from .drivers import DRIVERS, read_of


class ExistingClass(Contract):
    """A storage class, where more is known of it than its name."""

    name: ExistingName
    """Its name, as ``kubectl get storageclass`` prints it."""
    provisioner: Annotated[str, Field(examples=sorted(DRIVERS))] = ""
    """Its provisioner, as the same command prints it, such as ``efs.csi.aws.com``."""
    read_bandwidth: DataRate | None = None
    """What one node reads from it, such as ``5GB/s``; what its provisioner is published to read, or ``300MB/s``."""
    parameters: dict[str, str] = {}
    """Parameters of the provisioner, of a class that Strata creates."""
    binding: VolumeBinding = VolumeBinding.IMMEDIATE
    """When a volume is made for a claim, of a class that Strata creates."""
    capacity: ByteSize | None = None
    """Size of the one file system behind the class; left out where each claim gets a volume of its own size."""
    managed: bool = False
    """Whether Strata creates the class; otherwise it exists already."""

    @model_validator(mode="after")
    def _can_be_created(self) -> Self:
        require_provisioner(self.name, self.provisioner, is_created=self.managed)
        return self

    @property
    def facts(self) -> VolumeClass:
        """What everything above works from."""
        return VolumeClass(
            name=self.name,
            provisioner=self.provisioner,
            read_bytes_per_second=float(self.read_bandwidth or read_of(self.provisioner)),
            parameters=self.parameters,
            binding=self.binding,
            capacity=self.capacity,
            managed=self.managed,
        )


class _NameAlone:
    """In schemas: a name in place of the mapping."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "examples": ["gp3"]}, handler(schema)]}


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


ClassByName = Annotated[ExistingClass, BeforeValidator(_named), _NameAlone()]
"""A storage class, or its name alone."""


class ExistingStorage(Contract):
    """Storage classes by what they are for, each by its name or with more."""

    read_write_once: ClassByName
    """Of volumes that one node mounts, such as ``gp3``."""
    read_write_many: ClassByName
    """Of volumes that all nodes mount, such as ``efs``; models are served from them."""
    scratch: ClassByName | None = None
    """Fast storage local to a node; left out where nodes have none."""

    @property
    def facts(self) -> StorageFacts:
        """What everything above works from."""
        return StorageFacts(
            read_write_once=self.read_write_once.facts,
            read_write_many=self.read_write_many.facts,
            scratch=self.scratch.facts if self.scratch else None,
        )
