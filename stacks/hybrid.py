"""The links of a hybrid stack: which of them can be made now, and making them.

An environment that was never up leaves its links out and blocks no other's. One that was up when its
links were made and is not any more is refused: leaving them out then would delete circuits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network

import pulumi

from components.contracts.errors import Problem, StrataError
from components.contracts.network_facts import AwsAttachment, AzureAttachment, GcpAttachment, NetworkFacts
from components.networks.interconnect.keys import LinkEnds, Session
from components.networks.interconnect.settings import (
    DedicatedInterconnectLink,
    DirectConnectLink,
    ExpressRouteLink,
    HybridLink,
    HybridNetwork,
    Site,
)

from .guards import StackState
from .mode import Mode, make_command

SESSIONS = "sessions"
"""Output with what the sites' routers have to be set to, by link."""


def joined_links(
    settings: HybridNetwork, networks: Mapping[str, NetworkFacts], state: StackState, mode: Mode
) -> HybridNetwork:
    """The settings with the links whose environments are up; people are told of the others.

    Args:
        settings: What the stack's file says.
        networks: Facts of all environments.
        state: What the stack holds before this run.
        mode: Whether the environments are real, so that people are told the right command.

    Raises:
        StrataError: when a link exists whose environment is not up any more.
    """
    waiting = [link for link in settings.links if networks[link.environment].attachment is None]
    lost = [_lost(link, mode) for link in waiting if state.has_component("networks", link.name)]
    if lost:
        raise StrataError(lost)
    for link in waiting:
        pulumi.warn(
            f"link {link.name} is left out: {link.environment} is not up; then run this again "
            f"({make_command('up', link.environment, mode)})"
        )
    return settings.model_copy(update={"links": tuple(link for link in settings.links if link not in waiting)})


def _lost(link: HybridLink, mode: Mode) -> Problem:
    return Problem(
        field=f"links {link.name}: environment",
        cause=f"{link.environment} is not up any more, and the link was made for it",
        consequence="leaving the link out would delete its gateways and circuits",
        fix=f"{make_command('up', link.environment, mode)}, or take the link out of the settings on purpose",
    )


def declare_links(
    settings: HybridNetwork,
    networks: Mapping[str, NetworkFacts],
    value: Callable[[str], pulumi.Output[str]],
    mark: pulumi.Resource | None = None,
) -> None:
    """Every link of the settings; only the SDKs of clouds that one leads to are loaded.

    Args:
        settings: Links whose environments are up.
        networks: Facts of all environments.
        value: Gives the value of a secret's key.
        mark: Parent of what a simulated cloud makes; None for everything else.
    """
    opts = pulumi.ResourceOptions(parent=mark) if mark else None
    sessions: dict[str, Sequence[Session]] = {}
    for link in settings.links:
        facts, site = networks[link.environment], settings.site(link.site)
        if site:
            ends = LinkEnds(
                region=facts.region,
                site=site,
                site_ranges=_site_ranges(site, networks),
                protect=settings.circuits.protect,
                pre_shared_key=_key(settings.secrets.pre_shared_keys, link, value),
                bgp_key=_key(settings.secrets.bgp_keys, link, value),
                authorization_key=_key(settings.secrets.authorization_keys, link, value),
            )
            sessions[link.name] = _declare(link, facts, ends, opts)
    pulumi.export(SESSIONS, sessions)


def _key(
    names: Mapping[str, str], link: HybridLink, value: Callable[[str], pulumi.Output[str]]
) -> pulumi.Output[str] | None:
    return value(names[link.name]) if link.name in names else None


def _site_ranges(site: Site, networks: Mapping[str, NetworkFacts]) -> list[str]:
    facts = networks.get(site.stack or "")
    own = [each.network for each in facts.routed] if facts else []
    return [str(network) for network in sorted({*own, *(IPv4Network(cidr) for cidr in site.ranges)})]


def _declare(
    link: HybridLink, facts: NetworkFacts, ends: LinkEnds, opts: pulumi.ResourceOptions | None
) -> Sequence[Session]:
    match link, facts.attachment:
        case DirectConnectLink(), AwsAttachment() as network:
            from components.networks.interconnect.direct_connect import (  # noqa: PLC0415
                DirectConnect,
                DirectConnectArgs,
            )

            return DirectConnect(link.name, DirectConnectArgs(link=link, ends=ends, network=network), opts).sessions
        case DedicatedInterconnectLink(), GcpAttachment() as network:
            from components.networks.interconnect.dedicated_interconnect import (  # noqa: PLC0415
                DedicatedInterconnect,
                DedicatedInterconnectArgs,
            )

            args = DedicatedInterconnectArgs(link=link, ends=ends, network=network)
            return DedicatedInterconnect(link.name, args, opts).sessions
        case ExpressRouteLink(), AzureAttachment() as network:
            from components.networks.interconnect.express_route import (  # noqa: PLC0415
                ExpressRoute,
                ExpressRouteArgs,
            )

            subnet = link.gateway_subnet or facts.gateway_subnet
            to_azure = ExpressRouteArgs(
                link=link, ends=ends, subscription=facts.account, network=network, gateway_subnet=subnet
            )
            return ExpressRoute(link.name, to_azure, opts).sessions
        case _:
            return []
