"""A layer of one's own, in one file: notes that every pod of the namespace can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import pulumi
from pulumi_kubernetes import core, meta
from pydantic import Field

from components.clusters import Cluster
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.contributions import Contribution
from components.contracts.errors import Problem
from components.contracts.model import Contract
from components.contracts.serving import ServingPlan
from stacks.layers.layer import Layer, Run, StackContext
from stacks.layers.parts import Parts
from stacks.layers.platform import SharedNamespace
from stacks.yaml_file import Value

NOTES_API = "notes.example.com"


class NotesPart(Contract):
    """Settings of the notes."""

    notes: Annotated[dict[str, str], Field(min_length=1)]
    """Text by title."""


@dataclass(frozen=True)
class Notes:
    """What layers above may read: the titles."""

    titles: tuple[str, ...]


def _problems(settings: NotesPart, _context: StackContext) -> Iterator[Problem]:
    for title, text in settings.notes.items():
        if not text:
            yield Problem(
                field=f"notes.{title}", cause="is empty", consequence="nobody learns anything", fix="write something"
            )


def _contribution(_settings: NotesPart, _facts: ClusterFacts) -> Contribution:
    return Contribution(apis=(NOTES_API,))


def _expect(settings: NotesPart, _context: StackContext) -> Notes:
    return Notes(tuple(settings.notes))


def _read(_stack: str, outputs: Mapping[str, Value]) -> Notes:
    titles = outputs.get("titles")
    return Notes(tuple(str(title) for title in titles) if isinstance(titles, list) else ())


def _receive(below: Parts, _stack: str, _run: Run) -> Notes:
    return below.of(Notes)


def _declare(settings: NotesPart, _plans: Mapping[str, ServingPlan], below: Parts, _run: Run) -> Notes:
    core.v1.ConfigMap(
        "notes",
        metadata=meta.v1.ObjectMetaArgs(name="notes", namespace=below.of(SharedNamespace).name),
        data=settings.notes,
        opts=pulumi.ResourceOptions(provider=below.of(Cluster).provider),
    )
    pulumi.export("titles", list(settings.notes))
    pulumi.export("apis_below_servers", list(below.of(ClusterFacts).apis))
    return Notes(tuple(settings.notes))


NOTES = Layer(
    name="notes",
    settings=NotesPart,
    needs=("foundation", "platform"),
    outputs=("titles",),
    expect=_expect,
    read=_read,
    receive=_receive,
    declare=_declare,
    problems=_problems,
    contribution=_contribution,
)
