"""The platform: what all workloads of a cluster share, and the namespace of the model servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.clusters import Cluster
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.customize import ObjectCustomize
from components.contracts.errors import Problem
from components.contracts.model import Contract
from components.contracts.names import NamespaceName
from components.contracts.serving import ServingPlan
from components.operations import (
    GuardedNamespace,
    GuardedNamespaceArgs,
    PriorityClasses,
    Team,
    TeamNamespaces,
    TeamNamespacesArgs,
    namespaces,
    team_namespaces,
)
from components.operations.taken_namespaces import taken_problems
from components.storage import StorageClasses, StorageClassesArgs, classes
from stacks.outputs import FOUNDATION_STACK, NAMESPACE, full_name, other_version
from stacks.yaml_file import Value

from .foundation import FOUNDATION
from .layer import Layer, Run, StackContext, stack_below
from .parts import Parts
from .services import RunningServices


class WithNamespace(Contract):
    """Settings of layers that create objects in the models' namespace."""

    namespace: NamespaceName = "models"
    """Namespace of the model servers."""


class PlatformPart(WithNamespace):
    """Settings of the platform."""

    teams: Annotated[tuple[Team, ...], Field(max_length=100)] = ()
    """Teams with namespaces of their own on the cluster."""
    customize: ObjectCustomize = ObjectCustomize()
    """Labels and annotations of the namespaces with what is in them from the start, of priority and storage classes."""


class PlatformOutputs(BaseModel):
    """What a platform provides to the stacks of model servers on it.

    Attributes:
        namespace: Namespace of the model servers.
        foundation: Stack of the cluster that it is on; None where an older version brought it up, or in its file.
        catalog_size: Size of a catalog of its own, which only a stack with models has.
    """

    model_config = ConfigDict(extra="ignore")
    namespace: str
    foundation: str | None = None
    catalog_size: str | None = None


@dataclass(frozen=True, kw_only=True)
class SharedNamespace:
    """Where model servers run.

    Attributes:
        name: The namespace, known once it exists.
        after: Resources that have to exist before the servers: priorities and storage classes.
        volume_aliases: Where an earlier version of this stack had the volume of the catalog.
    """

    name: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = ()
    volume_aliases: Sequence[pulumi.Alias] = ()


def _expect(settings: PlatformPart, _context: StackContext) -> PlatformOutputs:
    return PlatformOutputs(namespace=settings.namespace, foundation=stack_below(settings, FOUNDATION.name))


def _read(stack: str, outputs: Mapping[str, Value]) -> PlatformOutputs:
    try:
        return PlatformOutputs.model_validate_json(json.dumps(outputs))
    except ValidationError as error:
        raise other_version(stack, error, "its namespace cannot be read") from None


def _receive(_below: Parts, stack: str, _run: Run) -> SharedNamespace:
    return SharedNamespace(name=pulumi.StackReference(full_name(stack)).require_output(NAMESPACE))


def _class_args(settings: PlatformPart, facts: ClusterFacts) -> StorageClassesArgs:
    return StorageClassesArgs(facts=facts.storage, customize=settings.customize)


def _namespace_args(settings: PlatformPart) -> GuardedNamespaceArgs:
    return GuardedNamespaceArgs(namespace=settings.namespace, customize=settings.customize)


def _team_args(settings: PlatformPart, facts: ClusterFacts) -> TeamNamespacesArgs:
    return TeamNamespacesArgs(
        teams=settings.teams, models_namespace=settings.namespace, facts=facts, customize=settings.customize
    )


def _refusals(settings: PlatformPart, facts: ClusterFacts, _plans: Mapping[str, ServingPlan]) -> Iterator[Problem]:
    # Each component refuses the same additions.
    found = [
        *classes.refusals(_class_args(settings, facts)),
        *namespaces.refusals(_namespace_args(settings)),
        *taken_problems(settings.namespace, facts.namespaces, "namespace"),
        *team_namespaces.refusals(_team_args(settings, facts)),
    ]
    yield from dict.fromkeys(found)


def _declare(settings: PlatformPart, _plans: Mapping[str, ServingPlan], below: Parts, run: Run) -> SharedNamespace:
    cluster = below.of(Cluster)
    on_cluster = pulumi.ResourceOptions(provider=cluster.provider)
    priorities = PriorityClasses("priorities", on_cluster, customize=settings.customize)
    storage_classes = StorageClasses(
        "storage", replace(_class_args(settings, cluster.facts), sources=cluster.volume_sources), on_cluster
    )
    # Services in namespaces go with them, while who made their load balancers and names is there to take these away.
    running = below.find(RunningServices)
    controllers = [*cluster.controllers, *(running.controllers if running else ())]
    served = pulumi.ResourceOptions(provider=cluster.provider, depends_on=controllers)
    namespace = GuardedNamespace(settings.namespace, _namespace_args(settings), served)
    if settings.teams:
        # Their pods may use the classes, and quotas of theirs name the priorities.
        with_classes = pulumi.ResourceOptions(
            provider=cluster.provider, depends_on=[priorities, storage_classes, *controllers]
        )
        TeamNamespaces("teams", _team_args(settings, cluster.facts), with_classes)
    pulumi.export(NAMESPACE, namespace.namespace)
    pulumi.export(FOUNDATION_STACK, stack_below(settings, FOUNDATION.name) or run.stack)
    return SharedNamespace(
        name=namespace.namespace,
        after=[priorities, storage_classes],
        volume_aliases=[storage_classes.former_volume(cluster.facts.storage.read_write_many.name)],
    )


PLATFORM = Layer(
    name="platform",
    settings=PlatformPart,
    needs=(FOUNDATION.name,),
    outputs=(NAMESPACE,),
    expect=_expect,
    read=_read,
    receive=_receive,
    declare=_declare,
    refusals=_refusals,
)
