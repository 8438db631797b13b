"""The foundation: network, cluster and node pools of one environment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.clusters import Cluster, ClusterArgs, StaticVolume, VolumeSource, require_answer
from components.clusters.environment import BoundEnvironment, EnvironmentContext, bind
from components.clusters.rules.pool_list import pool_list_problems
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.devices import DevicePart
from components.contracts.errors import Problem
from components.contracts.pools import NodePool
from components.contracts.serving import ServingPlan
from components.contracts.sources import PUBLIC_HUB
from stacks.outputs import (
    ACCOUNT_ANNOTATIONS,
    CLUSTER_FACTS,
    KUBECONFIG,
    NETWORK_FACTS,
    VOLUME_SOURCES,
    full_name,
    other_version,
)
from stacks.secret_names import WithSecrets
from stacks.targets import Target
from stacks.yaml_file import Value

from .layer import Layer, Run, StackContext
from .parts import Parts
from .promises import AllocatableDevices, ReadyNodes
from .sources import ImageSource, WithSources, taken_charts


class FoundationPart(WithSources, WithSecrets):
    """Settings of the foundation."""

    target: Target
    """The cluster: one that Strata makes, or one that exists."""
    node_pools: Annotated[tuple[NodePool, ...], Field(min_length=1, max_length=100)]
    """Node pools of the cluster."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Volume(_Model):
    driver: str
    handle: str
    attributes: dict[str, str]
    capacity: str
    root_owned: bool = False


class _Source(_Model):
    parameters: dict[str, str]
    volume: _Volume | None = None

    def source(self) -> VolumeSource:
        volume = self.volume
        return VolumeSource(
            parameters=self.parameters,
            volume=StaticVolume(
                driver=volume.driver,
                handle=volume.handle,
                attributes=volume.attributes,
                capacity=volume.capacity,
                root_owned=volume.root_owned,
            )
            if volume
            else None,
        )


class FoundationOutputs(_Model):
    """The plain outputs of a foundation; the kubeconfig is a secret and stays an output."""

    cluster_facts: ClusterFacts
    volume_sources: dict[str, _Source] = {}
    account_annotations: dict[str, dict[str, str]] = {}

    def sources(self) -> dict[str, VolumeSource]:
        """What is known of the storage classes, by name."""
        return {name: source.source() for name, source in self.volume_sources.items()}


def environment_of(settings: FoundationPart, context: StackContext) -> BoundEnvironment:
    """The environment of the target."""
    return bind(settings.target, settings.node_pools, context.environments, context.project)


def _expect(settings: FoundationPart, context: StackContext) -> FoundationOutputs:
    return FoundationOutputs(cluster_facts=environment_of(settings, context).facts())


def _read(stack: str, outputs: Mapping[str, Value]) -> FoundationOutputs:
    try:
        return FoundationOutputs.model_validate_json(json.dumps(outputs))
    except ValidationError as error:
        raise other_version(stack, error, "its facts cannot be read") from None


def _receive(below: Parts, stack: str, run: Run) -> Cluster:
    outputs = below.of(FoundationOutputs)
    reference = pulumi.StackReference(full_name(stack))
    args = ClusterArgs(
        kubeconfig=reference.require_output(KUBECONFIG),
        facts=outputs.cluster_facts,
        volume_sources=outputs.sources(),
        account_annotations=outputs.account_annotations,
    )
    return Cluster(outputs.cluster_facts.name, args, run.provisioned())


def _declare(settings: FoundationPart, _plans: Mapping[str, ServingPlan], _below: Parts, run: Run) -> Cluster:
    environment = environment_of(settings, run.stacks)
    cluster = environment.create(_with_sources(settings, environment, run), run.provisioned())
    pulumi.export(CLUSTER_FACTS, cluster.facts.model_dump(mode="json"))
    pulumi.export(VOLUME_SOURCES, {name: _exported(source) for name, source in cluster.volume_sources.items()})
    if cluster.account_annotations:
        pulumi.export(ACCOUNT_ANNOTATIONS, cluster.account_annotations)
    pulumi.export(KUBECONFIG, pulumi.Output.secret(cluster.kubeconfig))
    network = environment.network(run.stack)
    if network:
        attachment = dict(cluster.attachment) if cluster.attachment else None
        pulumi.export(NETWORK_FACTS, {**network.model_dump(mode="json"), "attachment": attachment})
    return cluster


def _with_sources(settings: FoundationPart, environment: BoundEnvironment, run: Run) -> EnvironmentContext:
    """The environment's context, with where charts and images are taken from."""
    sources = settings.sources
    charts = sources.chart_mirror(run.stacks.project)
    if charts is None and environment.charts:
        charts = taken_charts(run.charts, environment.charts.items(), "the cluster would come up without it")
    images = sources.images
    return replace(run.environment, charts=charts, image_mirror=images.mirror, image_digests=images.digests)


def _exported(source: VolumeSource) -> dict[str, object]:
    return {"parameters": dict(source.parameters), "volume": vars(source.volume) if source.volume else None}


def _require_answer(outputs: Mapping[str, Value], start_command: str | None) -> None:
    """Check that the cluster answers: the engine would report objects of an unreachable one as unchanged."""
    kubeconfig = outputs.get(KUBECONFIG)
    if isinstance(kubeconfig, str):
        require_answer("foundation", kubeconfig=kubeconfig, start_command=start_command)


def _problems(settings: FoundationPart, context: StackContext) -> Iterator[Problem]:
    environment = environment_of(settings, context)
    yield from pool_list_problems(settings.node_pools)
    yield from environment.problems(datetime.now(UTC))
    yield from _idle_sources(settings, environment)
    named = settings.secrets.named()
    for need in environment.secrets:
        if need.name not in named:
            yield Problem(field=f"secrets.{need.name}", cause="is not set", consequence=need.consequence, fix=need.fix)


def _idle_sources(settings: FoundationPart, environment: BoundEnvironment) -> Iterator[Problem]:
    """Sources of what a stack of the cluster alone does not deploy."""
    if "accelerators" in type(settings).model_fields:
        return
    sources = settings.sources
    idle = {
        "model_hub": ("serves no models", "models", sources.model_hub != PUBLIC_HUB),
        "charts": ("deploys no chart", "platform", bool(sources.charts) and not environment.charts),
        "images": ("deploys no image", "platform", sources.images != ImageSource() and not environment.charts),
    }
    for name, (cause, place, is_idle) in idle.items():
        if is_idle:
            yield Problem(
                field=f"sources.{name}",
                cause=f"this stack {cause}",
                consequence="the setting would change nothing",
                fix=f"write it in the stack with the {place}",
            )


def _promises(
    settings: FoundationPart, facts: ClusterFacts, _plans: Mapping[str, ServingPlan]
) -> Sequence[ReadyNodes | AllocatableDevices]:
    own = {pool.name for pool in settings.node_pools}
    pools = [pool for pool in facts.pools if pool.name in own]
    nodes = [ReadyNodes(pool=pool.name, selector=pool.selector, count=pool.nodes) for pool in pools]
    provided = [
        AllocatableDevices(
            pool=pool.name, selector=pool.selector, resource=pool.gpu_resource, per_node=pool.gpus_per_node
        )
        for pool in pools
        if pool.gpus_per_node and pool.provides and DevicePart.GPU_PLUGIN in pool.provides
    ]
    return [*nodes, *provided]


FOUNDATION = Layer(
    name="foundation",
    settings=FoundationPart,
    outputs=(CLUSTER_FACTS, VOLUME_SOURCES),
    expect=_expect,
    read=_read,
    receive=_receive,
    declare=_declare,
    problems=_problems,
    promises=_promises,
    require_answer=_require_answer,
)
