"""Accelerators: what advertises the devices of the nodes, where the nodes do not come with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.accelerators import (
    NAMESPACE,
    Accelerators,
    AcceleratorsArgs,
    Deployments,
    deployments,
    refusals,
    unadvertised_notes,
)
from components.accelerators.device_plugin import RELEASE, SHARED_RELEASE
from components.accelerators.dra_driver import DRA_PLUGIN
from components.accelerators.fabric_plugin import IMAGE_NAME
from components.accelerators.gpu_operator import PLUGIN_DAEMON_SET
from components.clusters import Cluster
from components.contracts.api_groups import COMPUTE_DOMAINS, NODE_DISCOVERY, NVIDIA
from components.contracts.claims import DOMAIN_DRIVER, GPU_DRIVER
from components.contracts.cluster_facts import ClusterFacts, PoolFacts
from components.contracts.contributions import Contribution
from components.contracts.errors import Problem
from components.contracts.model import Contract
from components.contracts.pools import GpuAdvertiser
from components.contracts.serving import ServingPlan
from components.contracts.sources import PUBLIC_HUB
from components.contracts.versions import (
    GPU_OPERATOR_CHART,
    NVIDIA_DEVICE_PLUGIN_CHART,
    NVIDIA_DRA_DRIVER_CHART,
    Chart,
)

from .foundation import FOUNDATION
from .layer import Layer, Run, StackContext
from .parts import Parts
from .promises import AllocatableDevices, PublishedDevices, RunningDaemons
from .sources import WithSources, taken_charts


class AcceleratorSettings(Contract):
    """GPUs and the devices of the fabric."""

    install: bool | None = None
    """Whether Strata deploys what advertises the devices of nodes that come without it. Left out, it does so on
    clusters that it makes, and not on those that exist, where a device plugin or GPU operator may run already."""


class AcceleratorsPart(WithSources):
    """Settings of what advertises devices."""

    accelerators: AcceleratorSettings = AcceleratorSettings()


@dataclass(frozen=True, kw_only=True)
class AdvertisedDevices:
    """What pods with devices wait for."""

    after: pulumi.Resource


def _contribution(settings: AcceleratorsPart, facts: ClusterFacts) -> Contribution:
    wanted = deployments(facts, install=settings.accelerators.install)
    advertised: dict[str, dict[str, int]] = {}
    for pool in wanted.advertised_gpus:
        advertised.setdefault(pool.name, {})[pool.gpu_resource] = pool.gpus_per_node
    for pool in wanted.efa_plugin:
        if pool.fabric.resource_name and pool.fabric.devices_per_node:
            advertised.setdefault(pool.name, {})[pool.fabric.resource_name] = pool.fabric.devices_per_node
    # On a cluster of others these groups mean an operator and a discovery that were there before.
    by_operator = (NVIDIA, NODE_DISCOVERY) if wanted.operator and not facts.existed else ()
    by_driver = (COMPUTE_DOMAINS,) if any(pool.compute_domain_gpus for pool in wanted.dra_driver) else ()
    return Contribution(
        apis=(*by_operator, *by_driver),
        pool_resources=advertised,
        namespaces=(NAMESPACE,) if wanted.pools else (),
    )


def _problems(settings: AcceleratorsPart, _context: StackContext) -> Iterator[Problem]:
    if settings.sources.model_hub != PUBLIC_HUB and "models" not in type(settings).model_fields:
        yield Problem(
            field="sources.model_hub",
            cause="this stack serves no models",
            consequence="the setting would change nothing",
            fix="write it in the stack with the models",
        )


def _refusals(settings: AcceleratorsPart, facts: ClusterFacts, _plans: Mapping[str, ServingPlan]) -> Iterator[Problem]:
    yield from refusals(AcceleratorsArgs(facts=facts, install=settings.accelerators.install))


def _notes(settings: AcceleratorsPart, facts: ClusterFacts) -> Sequence[str]:
    return list(unadvertised_notes(facts, install=settings.accelerators.install))


def _declare(
    settings: AcceleratorsPart, _plans: Mapping[str, ServingPlan], below: Parts, run: Run
) -> AdvertisedDevices | None:
    facts = below.of(ClusterFacts)
    wanted = deployments(facts, install=settings.accelerators.install)
    if not wanted.pools:
        return None
    sources = settings.sources
    charts = [("accelerators", chart.name) for chart in _charts(wanted)]
    args = AcceleratorsArgs(
        facts=facts,
        install=settings.accelerators.install,
        charts=sources.chart_mirror(run.stacks.project) or taken_charts(run.charts, charts, "no pod would get a GPU"),
        image_mirror=sources.images.mirror,
        image_digests=sources.images.digests,
    )
    made = Accelerators("accelerators", args, pulumi.ResourceOptions(provider=below.of(Cluster).provider))
    return AdvertisedDevices(after=made)


def _charts(wanted: Deployments) -> Iterator[Chart]:
    if wanted.device_plugin or wanted.shared_plugin:
        yield NVIDIA_DEVICE_PLUGIN_CHART
    if wanted.operator:
        yield GPU_OPERATOR_CHART
    if wanted.dra_driver:
        yield NVIDIA_DRA_DRIVER_CHART


def _promises(
    settings: AcceleratorsPart, facts: ClusterFacts, _plans: Mapping[str, ServingPlan]
) -> Sequence[AllocatableDevices | RunningDaemons | PublishedDevices]:
    devices = [
        AllocatableDevices(pool=pool, selector=facts.pool(pool).selector, resource=resource, per_node=count)
        for pool, resources in _contribution(settings, facts).pool_resources.items()
        for resource, count in resources.items()
    ]
    published = [
        promise
        for pool in deployments(facts, install=settings.accelerators.install).dra_driver
        for promise in _published(pool)
    ]
    daemons = RunningDaemons(namespace=NAMESPACE, names=_daemons(settings, facts))
    return [daemons, *devices, *published] if devices or published else []


def _daemons(settings: AcceleratorsPart, facts: ClusterFacts) -> tuple[str, ...]:
    """DaemonSets without which a pool's devices are not there."""
    wanted = deployments(facts, install=settings.accelerators.install)
    plugins = {
        RELEASE: wanted.device_plugin,
        SHARED_RELEASE: wanted.shared_plugin,
        IMAGE_NAME: wanted.efa_plugin,
        PLUGIN_DAEMON_SET: wanted.operator_gpus,
        DRA_PLUGIN: wanted.dra_driver,
    }
    return tuple(name for name, pools in plugins.items() if pools)


def _published(pool: PoolFacts) -> Iterator[PublishedDevices]:
    """What the DRA driver tells the scheduler about each node of a pool."""
    if pool.advertiser is GpuAdvertiser.DRA:
        yield PublishedDevices(pool=pool.name, selector=pool.selector, driver=GPU_DRIVER, per_node=pool.gpus_per_node)
    if pool.compute_domain_gpus:
        # One channel for pods, and one for the daemon that joins their nodes.
        yield PublishedDevices(pool=pool.name, selector=pool.selector, driver=DOMAIN_DRIVER, per_node=2)


ACCELERATORS = Layer(
    name="accelerators",
    settings=AcceleratorsPart,
    within="platform",
    needs=(FOUNDATION.name,),
    # No layer names it: what it adds is in the facts, and its stack is that of the platform.
    declare=_declare,
    problems=_problems,
    refusals=_refusals,
    contribution=_contribution,
    notes=_notes,
    promises=_promises,
)
