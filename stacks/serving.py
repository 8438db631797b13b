"""Model servers of a stack: its settings handed to the component, and its outputs.

Declares no resource itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.clusters import Cluster
from components.contracts.serving import ServingPlan
from components.serving import ServedModels, ServingOptions

from .secret_values import Secrets
from .settings import ServingSettings, Settings

SERVED_MODELS = "models"
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
    images = settings.sources.images
    options = ServingOptions(
        namespace=ground.namespace,
        catalog=CATALOG,
        catalog_size=settings.storage.catalog_size,
        previous_catalog_size=None if settings.storage.catalog_size else _previous_catalog_size(),
        hub_url=settings.sources.model_hub,
        token=secrets.hugging_face_token,
        image_mirror=images.mirror,
        image_digests=images.digests,
        protect=settings.storage.protect,
        after=ground.after,
        plans=plans,
    )
    served = ServedModels(SERVED_MODELS, cluster=ground.cluster, models=settings.models, options=options)
    pulumi.export("plans", {name: plan.model_dump(mode="json") for name, plan in plans.items()})
    pulumi.export(CATALOG_SIZE, served.catalog_size)
    pulumi.export("endpoints", served.endpoints)


def _previous_catalog_size() -> pulumi.Output[str | None]:
    own = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
    return own.get_output(CATALOG_SIZE)
