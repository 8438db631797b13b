"""Which checkpoints the models need, and how large the volume that holds them has to be.

Pure arithmetic on plans; ``storage.catalog`` makes the volume and fills it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..contracts.cluster_facts import VolumeClass
from ..contracts.errors import Problem
from ..contracts.quantities import ByteSize
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..contracts.speculation import Eagle3Speculation
from ..storage import CatalogModel


def catalog_model(model: ServedModel, plan: ServingPlan) -> CatalogModel:
    """The checkpoint of one model."""
    drafts = plan.speculation.checkpoint if plan.speculation else 0
    size = ByteSize(plan.storage.checkpoint - drafts)
    return CatalogModel(model=model.model, revision=model.revision, checkpoint=size)


def draft_model(plan: ServingPlan) -> CatalogModel | None:
    """The checkpoint of the head that drafts tokens; None where it is the model's own, or there is none."""
    drafts = plan.speculation
    if drafts is None or not isinstance(drafts.asked, Eagle3Speculation):
        return None
    return CatalogModel(model=drafts.asked.model, revision=drafts.asked.revision, checkpoint=drafts.checkpoint)


def catalog_models(models: Sequence[ServedModel], plans: Mapping[str, ServingPlan]) -> list[CatalogModel]:
    """Each checkpoint once, however many services use it."""
    held = [catalog_model(model, plans[model.name]) for model in models]
    held += [head for model in models if (head := draft_model(plans[model.name])) is not None]
    return list({(entry.model, entry.revision): entry for entry in held}.values())


def needed_size(models: Sequence[ServedModel], plans: Mapping[str, ServingPlan]) -> ByteSize:
    """Bytes of the volume that holds each checkpoint once, with the room that each plan leaves beside it."""
    volumes: dict[tuple[str, str], ByteSize] = {}
    for model in models:
        key, volume = (model.model, model.revision), plans[model.name].storage.volume
        # Of two services of one checkpoint, one may draft with a head that has a checkpoint of its own.
        volumes[key] = max(volume, volumes.get(key, volume))
    return ByteSize(sum(volumes.values()))


def volume_problems(
    checkpoints: Sequence[CatalogModel], needed: ByteSize, asked: ByteSize | None, volume: VolumeClass
) -> Iterator[Problem]:
    """Whether the volume is too small for the checkpoints, or larger than the file system behind its class.

    Kubernetes binds a claim only to a volume that is at least as large.

    Args:
        checkpoints: What the volume holds.
        needed: What they need with room beside them; the size of the claim where none is asked for.
        asked: Size of the claim that the user asks for.
        volume: Class of the claim.
    """
    held = ByteSize(sum(entry.checkpoint for entry in checkpoints))
    if asked is not None and asked < held:
        yield Problem(
            field="options.catalog_size",
            cause=f"is {asked}; the checkpoints of the models take {_whole_gib(held)}",
            consequence="the download would fail once the volume is full, and no server would start",
            fix=f"leave it out, or ask for {_whole_gib(needed)} or more",
        )
    claim = needed if asked is None else asked
    if volume.capacity is None or claim <= volume.capacity:
        return
    if asked is not None and max(needed, held) <= volume.capacity:
        yield Problem(
            field="options.catalog_size",
            cause=f"is {asked}; the shared storage of the cluster has {_whole_gib(volume.capacity)}",
            consequence="the claim would find no volume and stay pending, and no server would start",
            fix=f"leave it out, or ask for {_whole_gib(volume.capacity)} or less",
        )
        return
    yield Problem(
        field="models",
        cause=f"their checkpoints take {_whole_gib(needed)} with room for a download; the cluster's shared storage "
        f"has {_whole_gib(volume.capacity)}",
        consequence="the claim of the model catalog would find no volume and stay pending, and no server would start",
        fix=f"give target.shared_storage a capacity of {_whole_gib(needed)} or more, or serve fewer or smaller models",
    )


def _whole_gib(size: ByteSize) -> str:
    return f"{math.ceil(size.in_gib)}Gi"


def grown_size(needed: ByteSize, previous: str | None) -> str:
    """The larger of what is needed and what there was: a claim cannot shrink.

    Args:
        needed: Size that the checkpoints need.
        previous: Size of the claim before this run, such as ``16Gi``; None where there was none.
    """
    return str(max(needed, ByteSize.parse(previous)) if previous else needed)
