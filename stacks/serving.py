"""Model servers on a cluster: the catalog of checkpoints and one service for each model.

Declares no resource itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.clusters import Cluster
from components.contracts.api_groups import MONITORING
from components.contracts.quantities import ByteSize
from components.contracts.serving import ServingPlan
from components.contracts.versions import PYTHON
from components.operations.priorities import Priority
from components.serving import ModelService, ModelServiceArgs
from components.storage import CatalogModel, ModelCatalog, ModelCatalogArgs
from components.storage.catalog import MOUNT_PATH

from .secret_values import Secrets
from .settings import ServingSettings, Settings

CATALOG = "model-catalog"
CATALOG_SIZE = "catalog_size"
"""Output by which a later run knows how large the claim is."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What model servers stand on.

    Attributes:
        cluster: Where they run.
        namespace: Their namespace, known once it is there.
        after: What has to exist before: priorities and storage classes.
    """

    cluster: Cluster
    namespace: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = ()


def declare_serving(
    settings: Settings | ServingSettings, plans: Mapping[str, ServingPlan], secrets: Secrets, ground: Ground
) -> None:
    """Declare catalog and services, and export what their users need."""
    catalog = _catalog(settings, plans, secrets, ground)
    services = _services(settings, plans, ground, catalog)
    pulumi.export("plans", {name: plan.model_dump(mode="json") for name, plan in plans.items()})
    pulumi.export(CATALOG_SIZE, catalog.size)
    pulumi.export("endpoints", {name: service.endpoint for name, service in services.items()})


def _catalog(
    settings: Settings | ServingSettings, plans: Mapping[str, ServingPlan], secrets: Secrets, ground: Ground
) -> ModelCatalog:
    models = catalog_models(settings, plans)
    images = settings.sources.images
    return ModelCatalog(
        CATALOG,
        ModelCatalogArgs(
            namespace=ground.namespace,
            storage_class=ground.cluster.facts.storage.read_write_many.name,
            size=claim_size(settings, plans),
            models=models,
            image=PYTHON.reference(images.mirror, images.digests.get("python")),
            hub_url=settings.sources.model_hub,
            priority_class=Priority.STANDARD.class_name,
            token=secrets.hugging_face_token,
            protect=settings.storage.protect,
        ),
        pulumi.ResourceOptions(provider=ground.cluster.provider, depends_on=list(ground.after)),
    )


def catalog_models(settings: Settings | ServingSettings, plans: Mapping[str, ServingPlan]) -> list[CatalogModel]:
    """Each checkpoint once, however many services use it."""
    unique = {
        (model.model, model.revision): CatalogModel(
            model=model.model, revision=model.revision, checkpoint=plans[model.name].storage.checkpoint
        )
        for model in settings.models
    }
    return list(unique.values())


def claim_size(settings: Settings | ServingSettings, plans: Mapping[str, ServingPlan]) -> pulumi.Input[str]:
    """Size of the catalog: the setting, or what the plans need but never less than it was.

    A claim cannot shrink, so a smaller model keeps the volume of a larger one.
    """
    if settings.storage.catalog_size:
        return str(settings.storage.catalog_size)
    wanted = {(model.model, model.revision): plans[model.name].storage.volume for model in settings.models}
    size = ByteSize(sum(wanted.values()))
    before = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
    return before.get_output(CATALOG_SIZE).apply(lambda text: str(max(size, ByteSize.parse(text)) if text else size))


def _services(
    settings: Settings | ServingSettings, plans: Mapping[str, ServingPlan], ground: Ground, catalog: ModelCatalog
) -> dict[str, ModelService]:
    cluster = ground.cluster
    images = settings.sources.images
    paths = {(entry.model, entry.revision): entry.mounted_path for entry in catalog_models(settings, plans)}
    used: dict[str, int] = {}
    for plan in plans.values():
        used[plan.pool] = used.get(plan.pool, 0) + plan.gpus
    return {
        model.name: ModelService(
            model.name,
            ModelServiceArgs(
                plan=plans[model.name],
                pool=cluster.facts.pool(plans[model.name].pool),
                namespace=ground.namespace,
                catalog_claim=catalog.claim,
                catalog_mount=MOUNT_PATH,
                model_path=paths[model.model, model.revision],
                priority_class=Priority.SERVING.class_name,
                autoscaling=model.autoscaling,
                drain=model.drain,
                monitored=MONITORING in cluster.facts.apis,
                spare_gpus=cluster.facts.pool(plans[model.name].pool).gpus - used[plans[model.name].pool],
                image_mirror=images.mirror,
                image_digests=images.digests,
            ),
            pulumi.ResourceOptions(provider=cluster.provider),
        )
        for model in settings.models
    }
