"""The composition: which components a stack consists of, in the order a reader would draw them.

Declares no resource itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.clusters import Cluster
from components.contracts.quantities import ByteSize
from components.contracts.serving import ServingPlan
from components.contracts.versions import PYTHON
from components.operations import GuardedNamespace, GuardedNamespaceArgs, PriorityClasses
from components.operations.priorities import Priority
from components.serving import ModelService, ModelServiceArgs
from components.storage import CatalogModel, ModelCatalog, ModelCatalogArgs, StorageClasses, StorageClassesArgs
from components.storage.catalog import MOUNT_PATH

from .settings import Settings
from .targets import create_cluster

CATALOG = "model-catalog"
CATALOG_SIZE = "catalog_size"
"""Output by which a later run knows how large the claim is."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Values of the keys that ``settings.secrets`` names."""

    hugging_face_token: pulumi.Input[str] | None = None


def compose(project: Path, settings: Settings, plans: Mapping[str, ServingPlan], secrets: Secrets) -> None:
    """Declare the platform and export what its users need."""
    cluster = create_cluster(project, settings)
    on_cluster = pulumi.ResourceOptions(provider=cluster.provider)
    priorities = PriorityClasses("priorities", on_cluster)
    classes = StorageClasses(
        "storage", StorageClassesArgs(facts=cluster.facts.storage, sources=cluster.volume_sources), on_cluster
    )
    namespace = GuardedNamespace(settings.namespace, GuardedNamespaceArgs(namespace=settings.namespace), on_cluster)
    catalog = _catalog(cluster, settings, plans, secrets, namespace, after=[priorities, classes])
    services = _services(cluster, settings, plans, namespace, catalog)
    pulumi.export("cluster_facts", cluster.facts.model_dump(mode="json"))
    pulumi.export("plans", {name: plan.model_dump(mode="json") for name, plan in plans.items()})
    pulumi.export(CATALOG_SIZE, catalog.size)
    pulumi.export("namespace", namespace.namespace)
    pulumi.export("endpoints", {name: service.endpoint for name, service in services.items()})


def _catalog(
    cluster: Cluster,
    settings: Settings,
    plans: Mapping[str, ServingPlan],
    secrets: Secrets,
    namespace: GuardedNamespace,
    after: list[pulumi.Resource],
) -> ModelCatalog:
    models = catalog_models(settings, plans)
    images = settings.sources.images
    return ModelCatalog(
        CATALOG,
        ModelCatalogArgs(
            namespace=namespace.namespace,
            storage_class=cluster.facts.storage.read_write_many.name,
            size=claim_size(settings, plans),
            models=models,
            image=PYTHON.reference(images.mirror, images.digests.get("python")),
            hub_url=settings.sources.model_hub,
            priority_class=Priority.STANDARD.class_name,
            token=secrets.hugging_face_token,
            protect=settings.storage.protect,
        ),
        pulumi.ResourceOptions(provider=cluster.provider, depends_on=after),
    )


def catalog_models(settings: Settings, plans: Mapping[str, ServingPlan]) -> list[CatalogModel]:
    """Each checkpoint once, however many services use it."""
    unique = {
        (model.model, model.revision): CatalogModel(
            model=model.model, revision=model.revision, checkpoint=plans[model.name].storage.checkpoint
        )
        for model in settings.models
    }
    return list(unique.values())


def claim_size(settings: Settings, plans: Mapping[str, ServingPlan]) -> pulumi.Input[str]:
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
    cluster: Cluster,
    settings: Settings,
    plans: Mapping[str, ServingPlan],
    namespace: GuardedNamespace,
    catalog: ModelCatalog,
) -> dict[str, ModelService]:
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
                namespace=namespace.namespace,
                catalog_claim=catalog.claim,
                catalog_mount=MOUNT_PATH,
                model_path=paths[model.model, model.revision],
                priority_class=Priority.SERVING.class_name,
                autoscaling=model.autoscaling,
                drain=model.drain,
                spare_gpus=cluster.facts.pool(plans[model.name].pool).gpus - used[plans[model.name].pool],
                image_mirror=images.mirror,
                image_digests=images.digests,
            ),
            pulumi.ResourceOptions(provider=cluster.provider),
        )
        for model in settings.models
    }
