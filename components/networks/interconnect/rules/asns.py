"""Numbers of autonomous systems: a BGP speaker drops every route that has its own number in the path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ..settings import DedicatedInterconnectLink, DirectConnectLink, ExpressRouteLink, HybridLink, HybridNetwork

PARTNER_ASN = 16550
"""https://cloud.google.com/network-connectivity/docs/router/how-to/create-router-vpc-on-premises-network."""
MICROSOFT_ASN = 12076
AZURE_VPN_ASN = 65515
_AZURE_RESERVED = frozenset({8074, 8075, MICROSOFT_ASN, AZURE_VPN_ASN, 65517, 65518, 65519, 65520})
"""https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview."""
_AWS_RESERVED = frozenset({7224, 9059, 10124, 17943})
"""https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html."""
_PRIVATE = (range(64_512, 65_535), range(4_200_000_000, 4_294_967_295))
"""RFC 6996."""
_RESERVED = (range(23_456, 23_457), range(64_496, 64_512), range(65_535, 131_072), range(4_294_967_295, 4_294_967_296))
"""RFC 6793, 5398 and 7300; https://www.iana.org/assignments/as-numbers."""


@dataclass(frozen=True, kw_only=True)
class _Speaker:
    """One end of BGP sessions.

    Attributes:
        chosen: Whether the number is the user's choice.
    """

    field: str
    what: str
    asn: int
    chosen: bool = True


def asn_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Numbers that are taken, reserved, or not private."""
    del networks
    for index, site in enumerate(hybrid.sites):
        yield from _reserved(f"sites[{index}].asn", site.asn)
        yield from _taken_by_clouds(hybrid, f"sites[{index}].asn", site.name, site.asn)
    yield from _equal_sites(hybrid)
    seen: list[tuple[HybridLink, _Speaker]] = []
    for index, link in enumerate(hybrid.links):
        speakers = list(_speakers(f"links[{index}]", link))
        for speaker in speakers:
            if speaker.chosen:
                yield from _not_private(link, speaker)
            yield from _equal_to_site(hybrid, link, speaker)
            yield from _equal_to_other_cloud(link, speaker, seen)
        yield from _equal_gateways(link, speakers)
        seen += [(link, speaker) for speaker in speakers]


def _speakers(field: str, link: HybridLink) -> Iterator[_Speaker]:
    match link:
        case DirectConnectLink():
            yield _Speaker(field=f"{field}.gateway_asn", what="the Direct Connect gateway", asn=link.gateway_asn)
            if link.transit_gateway:
                asn = link.transit_gateway.asn
                yield _Speaker(field=f"{field}.transit_gateway.asn", what="the transit gateway", asn=asn)
            elif link.private_asn:
                asn = link.private_asn
                yield _Speaker(field=f"{field}.private_asn", what="the virtual private gateway", asn=asn)
        case DedicatedInterconnectLink():
            yield _Speaker(field=f"{field}.router_asn", what="the cloud routers", asn=link.router_asn)
        case ExpressRouteLink():
            what = "Microsoft's edge, which is fixed"
            yield _Speaker(field=f"{field}.kind", what=what, asn=MICROSOFT_ASN, chosen=False)
            if link.vpn:
                asn = link.vpn.gateway_asn or AZURE_VPN_ASN
                yield _Speaker(
                    field=f"{field}.vpn.gateway_asn",
                    what="the VPN gateway",
                    asn=asn,
                    chosen=asn != AZURE_VPN_ASN,
                )


def _reserved(field: str, asn: int) -> Iterator[Problem]:
    if any(asn in reserved for reserved in _RESERVED):
        yield Problem(
            field=field,
            cause=f"{asn} is reserved (IANA)",
            consequence="routers and clouds refuse it",
            fix="use 64512 to 65534, 4200000000 to 4294967294, or a public number that is registered to you",
        )


def _taken_by_clouds(hybrid: HybridNetwork, field: str, site: str, asn: int) -> Iterator[Problem]:
    kinds = {link.kind for link in hybrid.links if link.site == site}
    for kind, name, taken in (
        ("express-route", "Azure", _AZURE_RESERVED),
        ("direct-connect", "AWS", _AWS_RESERVED),
        ("dedicated-interconnect", "Google Cloud", frozenset({PARTNER_ASN})),
    ):
        if kind in kinds and asn in taken:
            yield Problem(
                field=field,
                cause=f"{asn} is used by {name} itself",
                consequence="its gateways refuse it, or drop every route of the site as a loop",
                fix="use another private number, such as 65010",
            )


def _equal_sites(hybrid: HybridNetwork) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for index, site in enumerate(hybrid.sites):
        if site.asn in seen:
            yield Problem(
                field=f"sites[{index}].asn",
                cause=f"{site.asn} is the number of site {seen[site.asn]} too",
                consequence="neither accepts the other's routes from a cloud: it finds its own number in their path",
                fix="give each site a number of its own",
            )
        seen.setdefault(site.asn, site.name)


def _not_private(link: HybridLink, speaker: _Speaker) -> Iterator[Problem]:
    if speaker.asn == PARTNER_ASN and isinstance(link, DedicatedInterconnectLink):
        yield Problem(
            field=speaker.field,
            cause=f"{PARTNER_ASN} belongs to the cloud routers of partners' interconnects",
            consequence="Google refuses a dedicated attachment on such a router",
            fix="use a private number, such as 65020",
        )
    elif isinstance(link, ExpressRouteLink) and speaker.asn in _AZURE_RESERVED:
        yield Problem(
            field=speaker.field,
            cause=f"{speaker.asn} is reserved by Azure",
            consequence="Azure refuses the gateway",
            fix=f"leave it out for {AZURE_VPN_ASN}, or use another private number",
        )
    elif not any(speaker.asn in private for private in _PRIVATE):
        yield Problem(
            field=speaker.field,
            cause=f"{speaker.asn} is not a private number",
            consequence=f"the cloud refuses it for {speaker.what}, or routes go to its owner",
            fix="use 64512 to 65534 or 4200000000 to 4294967294 (RFC 6996)",
        )


def _equal_to_site(hybrid: HybridNetwork, link: HybridLink, speaker: _Speaker) -> Iterator[Problem]:
    site = hybrid.site(link.site)
    if site and site.asn == speaker.asn:
        yield Problem(
            field=speaker.field,
            cause=f"{speaker.asn} is the number of site {site.name} too",
            consequence="the session would be an internal one, which clouds refuse, and routes count as loops",
            fix=f"give {speaker.what.partition(',')[0]} or the site another number",
        )


def _equal_gateways(link: HybridLink, speakers: list[_Speaker]) -> Iterator[Problem]:
    if isinstance(link, DirectConnectLink) and len({speaker.asn for speaker in speakers}) < len(speakers):
        yield Problem(
            field=speakers[-1].field,
            cause=f"{speakers[-1].what} has the number of the Direct Connect gateway, {link.gateway_asn}",
            consequence="AWS accepts both gateways and refuses to associate them",
            fix="give one of them another number",
        )


def _equal_to_other_cloud(
    link: HybridLink, speaker: _Speaker, seen: list[tuple[HybridLink, _Speaker]]
) -> Iterator[Problem]:
    for other_link, other in seen:
        if other_link.environment != link.environment and other.asn == speaker.asn and speaker.chosen:
            yield Problem(
                field=speaker.field,
                cause=f"{speaker.asn} is the number of {other.what} of {other_link.environment} too ({other.field})",
                consequence=f"{link.environment} drops the routes of {other_link.environment} that a site passes on",
                fix="give each environment numbers of its own",
            )
