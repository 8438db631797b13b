"""Whether nodes can reach where images and models come from."""

from __future__ import annotations

from collections.abc import Iterator

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.versions import VLLM

PUBLIC_HUB = "https://huggingface.co"
"""Where checkpoints come from unless a program or a stack names another hub."""


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
