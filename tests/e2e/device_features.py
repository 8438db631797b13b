"""Small stacks by which each way to advertise devices is tried on each cloud: read from ``device_features.yaml``."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from stacks.yaml_file import Value, read_yaml
from tests.conftest import PROJECT
from tests.first_run.stacks import STACKS, file_of
from tests.stack_files import put, remove


class Reservation(BaseModel):
    """Machines that the account has paid for."""

    model_config = ConfigDict(extra="forbid")
    machine: str
    zone: str
    count: int


class Feature(BaseModel):
    """One stack; the fields are told in the file."""

    model_config = ConfigDict(extra="forbid")
    stack: str = Field(alias="from")
    changes: dict[str, object]
    servers: int
    offers: dict[str, dict[str, int]] = {}
    claimed: dict[str, int] = {}
    asked: str | None = None
    facts: dict[str, str] = {}
    reservations: dict[str, Reservation] = {}

    def write(self, folder: Path) -> None:
        """Lay the stack's file into a copy of the project.

        Args:
            folder: Root of the copy.
        """
        file = file_of(self.stack) if self.stack in STACKS else PROJECT / f"Pulumi.{self.stack}.yaml"
        settings = copy.deepcopy(read_yaml(file).value)
        assert isinstance(settings, dict)
        for path, value in self.changes.items():
            first, *rest = path.split(".")
            place = (f"strata:{first}", *(int(part) if part.isdigit() else part for part in rest))
            if value is None:
                remove(settings["config"], place)
            else:
                put(settings["config"], place, cast("Value", value))
        # A block of capacity ends some days from now, whenever that is.
        soon = (datetime.now(UTC) + timedelta(days=10)).strftime("%Y-%m-%dT11:30:00Z")
        (folder / f"Pulumi.{self.stack}.yaml").write_text(yaml.safe_dump(settings).replace("IN_TEN_DAYS", f'"{soon}"'))


def features() -> dict[str, Feature]:
    """Every stack by what it shows."""
    read = read_yaml(Path(__file__).with_name("device_features.yaml")).value
    assert isinstance(read, dict)
    return {name: Feature.model_validate(value) for name, value in read.items()}
