"""What a run changes: which resources, in which properties, and what is lost with them.

Decides which changes are dangerous, by the last word of the resource type, which is the same on every cloud.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from .events import Diagnostic, Event, PolicyViolation, PropertyDiff, State, Step

_SHOWN = {"create": "create", "update": "update", "replace": "replace", "delete": "delete", "import": "import"}
_STACK = "pulumi:pulumi:Stack"
_SECRET = "[secret]"  # noqa: S105 - a placeholder, not a secret
# Marks a secret in the engine's wire format (sdk/python/lib/pulumi/runtime/rpc.py).
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a public constant
_LONGEST_VALUE = 160
_PATH_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')
# What is lost when a resource is deleted, by the last word of its type.
_LOSSES = {
    "PersistentVolumeClaim": "its files",
    "PersistentVolume": "its files",
    "FileSystem": "its files",
    "LustreFileSystem": "its files",
    "Volume": "its files",
    "StatefulSet": "its pods' identities, and their volumes with them",
    "Namespace": "every object in it",
    "CustomResourceDefinition": "every object of its kind",
    "Cluster": "the whole cluster",
    "NodeGroup": "its machines, which may not come back where capacity is short",
    "NodePool": "its machines, which may not come back where capacity is short",
    "Vpc": "everything in the network",
    "Network": "everything in the network",
    "Key": "whatever it encrypts",
    "Instance": "what it stores",
    "Database": "its data",
}


@dataclass(frozen=True)
class PropertyChange:
    """One property; its values are texts without secrets."""

    path: str
    old: str
    new: str
    forces_replacement: bool


@dataclass(frozen=True)
class Change:
    """What happens to one resource.

    Attributes:
        op: ``create``, ``update``, ``replace``, ``delete`` or ``import``.
        loss: What is lost with it; empty when nothing important is.
        protected: Whether the resource refuses to be deleted, so that the run will stop.
    """

    op: str
    type: str
    name: str
    urn: str
    properties: tuple[PropertyChange, ...] = ()
    loss: str = ""
    protected: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run of the engine would do or did."""

    changes: tuple[Change, ...]
    unchanged: int
    gone: tuple[str, ...]
    """URNs of resources that somebody else deleted."""
    failed: tuple[str, ...]
    """URNs of resources on which an operation failed."""
    diagnostics: tuple[Diagnostic, ...]
    policies: tuple[PolicyViolation, ...]
    outputs_before: Mapping[str, JsonValue]
    completed: bool
    """Whether the engine finished; otherwise the lists may be incomplete."""

    def of(self, *ops: str) -> tuple[Change, ...]:
        """The changes with one of these operations."""
        return tuple(change for change in self.changes if change.op in ops)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Messages that say why the run failed."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")


def run_of(events: Sequence[Event]) -> Run:
    """Summarize the events of one run."""
    planned = {
        step.urn: step for step in _steps(events) if step.op in _SHOWN and step.type != _STACK and not _is_view(step)
    }
    refreshed = (event.done.metadata for event in events if event.done)
    summary = next((event.summary for event in events if event.summary), None)
    return Run(
        changes=tuple(sorted((_change(step) for step in planned.values()), key=_weight)),
        unchanged=summary.counts.get("same", 0) if summary else 0,
        gone=tuple(sorted(step.urn for step in refreshed if step.op == "refresh" and step.old and not step.new)),
        failed=tuple(sorted({event.failed.metadata.urn for event in events if event.failed})),
        diagnostics=tuple(event.diagnostic for event in events if event.diagnostic),
        policies=tuple(event.policy for event in events if event.policy),
        outputs_before=_outputs_before(events),
        completed=summary is not None,
    )


def _steps(events: Sequence[Event]) -> Iterator[Step]:
    return (event.planned.metadata for event in events if event.planned)


def _is_view(step: Step) -> bool:
    """Whether the step only reads an existing resource, whatever operation it names."""
    return step.type == "pulumi:pulumi:StackReference"


def _outputs_before(events: Sequence[Event]) -> Mapping[str, JsonValue]:
    old = next((step.old for step in _steps(events) if step.type == _STACK and step.old), None)
    return old.outputs if old else {}


def _change(step: Step) -> Change:
    goes = step.op in {"replace", "delete"}
    return Change(
        op=_SHOWN[step.op],
        type=step.type,
        name=step.urn.rpartition("::")[2],
        urn=step.urn,
        properties=tuple(_properties(step)) if step.old and step.new else (),
        loss=_LOSSES.get(step.type.rpartition(":")[2], "") if goes and not step.type.startswith("strata:") else "",
        protected=bool(goes and step.old and step.old.protect),
    )


def _weight(change: Change) -> tuple[int, int, str, str]:
    """Losses first, then replacements, deletions, and the rest."""
    order = ("replace", "delete", "update", "create", "import")
    return (0 if change.loss else 1, order.index(change.op), change.type, change.name)


def _properties(step: Step) -> Iterator[PropertyChange]:
    old, new = step.old or State(), step.new or State()
    detailed = step.detailed or {name: PropertyDiff(diffKind="update") for name in step.diffs}
    for path, diff in sorted(detailed.items()):
        after = _at(new.inputs, path)
        # Where the inputs are equal, the resource itself has changed.
        before = next((found for found in (_at(old.inputs, path), _at(old.outputs, path)) if found != after), after)
        forces = diff.kind.endswith("-replace") or path.partition(".")[0].partition("[")[0] in step.keys
        yield PropertyChange(
            path=path,
            old="" if diff.kind.startswith("add") else _shown(before),
            new="" if diff.kind.startswith("delete") else _shown(after),
            forces_replacement=forces,
        )


class _Missing:
    """Placeholder for a missing value."""


_MISSING = _Missing()


def _at(value: JsonValue, path: str) -> JsonValue | _Missing:
    """The value below a property path such as ``spec.containers[0].env["a.b"]``."""
    found: JsonValue = value
    for quoted, index, name in _PATH_PART.findall(path):
        if _is_secret(found):
            return _SECRET
        if isinstance(found, list) and index and int(index) < len(found):
            found = found[int(index)]
        elif isinstance(found, dict) and (quoted or name) in found:
            found = found[quoted or name]
        else:
            return _MISSING
    return found


def _is_secret(value: JsonValue) -> bool:
    return value == _SECRET or (isinstance(value, dict) and _SECRET_MARK in value)


def _shown(value: JsonValue | _Missing) -> str:
    """A value as text; secrets and long values withheld."""
    if isinstance(value, _Missing):
        return "(not known yet)"
    text = value if isinstance(value, str) else json.dumps(_redacted(value), ensure_ascii=False, sort_keys=True)
    if len(text) > _LONGEST_VALUE or "\n" in text:
        return f"({len(text):,} characters, withheld)"
    return text


def _redacted(value: JsonValue) -> JsonValue:
    """The value with every secret in it withheld."""
    match value:
        case dict():
            return _SECRET if _SECRET_MARK in value else {str(key): _redacted(item) for key, item in value.items()}
        case list():
            return [_redacted(item) for item in value]
        case _:
            return value
