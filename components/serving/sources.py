"""Whether nodes can reach where images and models come from, and may fetch them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.served_models import ServedModel
from ..contracts.sources import PUBLIC_HUB
from ..contracts.versions import VLLM
from ..planner.catalogs.gated import is_gated


def source_problems(facts: ClusterFacts, image_mirror: str | None, hub_url: str) -> Iterator[Problem]:
    """Public sources in a network without a way to the internet.

    Args:
        facts: The cluster.
        image_mirror: Registry that replaces the images' own.
        hub_url: Where checkpoints are fetched from.
    """
    if facts.internet:
        return
    public = [VLLM.registry] * (image_mirror is None) + [PUBLIC_HUB] * (hub_url == PUBLIC_HUB)
    if public:
        yield Problem(
            field="options.image_mirror" if image_mirror is None else "options.hub_url",
            cause=f"nodes of {facts.name} have no way to the internet, and {' and '.join(public)} would be asked",
            consequence="images could not be pulled or checkpoints not be fetched, and no server would start",
            fix="name a registry and a hub inside the network, or give the network NAT",
        )


def gated_problems(models: Sequence[ServedModel], hub_url: str, *, has_token: bool, fix: str) -> Iterator[Problem]:
    """Models that the public hub gives nobody without a token.

    Args:
        models: The models.
        hub_url: Where checkpoints are fetched from.
        has_token: Whether a token is given.
        fix: How it is given.
    """
    if has_token or hub_url != PUBLIC_HUB:
        return
    for index, model in enumerate(models):
        if is_gated(model.model):
            yield Problem(
                field=f"models[{index}].model",
                cause=f"{model.model} is given only to accounts that accepted its licence, and there is no token",
                consequence="its checkpoint could not be fetched, and its servers would never start",
                fix=fix,
            )
