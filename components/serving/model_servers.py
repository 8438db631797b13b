"""What serves several models: the volume with their checkpoints, and one service for each.

Owns who gets which path, priority and spare GPU. ``ServedModels`` makes a component of it; a program that
has a parent of its own for these resources, or none, calls ``serve_models``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi

from ..contracts.api_groups import MONITORING
from ..contracts.arguments import checked, checked_arguments
from ..contracts.certificates import ca_bundle_problems
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.customize import PodCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.http_proxy import HttpProxy
from ..contracts.quantities import ByteSize, SizeText
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..contracts.sources import PUBLIC_HUB, HubUrl, ImageMirror, Sha256Digest
from ..contracts.versions import PYTHON
from ..operations.namespaces import ALLOW_DNS, DEFAULT_DENY
from ..operations.priorities import Priority
from ..planner.scaling import rollout_spare
from ..storage import CatalogVolume, ModelCatalog, ModelCatalogArgs, catalog
from ..storage.catalog import MOUNT_PATH
from ..workloads.placement import reachable_taints
from . import model_service
from .autoscaling import with_address
from .checkpoints import catalog_model, catalog_models, draft_model, grown_size, needed_size, volume_problems
from .model_service import ModelService, ModelServiceArgs
from .sources import hub_way_out, proxy_problems, source_problems

_NOT_TRUSTED = "the Job that fetches models would not trust a hub or a proxy with a certificate of a private authority"


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ServingOptions:
    """How models are served; each option has a default that works.

    Attributes:
        catalog_size: Size of the volume; None takes what the checkpoints need.
        previous_catalog_size: Size of the volume before this run, below which it must not go; None, or an
            output without a value, where there was none.
        hub_url: Hugging Face hub, or a mirror that speaks its protocol, such as ``https://huggingface.co``.
        token: Token for gated models; None where no model needs one.
        image_mirror: Registry that replaces the images' own, such as ``registry.example.com/mirror``.
        image_digests: Digest, such as ``sha256:`` and 64 digits, by image name of ``contracts.versions.IMAGES``.
        proxy: Proxy between the Job that fetches models and the hub; None takes that of the cluster's hosts.
        ca_bundle: PEM file with private authorities that the Job trusts, beside those that the cluster's hosts do.
        protect: Whether a destroy must leave the volume alone.
        customize: What the user adds to the volume and the Job that fills it; each model has its own.
    """

    catalog_size: ByteSize | None = None
    previous_catalog_size: pulumi.Input[SizeText | None] = None
    hub_url: HubUrl = PUBLIC_HUB
    token: pulumi.Input[str] | None = None
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
    proxy: HttpProxy | None = None
    ca_bundle: str | None = None
    protect: bool = False
    customize: PodCustomize = field(default_factory=PodCustomize)


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ServingPlace:
    """Where models are served.

    Attributes:
        facts: What is known of the cluster, with all that is installed on it; Strata's priority classes exist there.
        namespace: Namespace of servers and volume, known once it is there.
        catalog: Name of the volume's claim.
        volume: The file system of the claim, where it is one whole volume; ``catalog_volume`` tells.
        after: What has to exist before the volume, such as its storage class.
        devices: What has to exist before the servers, such as what advertises GPUs; the volume is filled meanwhile.
        definitions: What has to exist before the services: definitions of monitors and scalers, and who acts on them.
    """

    facts: ClusterFacts
    namespace: pulumi.Input[str]
    catalog: str
    volume: CatalogVolume | None = None
    after: Sequence[pulumi.Resource] = ()
    devices: Sequence[pulumi.Resource] = ()
    definitions: Sequence[pulumi.Resource] = ()


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelServers:
    """What serves the models.

    Attributes:
        endpoints: Base URL of each model's OpenAI-compatible API inside the cluster, by its name; known
            once its servers are ready.
        catalog_size: Size of the volume, which the next run needs as ``previous_catalog_size``.
    """

    endpoints: Mapping[str, pulumi.Output[str]]
    catalog_size: pulumi.Output[str]


def refusals(
    place: ServingPlace, models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], options: ServingOptions
) -> Iterator[Problem]:
    """What the constructors of the components that ``serve_models`` declares would refuse.

    Args:
        place: Where.
        models: The models; problems name them as ``models[0]``, ``models[1]`` and so on.
        plans: What ``plan_models`` answered for them, on the same facts.
        options: How.
    """
    yield from _name_problems(models, place.catalog)
    way_out = hub_way_out(place.facts, options.proxy, options.ca_bundle)
    yield from ca_bundle_problems(options.ca_bundle, "options.ca_bundle", _NOT_TRUSTED)
    yield from source_problems(place.facts, options.image_mirror, options.hub_url, way_out)
    yield from proxy_problems(place.facts, options.hub_url, options.proxy, way_out)
    volume = place.facts.storage.read_write_many
    yield from volume_problems(catalog_models(models, plans), needed_size(models, plans), options.catalog_size, volume)
    for problem in catalog.refusals(_catalog_args(place, models, plans, options)):
        yield replace(problem, field=f"catalog.{problem.field}")
    spare = rollout_spare(models, plans, place.facts)
    for index, model in enumerate(models):
        service = _service_args(place, model, plans[model.name], options, place.catalog, spare[model.name])
        for problem in model_service.refusals(service):
            of_pool = problem.field.startswith("node_pools")
            yield problem if of_pool else replace(problem, field=f"models[{index}].{problem.field}")


def _name_problems(models: Sequence[ServedModel], catalog_name: str) -> Iterator[Problem]:
    """Models whose accounts and policies would have the names of others in the namespace."""
    taken = {
        catalog_name: "the model catalog",
        DEFAULT_DENY: "the policy that closes the namespace",
        ALLOW_DNS: "the policy that lets pods resolve names",
        "default": "the account that Kubernetes makes in every namespace",
    }
    for index, model in enumerate(models):
        if model.name in taken:
            yield Problem(
                field=f"models[{index}].name",
                cause=f"{model.name!r} is the name of {taken[model.name]}",
                consequence="the model's own object of that name would be refused, in the middle of the deployment",
                fix=f"choose another name, such as {model.name}-model",
            )


@checked
def serve_models(
    place: ServingPlace,
    models: Sequence[ServedModel],
    plans: Mapping[str, ServingPlan],
    options: ServingOptions,
    opts: pulumi.ResourceOptions,
) -> ModelServers:
    """Declare the volume and the services.

    Args:
        place: Where.
        models: The models; their names are those of their services, unique in the program.
        plans: What ``plan_models`` answered for them, on the same facts.
        options: How.
        opts: Options of each component: its parent, or its provider.

    Raises:
        StrataError: An argument is wrong, or what ``refusals`` finds, before anything is registered.
    """
    raise_problems(refusals(place, models, plans, options))
    filled = ModelCatalog(
        place.catalog,
        _catalog_args(place, models, plans, options),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(place.after))),
    )
    spare = rollout_spare(models, plans, place.facts)
    services = {
        model.name: ModelService(
            model.name,
            _service_args(place, model, plans[model.name], options, filled.claim, spare[model.name]),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(place.definitions))),
        )
        for model in models
    }
    endpoints = {name: service.endpoint for name, service in services.items()}
    return ModelServers(endpoints=endpoints, catalog_size=filled.size)


def _service_args(
    place: ServingPlace,
    model: ServedModel,
    plan: ServingPlan,
    options: ServingOptions,
    claim: pulumi.Input[str],
    spare: int,
) -> ModelServiceArgs:
    head = draft_model(plan)
    return ModelServiceArgs(
        plan=plan,
        pool=place.facts.pool(plan.pool),
        namespace=place.namespace,
        catalog_claim=claim,
        catalog_mount=MOUNT_PATH,
        model_path=catalog_model(model, plan).mounted_path,
        draft_path=head.mounted_path if head else None,
        priority_class=Priority.SERVING.class_name,
        autoscaling=with_address(model.autoscaling, place.facts.prometheus),
        drain=model.drain,
        monitored=MONITORING in place.facts.apis,
        spare_gpus=spare,
        after=place.devices,
        image_mirror=options.image_mirror,
        image_digests=options.image_digests,
        customize=model.customize,
    )


def _catalog_args(
    place: ServingPlace, models: Sequence[ServedModel], plans: Mapping[str, ServingPlan], options: ServingOptions
) -> ModelCatalogArgs:
    return ModelCatalogArgs(
        namespace=place.namespace,
        storage_class=place.facts.storage.read_write_many.name,
        size=_catalog_size(needed_size(models, plans), options),
        models=catalog_models(models, plans),
        image=PYTHON.reference(options.image_mirror, options.image_digests.get("python")),
        hub_url=options.hub_url,
        priority_class=Priority.STANDARD.class_name,
        token=options.token,
        protect=options.protect,
        volume=place.volume,
        taints=reachable_taints(place.facts.pools),
        way_out=hub_way_out(place.facts, options.proxy, options.ca_bundle),
        customize=options.customize,
    )


def _catalog_size(needed: ByteSize, options: ServingOptions) -> pulumi.Input[str]:
    if options.catalog_size:
        return str(options.catalog_size)
    if options.previous_catalog_size is None:
        return str(needed)
    return pulumi.Output.from_input(options.previous_catalog_size).apply(lambda size: grown_size(needed, size))
