"""What serves several models: the volume with their checkpoints, and one service for each.

Owns who gets which path, priority and spare GPU. ``ServedModels`` makes a component of it; a program that
has a parent of its own for these resources, or none, calls ``serve_models``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..contracts.api_groups import MONITORING
from ..contracts.arguments import checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.customize import PodCustomize
from ..contracts.quantities import ByteSize, SizeText
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..contracts.sources import HubUrl, ImageMirror, Sha256Digest
from ..contracts.versions import PYTHON
from ..operations.priorities import Priority
from ..planner.model_plans import spare_gpus
from ..storage import CatalogModel, ModelCatalog, ModelCatalogArgs
from ..storage.catalog import MOUNT_PATH
from .checkpoints import catalog_models, grown_size, needed_size
from .model_service import ModelService, ModelServiceArgs

HUGGING_FACE = "https://huggingface.co"


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
        protect: Whether a destroy must leave the volume alone.
        customize: What the user adds to the volume and the Job that fills it; each model has its own.
    """

    catalog_size: ByteSize | None = None
    previous_catalog_size: pulumi.Input[SizeText | None] = None
    hub_url: HubUrl = HUGGING_FACE
    token: pulumi.Input[str] | None = None
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
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
        after: What has to exist before the volume, such as its storage class.
    """

    facts: ClusterFacts
    namespace: pulumi.Input[str]
    catalog: str
    after: Sequence[pulumi.Resource] = ()


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
    """
    checkpoints = catalog_models(models, plans)
    needed = needed_size(models, plans)
    catalog = _catalog(place, checkpoints, _catalog_size(needed, options), options, opts)
    paths = {(entry.model, entry.revision): entry.mounted_path for entry in checkpoints}
    spare = spare_gpus(plans, place.facts)
    services = {
        model.name: ModelService(
            model.name,
            ModelServiceArgs(
                plan=plans[model.name],
                pool=place.facts.pool(plans[model.name].pool),
                namespace=place.namespace,
                catalog_claim=catalog.claim,
                catalog_mount=MOUNT_PATH,
                model_path=paths[model.model, model.revision],
                priority_class=Priority.SERVING.class_name,
                autoscaling=model.autoscaling,
                drain=model.drain,
                monitored=MONITORING in place.facts.apis,
                spare_gpus=spare[plans[model.name].pool],
                image_mirror=options.image_mirror,
                image_digests=options.image_digests,
                customize=model.customize,
            ),
            opts,
        )
        for model in models
    }
    endpoints = {name: service.endpoint for name, service in services.items()}
    return ModelServers(endpoints=endpoints, catalog_size=catalog.size)


def _catalog(
    place: ServingPlace,
    checkpoints: Sequence[CatalogModel],
    size: pulumi.Input[str],
    options: ServingOptions,
    opts: pulumi.ResourceOptions,
) -> ModelCatalog:
    return ModelCatalog(
        place.catalog,
        ModelCatalogArgs(
            namespace=place.namespace,
            storage_class=place.facts.storage.read_write_many.name,
            size=size,
            models=checkpoints,
            image=PYTHON.reference(options.image_mirror, options.image_digests.get("python")),
            hub_url=options.hub_url,
            priority_class=Priority.STANDARD.class_name,
            token=options.token,
            protect=options.protect,
            customize=options.customize,
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(place.after))),
    )


def _catalog_size(needed: ByteSize, options: ServingOptions) -> pulumi.Input[str]:
    if options.catalog_size:
        return str(options.catalog_size)
    if options.previous_catalog_size is None:
        return str(needed)
    return pulumi.Output.from_input(options.previous_catalog_size).apply(lambda size: grown_size(needed, size))
