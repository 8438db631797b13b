"""Model servers: the catalog of checkpoints and one service for each model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from components.clusters import Cluster
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.customize import PodCustomize
from components.contracts.errors import Problem, duplicate_names
from components.contracts.model import Contract
from components.contracts.quantities import ByteSize
from components.contracts.serving import ServingPlan
from components.contracts.versions import unknown_images
from components.serving import ServingOptions, ServingPlace, serve_models
from components.serving.customize_rules import served_model_problems
from components.serving.model_servers import refusals
from components.serving.planning import plan_served_models
from components.serving.sources import gated_problems
from components.storage import catalog_volume
from stacks.outputs import CATALOG_SIZE, ENDPOINTS, full_name
from stacks.secret_names import WithSecrets
from stacks.yaml_file import Value

from .accelerators import AcceleratorsPart, AdvertisedDevices
from .foundation import FOUNDATION, FoundationPart
from .layer import Layer, Run, StackContext, Workload, is_same_stack, stack_below
from .models import WithModels
from .parts import Parts
from .platform import PLATFORM, PlatformOutputs, SharedNamespace, WithNamespace
from .promises import AnsweringServer, BoundVolume, ReadyEndpoints, ReadyReplicas
from .services import RunningServices
from .sources import WithSources

CATALOG = "model-catalog"
MODEL_SERVERS = "strata.dev/component=model-server"


class StorageSettings(Contract):
    """Volumes."""

    catalog_size: ByteSize | None = None
    """Size of the model catalog; from the checkpoints where left out."""
    protect: bool = False
    """Whether volumes outlive a destroy."""
    customize: PodCustomize = PodCustomize()
    """Additions to the model catalog's volume and to the Job that fills it; each model has its own."""


class ServingPart(WithNamespace, WithModels, WithSources, WithSecrets):
    """Settings of the model servers."""

    storage: StorageSettings = StorageSettings()


def _problems(settings: ServingPart, _context: StackContext) -> Iterator[Problem]:
    yield from duplicate_names("models", [model.name for model in settings.models])
    yield from served_model_problems(settings.models)
    yield from unknown_images(settings.sources.images.digests, "sources.images.digests")
    yield from gated_problems(
        settings.models,
        settings.sources.model_hub,
        has_token=settings.secrets.hugging_face_token is not None,
        fix="accept the licence on the model's page, run `pulumi config set --secret huggingFaceToken` and write "
        "secrets: {hugging_face_token: huggingFaceToken}",
    )
    if settings.sources.charts and not isinstance(settings, AcceleratorsPart):
        yield Problem(
            field="sources.charts",
            cause="this stack deploys no chart",
            consequence="the setting would change nothing",
            fix="write it in the stack of the platform",
        )


def _contradictions(settings: ServingPart, below: Parts) -> Iterator[Problem]:
    platform = below.find(PlatformOutputs)
    stack = stack_below(settings, PLATFORM.name)
    if platform is None or stack is None:
        return
    if platform.namespace != settings.namespace:
        yield Problem(
            field="namespace",
            cause=f"is {settings.namespace!r}, but stack {stack} made {platform.namespace!r}",
            consequence="the servers would run where nobody looks for them",
            fix=f"write strata:namespace: {platform.namespace}",
        )
    foundation = stack_below(settings, FOUNDATION.name)
    if platform.foundation and foundation and not is_same_stack(platform.foundation, foundation):
        yield Problem(
            field="platform",
            cause=f"stack {stack} is on the cluster of {platform.foundation}, not of {foundation}",
            consequence="namespace, priorities and storage classes would be missing where the servers run",
            fix="name a platform and the foundation that it builds on",
        )
    if platform.catalog_size:
        yield Problem(
            field="platform",
            cause=f"stack {stack} serves models itself",
            consequence="both would own the model catalog of the namespace, and either would remove it",
            fix="name a stack of scope platform, or add the models to that stack",
        )


def _plans(settings: ServingPart, facts: ClusterFacts) -> Mapping[str, ServingPlan]:
    return plan_served_models(settings.models, facts)


def _address(model: str, namespace: str) -> str:
    return f"http://{model}.{namespace}.svc:8000/v1"


def _workloads(settings: ServingPart, plans: Mapping[str, ServingPlan]) -> Sequence[Workload]:
    return [
        Workload(
            name=name,
            namespace=settings.namespace,
            selector=MODEL_SERVERS,
            replicas=plan.roles[0].replicas,
            startup_seconds=float(plan.storage.startup_budget),
            about=f"{plan.engine.value} {plan.precision.value}, TP{plan.roles[0].tensor_parallel} on {plan.gpu}",
            endpoint=_address(name, settings.namespace),
        )
        for name, plan in plans.items()
    ]


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Addresses of the models inside the cluster, by name of the model; what layers above call."""

    by_model: Mapping[str, pulumi.Input[str]]


def _expect(settings: ServingPart, _context: StackContext) -> Endpoints:
    return Endpoints(by_model={model.name: _address(model.name, settings.namespace) for model in settings.models})


def _read(_stack: str, outputs: Mapping[str, Value]) -> Endpoints:
    known = outputs.get(ENDPOINTS)
    return Endpoints(by_model={name: str(url) for name, url in known.items()} if isinstance(known, dict) else {})


def _receive(below: Parts, _stack: str, _run: Run) -> Endpoints:
    return below.of(Endpoints)


def _options(settings: ServingPart) -> ServingOptions:
    """How models are served, as far as the settings tell."""
    images = settings.sources.images
    return ServingOptions(
        catalog_size=settings.storage.catalog_size,
        hub_url=settings.sources.model_hub,
        image_mirror=images.mirror,
        image_digests=images.digests,
        proxy=settings.sources.proxy,
        ca_bundle=settings.sources.ca_bundle,
        protect=settings.storage.protect,
        customize=settings.storage.customize,
    )


# Options of a program as settings of a stack.
_SETTINGS = {
    "options.catalog_size": "storage.catalog_size",
    "options.image_mirror": "sources.images.mirror",
    "options.hub_url": "sources.model_hub",
    "options.proxy": "sources.proxy",
    "options.ca_bundle": "sources.ca_bundle",
}


def _refusals(settings: ServingPart, facts: ClusterFacts, plans: Mapping[str, ServingPlan]) -> Iterator[Problem]:
    place = ServingPlace(facts=facts, namespace=settings.namespace, catalog=CATALOG)
    for problem in refusals(place, settings.models, plans, _options(settings)):
        yield replace(problem, field=_written_at(problem.field, settings))


def _written_at(field: str, settings: ServingPart) -> str:
    """The setting that an option comes from; of a public source that nobody wrote, why it is out of reach."""
    sources = settings.sources
    is_default = (field == "options.image_mirror" and sources.images.mirror is None) or (
        field == "options.hub_url" and "model_hub" not in sources.model_fields_set
    )
    if is_default and isinstance(settings, FoundationPart):
        return "target.network.nat"
    field = field.replace("catalog.customize", "storage.customize")
    return _SETTINGS.get(field, field)


def _declare(settings: ServingPart, plans: Mapping[str, ServingPlan], below: Parts, run: Run) -> Endpoints:
    namespace = below.of(SharedNamespace)
    cluster = below.of(Cluster)
    options = replace(
        _options(settings),
        previous_catalog_size=None if settings.storage.catalog_size else _previous_catalog_size(run.stack),
        token=run.environment.secrets.get("hugging_face_token"),
    )
    devices = below.find(AdvertisedDevices)
    running = below.find(RunningServices)
    place = ServingPlace(
        facts=below.of(ClusterFacts),
        namespace=namespace.name,
        catalog=CATALOG,
        volume=catalog_volume(cluster, namespace.volume_aliases),
        after=namespace.after,
        devices=[devices.after] if devices else (),
        definitions=running.after if running else (),
    )
    served = serve_models(place, settings.models, plans, options, pulumi.ResourceOptions(provider=cluster.provider))
    pulumi.export("plans", {name: plan.model_dump(mode="json") for name, plan in plans.items()})
    pulumi.export(CATALOG_SIZE, served.catalog_size)
    pulumi.export(ENDPOINTS, served.endpoints)
    return Endpoints(by_model=served.endpoints)


def _previous_catalog_size(stack: str) -> pulumi.Output[str | None]:
    """The size in the stack's own outputs; a claim cannot shrink."""
    return pulumi.StackReference(full_name(stack)).get_output(CATALOG_SIZE)


def _promises(
    settings: ServingPart, _facts: ClusterFacts, plans: Mapping[str, ServingPlan]
) -> Sequence[BoundVolume | ReadyReplicas | ReadyEndpoints | AnsweringServer]:
    where = settings.namespace
    replicas = [ReadyReplicas(namespace=where, name=name, count=plan.roles[0].replicas) for name, plan in plans.items()]
    endpoints = [ReadyEndpoints(namespace=where, service=name) for name in plans]
    servers = [AnsweringServer(namespace=where, service=name) for name in plans]
    return [BoundVolume(namespace=where, claim=CATALOG), *replicas, *endpoints, *servers]


SERVING = Layer(
    name="serving",
    settings=ServingPart,
    needs=(FOUNDATION.name, PLATFORM.name),
    outputs=(ENDPOINTS,),
    expect=_expect,
    read=_read,
    receive=_receive,
    declare=_declare,
    problems=_problems,
    contradictions=_contradictions,
    plans=_plans,
    refusals=_refusals,
    workloads=_workloads,
    promises=_promises,
)
