"""Whether nodes can reach where images and models come from, and may fetch them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from ..contracts.addresses import host_of
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.served_models import ServedModel
from ..contracts.sources import is_public_hub, is_public_registry
from ..contracts.versions import VLLM
from ..planner.catalogs.gated import is_gated


def source_problems(facts: ClusterFacts, image_mirror: str | None, hub_url: str) -> Iterator[Problem]:
    """Public sources in a network without a way to the internet, and a hub at an address of the cluster's own.

    Args:
        facts: The cluster.
        image_mirror: Registry that replaces the images' own.
        hub_url: Where checkpoints are fetched from.
    """
    yield from _hub_inside(facts, hub_url)
    if facts.internet:
        return
    registry = image_mirror or VLLM.registry
    public = {"options.image_mirror": registry} if is_public_registry(registry) else {}
    if is_public_hub(hub_url):
        public["options.hub_url"] = hub_url
    if public:
        yield Problem(
            field=next(iter(public)),
            cause=f"nodes of {facts.name} have no way to the internet, where {' and '.join(public.values())} would be",
            consequence="images could not be pulled or checkpoints not be fetched, and no server would start",
            fix="name a registry and a hub inside the network, or give the network NAT",
        )


def _hub_inside(facts: ClusterFacts, hub_url: str) -> Iterator[Problem]:
    host = host_of(hub_url)
    try:
        address = IPv4Address(host)
    except AddressValueError:
        return
    for cidr in facts.pod_ranges:
        if address in IPv4Network(cidr):
            yield Problem(
                field="options.hub_url",
                cause=f"{address} is in {cidr}, a range of pods or Services of {facts.name}",
                consequence="network policies let nothing through to addresses of the cluster's own, and no checkpoint "
                "would be fetched",
                fix="write the address that the hub has outside of the cluster, or its Service, as "
                "https://<name>.<namespace>.svc",
            )


def gated_problems(models: Sequence[ServedModel], hub_url: str, *, has_token: bool, fix: str) -> Iterator[Problem]:
    """Models that the public hub gives nobody without a token.

    Args:
        models: The models.
        hub_url: Where checkpoints are fetched from.
        has_token: Whether a token is given.
        fix: How it is given.
    """
    if has_token or not is_public_hub(hub_url):
        return
    for index, model in enumerate(models):
        if is_gated(model.model):
            yield Problem(
                field=f"models[{index}].model",
                cause=f"{model.model} is given only to accounts that accepted its licence, and there is no token",
                consequence="its checkpoint could not be fetched, and its servers would never start",
                fix=fix,
            )
