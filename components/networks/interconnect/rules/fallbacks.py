"""VPNs that take over when circuits fail: with a worse metric, from two routers, with secret keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from ....contracts.errors import Problem, nearest
from ....contracts.network_facts import NetworkFacts
from ..settings import Availability, DirectConnectLink, ExpressRouteLink, HybridLink, HybridNetwork, Site, VpnFallback
from .addresses import LINK_LOCAL

TUNNELS_EACH = 2
"""Tunnels to each router of a site: one from each of a gateway's two ends."""
_AWS_RESERVED = tuple(
    IPv4Network(cidr)
    for cidr in (
        "169.254.0.0/30",
        "169.254.1.0/30",
        "169.254.2.0/30",
        "169.254.3.0/30",
        "169.254.4.0/30",
        "169.254.5.0/30",
        "169.254.169.252/30",
    )
)
"""https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html."""
_TUNNEL = 30
_GOOGLE_PEERS = (1, 2, 4)
"""Addresses that an external VPN gateway of Google Cloud may have."""


def fallback_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """VPNs that are preferred to the circuits, that cannot come up, or whose keys are missing."""
    del networks
    for place, site in enumerate(hybrid.sites):
        if hybrid.site(site.name) is not site:
            continue  # Another site of that name is refused.
        yield from _one_router(f"sites[{place}].routers", hybrid, site)
        yield from _router_addresses(f"sites[{place}].routers", hybrid, site)
    for index, link in enumerate(hybrid.links):
        field, site = f"links[{index}]", hybrid.site(link.site)
        if link.vpn:
            yield from _fallback_preferred(field, link, link.vpn)
            yield from _missing_key(field, hybrid, link)
            yield from _only_azures(field, link, link.vpn)
            if site and not _lacks_router(hybrid, site):
                yield from _inside_ranges(field, link, link.vpn, site)
    yield from _unused_secrets(hybrid)


def _lacks_router(hybrid: HybridNetwork, site: Site) -> bool:
    """Whether a link promises what one router cannot keep; ranges for its tunnels are right once there are two."""
    promised = [link for link in hybrid.links if link.site == site.name and link.availability is not Availability.NONE]
    return bool(promised) and len(site.routers) < TUNNELS_EACH


def _one_router(field: str, hybrid: HybridNetwork, site: Site) -> Iterator[Problem]:
    if _lacks_router(hybrid, site):
        links = [f"links[{index}]" for index, link in enumerate(hybrid.links) if link.site == site.name]
        yield Problem(
            field=field,
            cause=f"site {site.name} has one router, and an availability is promised of {', '.join(links)}",
            consequence="during each of its maintenances the links are down, however many circuits end there",
            fix="add a second router to the site, or write availability: none",
        )


def _fallback_preferred(field: str, link: HybridLink, vpn: VpnFallback) -> Iterator[Problem]:
    if vpn.priority <= link.priority:
        yield Problem(
            field=f"{field}.vpn.priority",
            cause=f"{vpn.priority}, but the circuits have {link.priority}, and the lower one wins",
            consequence="traffic would go over the internet while the circuits idle",
            fix=f"write more than {link.priority}, such as {link.priority + 100}",
        )


def _missing_key(field: str, hybrid: HybridNetwork, link: HybridLink) -> Iterator[Problem]:
    keys = hybrid.secrets.pre_shared_keys
    links = {one.name for one in hybrid.links}
    # A name that no link has is refused with the link that was meant.
    if link.name not in keys and not any(nearest(name, links) == link.name for name in keys.keys() - links):
        key = f"{link.name.replace('-', '_')}_vpn"
        yield Problem(
            field=f"{field}.vpn",
            cause="secrets.pre_shared_keys names no key for it",
            consequence="the cloud would choose one, which is in the state and unknown at the site",
            fix=f"pulumi config set --secret {key}, and under secrets.pre_shared_keys `{link.name}: {key}`",
        )


def _only_azures(field: str, link: HybridLink, vpn: VpnFallback) -> Iterator[Problem]:
    if isinstance(link, ExpressRouteLink):
        return
    for name in ("gateway_asn", "sku"):
        if name in vpn.model_fields_set and getattr(vpn, name) is not None:
            yield Problem(
                field=f"{field}.vpn.{name}",
                cause="is set, but the VPN ends at the same gateway or router as the circuits",
                consequence="it would have no effect",
                fix="leave it out",
            )


def _router_addresses(path_of_routers: str, hybrid: HybridNetwork, site: Site) -> Iterator[Problem]:
    links = {f"links[{index}]": link for index, link in enumerate(hybrid.links) if link.site == site.name and link.vpn}
    if not links:
        return
    field = next(iter(links))
    azure = next((field for field, link in links.items() if isinstance(link, ExpressRouteLink)), None)
    for index, router in enumerate(site.routers):
        path = f"{path_of_routers}[{index}]"
        if router.public_address is None:
            yield Problem(
                field=f"{path}.public_address",
                cause=f"is missing, but {field} has a VPN",
                consequence="tunnels would have no destination",
                fix="write the router's public address, or take vpn out of the link",
            )
        elif not IPv4Address(router.public_address).is_global and not _is_documentation(router.public_address):
            yield Problem(
                field=f"{path}.public_address",
                cause=f"{router.public_address} is {_kind(IPv4Address(router.public_address))}",
                consequence="no cloud reaches it over the internet",
                fix="write the address that the router has on the internet",
            )
        elif IPv4Address(router.public_address).is_multicast:
            yield Problem(
                field=f"{path}.public_address",
                cause=f"{router.public_address} is a multicast address (RFC 5771)",
                consequence="no machine has one as its own, and the cloud refuses the tunnel",
                fix="write the address that the router has on the internet",
            )
        if azure and router.bgp_address is None:
            yield Problem(
                field=f"{path}.bgp_address",
                cause=f"is missing, but {azure} has a VPN to Azure",
                consequence="Azure would know no address to open the BGP session to",
                fix="write an address of the router's loopback",
            )


def _is_documentation(address: str) -> bool:
    """RFC 5737: ranges for documentation and examples."""
    return any(
        IPv4Address(address) in IPv4Network(cidr) for cidr in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    )


def _inside_ranges(field: str, link: HybridLink, vpn: VpnFallback, site: Site) -> Iterator[Problem]:
    path = f"{field}.vpn.inside_ranges"
    needed = 0 if isinstance(link, ExpressRouteLink) else TUNNELS_EACH * len(site.routers)
    if len(vpn.inside_ranges) != needed:
        yield Problem(
            field=path,
            cause=f"{len(vpn.inside_ranges)} ranges for the {needed} tunnels to {len(site.routers)} routers",
            consequence="tunnels would have no addresses for BGP" if needed else "Azure would use none of them",
            fix=f"write {needed} different /30 of {LINK_LOCAL}" if needed else "leave them out",
        )
    for place, cidr in enumerate(vpn.inside_ranges):
        network = IPv4Network(cidr)
        taken = isinstance(link, DirectConnectLink) and network in _AWS_RESERVED
        if network.prefixlen != _TUNNEL or not network.subnet_of(LINK_LOCAL) or taken:
            yield Problem(
                field=f"{path}[{place}]",
                cause=f"{cidr} is reserved by AWS" if taken else f"{cidr} is not a /{_TUNNEL} of {LINK_LOCAL}",
                consequence="the cloud refuses the tunnel",
                fix="use another one, such as 169.254.21.0/30",
            )
    if link.kind == "dedicated-interconnect" and len(site.routers) not in _GOOGLE_PEERS:
        yield Problem(
            field=f"{field}.site",
            cause=f"site {site.name} has {len(site.routers)} routers",
            consequence="Google Cloud supports gateways of one, two or four addresses",
            fix="use two or four routers",
        )


def _unused_secrets(hybrid: HybridNetwork) -> Iterator[Problem]:
    """Keys of links that do not exist; one of a link whose VPN was taken out may wait for it."""
    names = [link.name for link in hybrid.links]
    for kind, keys in (
        ("pre_shared_keys", hybrid.secrets.pre_shared_keys),
        ("bgp_keys", hybrid.secrets.bgp_keys),
        ("authorization_keys", hybrid.secrets.authorization_keys),
    ):
        for name in keys:
            if name not in names:
                near = nearest(name, names)
                yield Problem(
                    field=f"secrets.{kind}.{name}",
                    cause=f"no link is named {name!r}",
                    consequence="nothing would use the secret",
                    fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(names)}",
                )


def _kind(address: IPv4Address) -> str:
    """What an address is that is not one of the internet (RFC 6890)."""
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address"
    return "a reserved address" if address.is_reserved or address.is_unspecified else "a private address"
