"""Which environment a link joins to which site: names, clouds, and environments without a link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ....contracts.errors import Problem, nearest
from ....contracts.network_facts import NetworkFacts, Place
from ..settings import DedicatedInterconnectLink, DirectConnectLink, ExpressRouteLink, HybridLink, HybridNetwork

PLACES = {
    "direct-connect": Place.AWS,
    "dedicated-interconnect": Place.GCP,
    "express-route": Place.AZURE,
}
"""Where each kind of link leads."""


def end_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Links whose ends do not exist or are in another cloud, and environments without a link."""
    yield from _duplicates("links", (link.name for link in hybrid.links))
    yield from _duplicates("sites", (site.name for site in hybrid.sites))
    yield from _twice(hybrid)
    environments = {f"links[{index}].environment": link.environment for index, link in enumerate(hybrid.links)}
    stacks = {f"sites[{index}].stack": site.stack for index, site in enumerate(hybrid.sites) if site.stack}
    sites = {f"links[{index}].site": link.site for index, link in enumerate(hybrid.links)}
    meant = _meant(hybrid, networks, {**environments, **stacks}.values())
    named = {field: name for field, name in {**environments, **stacks}.items() if name not in meant.values()}
    yield from _unknown(named, hybrid.environments, "environments")
    yield from _unknown(sites, [site.name for site in hybrid.sites], "sites")
    for index, link in enumerate(hybrid.links):
        yield from _wrong_cloud(f"links[{index}]", link, networks)
    yield from _without_facts(hybrid, networks, meant)
    yield from _without_link(hybrid, networks)
    yield from _same_circuit(hybrid.links)


def _duplicates(field: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            yield Problem(
                field=f"{field}[{index}].name",
                cause=f"{name!r} is the name of {field}[{seen[name]}] too",
                consequence="one would silently replace the other",
                fix="give one of them another name",
            )
        seen.setdefault(name, index)


def _meant(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts], named: Iterable[str]) -> dict[str, str]:
    """Environments that nobody knows, by what links or sites call them that are no environments."""
    lost = set(named) - set(hybrid.environments)
    unknown = [name for name in hybrid.environments if name not in networks]
    return {name: near for name in unknown if (near := nearest(name, lost)) is not None}


def _unknown(named: Mapping[str, str], known: Iterable[str], where: str) -> Iterator[Problem]:
    """Names that are not there, each once."""
    choices = list(known)
    fields: dict[str, list[str]] = {}
    for field, name in named.items():
        fields.setdefault(name, []).append(field)
    for name, (field, *more) in fields.items():
        if name in choices:
            continue
        near = nearest(name, choices)
        yield Problem(
            field=field,
            cause=f"{name!r} is not among {where}" + (f", nor for {', '.join(more)}" if more else ""),
            consequence="the link would lead nowhere, and its ranges would be checked against nothing",
            fix=f"did you mean {near!r}?" if near else f"add it to {where}, or name one of: {', '.join(choices)}",
        )


def _twice(hybrid: HybridNetwork) -> Iterator[Problem]:
    for index, name in enumerate(hybrid.environments):
        if name in hybrid.environments[:index]:
            yield Problem(
                field=f"environments[{index}]",
                cause=f"{name!r} is listed already",
                consequence="its ranges would be checked against themselves",
                fix="remove one of them",
            )
    routers: dict[tuple[str, str], str] = {}
    for index, site in enumerate(hybrid.sites):
        yield from _duplicates(f"sites[{index}].routers", (router.name for router in site.routers))
        for place, router in enumerate(site.routers):
            for name, address in (("public_address", router.public_address), ("bgp_address", router.bgp_address)):
                field = f"sites[{index}].routers[{place}].{name}"
                if address and (name, address) in routers:
                    yield Problem(
                        field=field,
                        cause=f"{address} is that of {routers[name, address]} too",
                        consequence="both tunnels would end at one router, and one router that fails takes both",
                        fix="write the address of this router",
                    )
                if address:
                    routers.setdefault((name, address), field)
    stacks = [site.stack for site in hybrid.sites]
    for index, stack in enumerate(stacks):
        if stack and stack in stacks[:index]:
            yield Problem(
                field=f"sites[{index}].stack",
                cause=f"{stack!r} is the stack of site {hybrid.sites[stacks.index(stack)].name} too",
                consequence="routes to one and the same network would be announced by the routers of two sites",
                fix="name the environment that runs at this site, or leave stack out",
            )


def leads_elsewhere(link: HybridLink, facts: NetworkFacts | None) -> bool:
    """Whether a link is of a kind that leads to another cloud than that of its environment.

    Args:
        link: The link.
        facts: Its environment's network; None where nothing is known about it.
    """
    return facts is not None and facts.place is not PLACES[link.kind]


def _wrong_cloud(field: str, link: HybridLink, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    facts = networks.get(link.environment)
    if facts and leads_elsewhere(link, facts):
        yield Problem(
            field=f"{field}.kind",
            cause=f"{link.kind} leads to {PLACES[link.kind].value}, but {link.environment} is in {facts.place.value}",
            consequence="there is nothing of that cloud that the circuits could attach to",
            fix=f"use {_kinds_of(facts.place)}, or name an environment in {PLACES[link.kind].value}",
        )


def _kinds_of(place: Place) -> str:
    kinds = [kind for kind, its_place in PLACES.items() if its_place is place]
    return f"kind: {kinds[0]}" if kinds else "it as a site's stack"


def _without_facts(
    hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts], meant: Mapping[str, str]
) -> Iterator[Problem]:
    for index, name in enumerate(hybrid.environments):
        if name not in networks:
            yield Problem(
                field=f"environments[{index}]",
                cause=f"nothing is known about the network of {name!r}",
                consequence="its ranges could overlap others, which shows only once packets go astray",
                fix=f"did you mean {meant[name]!r}?"
                if name in meant
                else "name a stack with a cluster in a cloud or on your own hosts, or give its ranges as a site's",
            )


def _without_link(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    named = {link.environment for link in hybrid.links} | {site.stack for site in hybrid.sites if site.stack}
    # A misspelt name is refused where it is written, and one of which nothing is known too.
    joined = {nearest(name, hybrid.environments) or name for name in named}
    # A link that leads to another cloud than its environment's is refused, and may be meant for one of these.
    meant = {PLACES[link.kind] for link in hybrid.links if leads_elsewhere(link, networks.get(link.environment))}
    for index, name in enumerate(hybrid.environments):
        facts = networks.get(name)
        is_meant = facts is None or facts.place in meant
        if name not in joined and not is_meant:
            yield Problem(
                field=f"environments[{index}]",
                cause=f"no link leads to {name!r}, and it is not the stack of a site",
                consequence="the others cannot reach it",
                fix="add a link, or take it out of environments",
            )


def _same_circuit(links: Iterable[HybridLink]) -> Iterator[Problem]:
    users: dict[tuple[str, int], str] = {}
    for index, link in enumerate(links):
        for field, circuit, vlan in _adopted(link):
            place = f"links[{index}].{field}"
            if (circuit, vlan) in users:
                yield Problem(
                    field=f"{place}.vlan",
                    cause=f"VLAN {vlan} of {circuit} is used by {users[circuit, vlan]} too",
                    consequence="the cloud refuses the second, or two links share one session",
                    fix="use another VLAN, or another circuit",
                )
            users.setdefault((circuit, vlan), place)


def _adopted(link: HybridLink) -> Iterator[tuple[str, str, int]]:
    match link:
        case DirectConnectLink(ports=ports) | DedicatedInterconnectLink(ports=ports):
            for index, port in enumerate(ports):
                if port.circuit.kind != "create":
                    yield f"ports[{index}]", port.circuit.id, port.vlan
        case ExpressRouteLink(paths=paths):
            for index, path in enumerate(paths):
                if path.circuit.kind != "create":
                    yield f"paths[{index}]", path.circuit.id, path.vlan
