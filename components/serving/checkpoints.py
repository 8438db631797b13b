"""Which checkpoints the models need, and how large the volume that holds them has to be.

Pure arithmetic on plans; ``storage.catalog`` makes the volume and fills it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..contracts.quantities import ByteSize
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..storage import CatalogModel


def catalog_model(model: ServedModel, plan: ServingPlan) -> CatalogModel:
    """The checkpoint of one model."""
    return CatalogModel(model=model.model, revision=model.revision, checkpoint=plan.storage.checkpoint)


def catalog_models(models: Sequence[ServedModel], plans: Mapping[str, ServingPlan]) -> list[CatalogModel]:
    """Each checkpoint once, however many services use it."""
    unique = {(model.model, model.revision): catalog_model(model, plans[model.name]) for model in models}
    return list(unique.values())


def needed_size(models: Sequence[ServedModel], plans: Mapping[str, ServingPlan]) -> ByteSize:
    """Bytes of the volume that holds each checkpoint once, with the room that each plan leaves beside it."""
    volumes = {(model.model, model.revision): plans[model.name].storage.volume for model in models}
    return ByteSize(sum(volumes.values()))


def grown_size(needed: ByteSize, previous: str | None) -> str:
    """The larger of what is needed and what there was: a claim cannot shrink.

    Args:
        needed: Size that the checkpoints need.
        previous: Size of the claim before this run, such as ``16Gi``; None where there was none.
    """
    return str(max(needed, ByteSize.parse(previous)) if previous else needed)
