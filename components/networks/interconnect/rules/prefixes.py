"""Prefixes that a cloud advertises to a site, and ranges of which a cloud requires a certain size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ...addresses import zones_part
from ..settings import DirectConnectLink, ExpressRouteLink, HybridNetwork

_MOST_OVER_TRANSIT, _MOST_OVER_PRIVATE = 200, 20
"""Allowed prefixes: https://docs.aws.amazon.com/directconnect/latest/UserGuide/limits.html."""
_GATEWAY_SUBNET = 27
"""Room for ExpressRoute beside VPN: https://learn.microsoft.com/azure/expressroute/expressroute-howto-coexist-resource-manager."""
_PEERING_PREFIX = 30


def prefix_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Prefixes that are missing, too many, too small, or outside of what they belong to."""
    for index, link in enumerate(hybrid.links):
        facts = networks.get(link.environment)
        match link:
            case DirectConnectLink():
                yield from _allowed_prefixes(f"links[{index}]", link, facts)
            case ExpressRouteLink():
                yield from _gateway_subnet(f"links[{index}]", link, facts)
                yield from _peering_prefixes(f"links[{index}]", link)
            case _:
                pass


def _allowed_prefixes(field: str, link: DirectConnectLink, facts: NetworkFacts | None) -> Iterator[Problem]:
    path = f"{field}.allowed_prefixes"
    most = _MOST_OVER_TRANSIT if link.transit_gateway else _MOST_OVER_PRIVATE
    if len(link.allowed_prefixes) > most:
        yield Problem(
            field=path,
            cause=f"{len(link.allowed_prefixes)} prefixes, where AWS takes {most} for each association",
            consequence="the association is refused after the ports and the gateway are made",
            fix="write fewer and larger ones",
        )
    allowed = [IPv4Network(cidr) for cidr in link.allowed_prefixes]
    for network_range in facts.routed if facts else ():
        if not any(network_range.network.subnet_of(prefix) for prefix in allowed):
            yield Problem(
                field=path,
                cause=f"{network_range.cidr} ({network_range.purpose} of {link.environment}) is in none of them",
                consequence="the site never learns a route to it, and answers to it are lost",
                fix=f"add {network_range.cidr}",
            )


def _gateway_subnet(field: str, link: ExpressRouteLink, facts: NetworkFacts | None) -> Iterator[Problem]:
    if facts and facts.remote_gateway and (link.vpn or not link.gateway):
        yield Problem(
            field=f"{field}.gateway",
            cause=f"{link.environment} uses the gateway of a peered network",
            consequence="Azure refuses a second gateway",
            fix="write the other network's gateway, and vpn: null; or use_gateways: false in target.network.peering",
        )
    if link.gateway and not link.vpn:
        return
    cidr = link.gateway_subnet or (facts.gateway_subnet if facts else None)
    path = f"{field}.gateway_subnet"
    if cidr is None:
        if facts:
            yield Problem(
                field=path,
                cause=f"is left out, and {link.environment} keeps no range free for gateways",
                consequence="there is nowhere to put the gateway",
                fix="write a free range of the virtual network, /27 or larger, or adopt the gateway by its id",
            )
        return
    network = IPv4Network(cidr)
    if network.prefixlen > _GATEWAY_SUBNET:
        yield Problem(
            field=path,
            cause=f"{cidr} holds {network.num_addresses} addresses",
            consequence="an ExpressRoute and a VPN gateway do not fit in, and the subnet cannot grow under a gateway",
            fix=f"use a range of /{_GATEWAY_SUBNET} or larger",
        )
    inside = [network_range.network for network_range in facts.ranges] if facts else [network]
    if not any(network.subnet_of(outer) for outer in inside):
        yield Problem(
            field=path,
            cause=f"{cidr} is not inside {link.environment}: {', '.join(map(str, inside))}",
            consequence="Azure refuses a subnet outside of its virtual network",
            fix="use a free range of the virtual network",
        )
    elif link.gateway_subnet and facts and facts.gateway_subnet:
        yield from _over_nodes(path, network, link, facts)


def _over_nodes(path: str, network: IPv4Network, link: ExpressRouteLink, facts: NetworkFacts) -> Iterator[Problem]:
    """A gateway subnet on top of the subnets of zones, in a virtual network that is made here."""
    for outer in facts.ranges:
        if not outer.routed or not network.subnet_of(outer.network):
            continue
        for name, taken in zones_part(outer.network).items():
            if network.overlaps(taken):
                yield Problem(
                    field=path,
                    cause=f"{network} overlaps {taken}, which {link.environment} keeps for {name}",
                    consequence="Azure refuses the second subnet with the same addresses",
                    fix=f"leave it out, for {facts.gateway_subnet}",
                )
                return


def _peering_prefixes(field: str, link: ExpressRouteLink) -> Iterator[Problem]:
    for place, path in enumerate(link.paths):
        for name, cidr in (("primary_prefix", path.primary_prefix), ("secondary_prefix", path.secondary_prefix)):
            if IPv4Network(cidr).prefixlen != _PEERING_PREFIX:
                yield Problem(
                    field=f"{field}.paths[{place}].{name}",
                    cause=f"{cidr} is not a /{_PEERING_PREFIX}",
                    consequence="Azure refuses the private peering",
                    fix="use a /30: the router takes its first address, Microsoft the second",
                )
