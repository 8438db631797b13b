"""Whether nodes can reach where images and models come from, and may fetch them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from ..contracts.addresses import host_of
from ..contracts.certificates import read_certificates
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem
from ..contracts.http_proxy import HttpProxy
from ..contracts.served_models import ServedModel
from ..contracts.sources import is_public_hub, is_public_registry
from ..contracts.special_addresses import unreachable_use
from ..contracts.versions import VLLM
from ..contracts.way_out import ProxyAddresses, WayOut, covers
from ..planner.catalogs.gated import is_gated

_OWN = ("localhost", "127.0.0.1", ".svc", ".cluster.local")
"""What programs in a cluster reach without a proxy."""


def hub_way_out(facts: ClusterFacts, proxy: HttpProxy | None, ca_bundle: str | None) -> WayOut:
    """What stands between the Job that fetches models and the hub.

    Args:
        facts: The cluster, with what its hosts are told.
        proxy: Proxy that is given for the Job.
        ca_bundle: PEM file with authorities that are given for it; one that cannot be read counts as none.
    """
    known = facts.way_out or WayOut()
    if proxy is not None:
        direct = (*_OWN, *facts.pod_ranges, *proxy.no_proxy)
        addresses = ProxyAddresses(http=proxy.for_http, https=proxy.https, direct=direct)
    else:
        addresses = known.proxy
    try:
        given = read_certificates(ca_bundle) if ca_bundle else ()
    except ValueError:
        given = ()  # ca_bundle_problems says why.
    return WayOut(proxy=addresses, certificates=tuple(dict.fromkeys((*known.certificates, *given))))


def proxy_problems(facts: ClusterFacts, hub_url: str, proxy: HttpProxy | None, way_out: WayOut) -> Iterator[Problem]:
    """A proxy before the hub that pods cannot use, though hosts may.

    Args:
        facts: The cluster.
        hub_url: Where checkpoints are fetched from.
        proxy: Proxy that is given for the Job.
        way_out: What stands before the hub.
    """
    url = way_out.proxy_before(hub_url)
    if url is None:
        return
    host = host_of(url)
    what = unreachable_use(host)
    inside = next((cidr for cidr in facts.pod_ranges if covers(cidr, host)), None)
    if what:
        cause = f"{url} is {what}, for pods too"
    elif inside:
        cause = f"{host} is in {inside}, a range of pods or Services of {facts.name}, which network policies keep shut"
    elif url.startswith("https://"):
        cause = f"{url} is reached over TLS, which the program that fetches models does not speak to a proxy"
    else:
        return
    yield Problem(
        field="options.proxy" if proxy else "target.proxy",
        cause=cause,
        consequence=f"the Job that fetches models would never reach {hub_url}",
        fix="give a proxy that begins with http:// at a name or address of the network, or let no_proxy name the hub"
        if proxy
        else "write sources.proxy with one that pods reach at http://, or let no_proxy name the hub",
    )


def source_problems(facts: ClusterFacts, image_mirror: str | None, hub_url: str, way_out: WayOut) -> Iterator[Problem]:
    """Public sources in a network without a way to the internet, and a hub at an address of the cluster's own.

    Args:
        facts: The cluster.
        image_mirror: Registry that replaces the images' own.
        hub_url: Where checkpoints are fetched from.
        way_out: What stands before the hub.
    """
    yield from _hub_inside(facts, hub_url)
    if facts.internet:
        return
    registry = image_mirror or VLLM.registry
    public = {"options.image_mirror": registry} if is_public_registry(registry) else {}
    if is_public_hub(hub_url) and way_out.proxy_before(hub_url) is None:
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
