"""The component of each kind of link; loads only the SDK of the cloud that the link leads to."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from ...contracts.network_facts import AwsAttachment, AzureAttachment, GcpAttachment, NetworkFacts
from .keys import LinkEnds, Session
from .settings import DedicatedInterconnectLink, DirectConnectLink, ExpressRouteLink, HybridLink


def declare_link(
    link: HybridLink, facts: NetworkFacts, ends: LinkEnds, opts: pulumi.ResourceOptions | None
) -> Sequence[Session]:
    """Declare a link and return its BGP sessions; nothing where the environment is not up.

    Args:
        link: Its settings; the rules have refused links that lead to another cloud than their environment's.
        facts: The environment's network.
        ends: What the link gets besides its settings.
        opts: Options of its resources.
    """
    match link, facts.attachment:
        case DirectConnectLink(), AwsAttachment() as network:
            from .direct_connect import DirectConnect, DirectConnectArgs  # noqa: PLC0415

            return DirectConnect(link.name, DirectConnectArgs(link=link, ends=ends, network=network), opts).sessions
        case DedicatedInterconnectLink(), GcpAttachment() as network:
            from .dedicated_interconnect import DedicatedInterconnect, DedicatedInterconnectArgs  # noqa: PLC0415

            args = DedicatedInterconnectArgs(link=link, ends=ends, network=network)
            return DedicatedInterconnect(link.name, args, opts).sessions
        case ExpressRouteLink(), AzureAttachment() as network:
            from .express_route import ExpressRoute, ExpressRouteArgs  # noqa: PLC0415

            subnet = link.gateway_subnet or facts.gateway_subnet
            to_azure = ExpressRouteArgs(
                link=link, ends=ends, subscription=facts.account, network=network, gateway_subnet=subnet
            )
            return ExpressRoute(link.name, to_azure, opts).sessions
        case _:
            return []
