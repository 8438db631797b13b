"""Reading the engine's event log: one JSON event per line, as ``--event-log`` writes it.

The shapes are those of github.com/pulumi/pulumi sdk/go/common/apitype/events.go. The engine withholds secrets, but its
debug messages may hold some, so these are dropped while reading, and the log itself has to stay in a private folder.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True, frozen=True)


class State(_Model):
    """A resource before or after a step."""

    inputs: dict[str, JsonValue] = {}
    outputs: dict[str, JsonValue] = {}
    protect: bool = False


class PropertyDiff(_Model):
    """How one property changes."""

    kind: str = Field(alias="diffKind")
    input_diff: bool = Field(default=False, alias="inputDiff")


class Step(_Model):
    """What is done to one resource."""

    op: str
    urn: str
    type: str
    old: State | None = None
    new: State | None = None
    keys: list[str] = []
    """Properties that force a replacement."""
    diffs: list[str] = []
    """Top-level properties that differ; the only information where the provider gives no details."""
    detailed: dict[str, PropertyDiff] | None = Field(None, alias="detailedDiff")


class Diagnostic(_Model):
    """One message."""

    urn: str = ""
    message: str
    severity: str
    ephemeral: bool = False


class PolicyViolation(_Model):
    """One policy that a resource breaks."""

    urn: str = Field("", alias="resourceUrn")
    message: str
    policy: str = Field(alias="policyName")
    pack: str = Field(alias="policyPackName")
    level: str = Field(alias="enforcementLevel")

    @property
    def stops(self) -> bool:
        """Whether the run ends because of it."""
        return self.level == "mandatory"


class Summary(_Model):
    """The end of a run."""

    counts: dict[str, int] = Field(default={}, alias="resourceChanges")


class _StepEvent(_Model):
    metadata: Step


class Event(_Model):
    """One line; exactly one field is set, or none for kinds of events that are not used."""

    planned: _StepEvent | None = Field(None, alias="resourcePreEvent")
    done: _StepEvent | None = Field(None, alias="resOutputsEvent")
    failed: _StepEvent | None = Field(None, alias="resOpFailedEvent")
    diagnostic: Diagnostic | None = Field(None, alias="diagnosticEvent")
    policy: PolicyViolation | None = Field(None, alias="policyEvent")
    summary: Summary | None = Field(None, alias="summaryEvent")


def read_events(log: Path) -> list[Event]:
    """Every event of a run, without debug and ephemeral messages; empty where the engine wrote no log."""
    if not log.exists():
        return []
    events = [_event(line) for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [event for event in events if event and not (event.diagnostic and _is_noise(event.diagnostic))]


def _event(line: str) -> Event | None:
    try:
        return Event.model_validate_json(line)
    except ValidationError:
        # The last line of an engine that was killed.
        return None


def _is_noise(diagnostic: Diagnostic) -> bool:
    return diagnostic.ephemeral or diagnostic.severity == "debug"
