"""Google Cloud Dedicated Interconnect: interconnects, VLAN attachments, cloud routers, and their sessions.

One cloud router in each region of the attachments. The layouts for 99.9 % and 99.99 % are in
``layout``; a group with that intent lets Google confirm them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ...contracts.network_facts import GcpAttachment
from .bandwidths import LINK_TYPES, attachment_bandwidth
from .keys import Gate, LinkEnds, Session
from .settings import (
    AdoptedInterconnect,
    Availability,
    CircuitState,
    DedicatedInterconnectLink,
    InterconnectPort,
    OrderedInterconnect,
)
from .vpn_gcp import GcpVpn, GcpVpnArgs

_READY = ("ACTIVE",)
"""https://cloud.google.com/compute/docs/reference/rest/v1/interconnects, ``state``."""
_INTENTS: Mapping[Availability, str] = {
    Availability.HIGHEST: "PRODUCTION_CRITICAL",
    Availability.HIGH: "PRODUCTION_NON_CRITICAL",
}
"""https://cloud.google.com/compute/docs/reference/rest/v1/interconnectAttachmentGroups, ``availabilitySla``."""
_BFD_MILLISECONDS, _BFD_LOST = 1000, 5
"""Google's own recommendation: https://cloud.google.com/network-connectivity/docs/router/concepts/bfd."""


@dataclass(frozen=True, kw_only=True)
class DedicatedInterconnectArgs:
    """A link to Google Cloud.

    Attributes:
        link: Its settings.
        ends: What is at both ends.
        network: The VPC that it leads to.
    """

    link: DedicatedInterconnectLink
    ends: LinkEnds
    network: GcpAttachment


class DedicatedInterconnect(pulumi.ComponentResource):
    """A link between a VPC and a site.

    Attributes:
        sessions: Configuration that the site's routers need.
    """

    sessions: list[Session]

    def __init__(self, name: str, args: DedicatedInterconnectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:DedicatedInterconnect", name, None, opts)
        self._name, self._args = name, args
        self._project = gcp.Provider(
            f"{name}-gcp",
            project=args.network.project,
            region=args.ends.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._inside = pulumi.ResourceOptions(parent=self, provider=self._project)
        self._routers = {region: self._router(region) for region in self._regions()}
        self.sessions = []
        attachments = {port.name: self._port(port) for port in args.link.ports}
        self._group({port: made for port, made in attachments.items() if made})
        if args.link.vpn:
            vpn = GcpVpn(
                f"{name}-vpn",
                GcpVpnArgs(
                    vpn=args.link.vpn,
                    ends=args.ends,
                    network=args.network.network,
                    router=self._routers[args.ends.region].name,
                    router_asn=args.link.router_asn,
                ),
                pulumi.ResourceOptions(parent=self, providers=[self._project]),
            )
            self.sessions += vpn.sessions
        self.register_outputs({"sessions": self.sessions})

    def _regions(self) -> list[str]:
        with_vpn = {self._args.ends.region} if self._args.link.vpn else set[str]()
        return sorted({port.region for port in self._args.link.ports} | with_vpn)

    def _router(self, region: str) -> gcp.compute.Router:
        name = f"{self._name}-{region}"
        return gcp.compute.Router(
            name,
            name=name,
            region=region,
            network=self._args.network.network,
            bgp=gcp.compute.RouterBgpArgs(asn=self._args.link.router_asn),
            opts=self._inside,
        )

    def _port(self, port: InterconnectPort) -> gcp.compute.InterconnectAttachment | None:
        name = f"{self._name}-{port.name}"
        match port.circuit:
            case OrderedInterconnect() as ordered:
                circuit = self._order(name, port, ordered)
            case AdoptedInterconnect(id=identifier):
                circuit = gcp.compute.Interconnect.get(name, identifier, opts=self._inside)
        if port.state is not CircuitState.PROVISIONED:
            return None
        gate = Gate(field=f"links {self._args.link.name}, port {port.name}: state", ready=_READY)
        attachment = self._attachment(name, port, gate.open(circuit.id, circuit.state))
        self._session(name, port, attachment)
        return attachment

    def _order(self, name: str, port: InterconnectPort, ordered: OrderedInterconnect) -> gcp.compute.Interconnect:
        return gcp.compute.Interconnect(
            name,
            name=name,
            interconnect_type="DEDICATED",
            customer_name=ordered.customer,
            noc_contact_email=ordered.contact,
            link_type=LINK_TYPES[ordered.bandwidth],
            requested_link_count=ordered.links,
            location=f"https://www.googleapis.com/compute/v1/projects/{self._args.network.project}"
            f"/global/interconnectLocations/{port.location}",
            opts=pulumi.ResourceOptions(parent=self, provider=self._project, protect=self._args.ends.protect),
        )

    def _attachment(
        self, name: str, port: InterconnectPort, interconnect: pulumi.Output[str]
    ) -> gcp.compute.InterconnectAttachment:
        link = self._args.link
        # No edge availability domain: a dedicated attachment has that of its interconnect, and Google refuses another.
        return gcp.compute.InterconnectAttachment(
            name,
            name=name,
            type="DEDICATED",
            region=port.region,
            interconnect=interconnect,
            router=self._routers[port.region].id,
            bandwidth=attachment_bandwidth(link.bandwidth),
            mtu=str(link.mtu),
            vlan_tag8021q=port.vlan,
            candidate_subnets=[port.bgp_range] if port.bgp_range else None,
            opts=self._inside,
        )

    def _session(self, name: str, port: InterconnectPort, attachment: gcp.compute.InterconnectAttachment) -> None:
        link, site, router = self._args.link, self._args.ends.site, self._routers[port.region]
        on_router = gcp.compute.RouterInterface(
            name,
            name=name,
            region=port.region,
            router=router.name,
            ip_range=attachment.cloud_router_ip_address,
            interconnect_attachment=attachment.self_link,
            opts=self._inside,
        )
        key = self._args.ends.bgp_key
        gcp.compute.RouterPeer(
            name,
            name=name,
            region=port.region,
            router=router.name,
            interface=on_router.name,
            ip_address=attachment.cloud_router_ip_address.apply(_without_length),
            peer_ip_address=attachment.customer_router_ip_address.apply(_without_length),
            peer_asn=site.asn,
            advertised_route_priority=link.priority,
            bfd=_bfd() if link.bfd else None,
            md5_authentication_key=gcp.compute.RouterPeerMd5AuthenticationKeyArgs(name=name, key=key) if key else None,
            opts=self._inside,
        )
        self.sessions.append(
            {
                "over": port.name,
                "vlan": port.vlan,
                "cloud_address": attachment.cloud_router_ip_address,
                "site_address": attachment.customer_router_ip_address,
                "cloud_asn": link.router_asn,
                "site_asn": site.asn,
                "priority": link.priority,
            }
        )

    def _group(self, attachments: Mapping[str, gcp.compute.InterconnectAttachment]) -> None:
        intent = _INTENTS.get(self._args.link.availability)
        if intent is None or len(attachments) < len(self._args.link.ports):
            return
        gcp.compute.InterconnectAttachmentGroup(
            self._name,
            name=self._name,
            intent=gcp.compute.InterconnectAttachmentGroupIntentArgs(availability_sla=intent),
            attachments=[
                gcp.compute.InterconnectAttachmentGroupAttachmentArgs(name=port, attachment=made.self_link)
                for port, made in attachments.items()
            ],
            opts=self._inside,
        )


def _bfd() -> gcp.compute.RouterPeerBfdArgs:
    return gcp.compute.RouterPeerBfdArgs(
        session_initialization_mode="ACTIVE",
        min_receive_interval=_BFD_MILLISECONDS,
        min_transmit_interval=_BFD_MILLISECONDS,
        multiplier=_BFD_LOST,
    )


def _without_length(address: str) -> str:
    return address.partition("/")[0]
