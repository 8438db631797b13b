"""Network policies: what may connect to a workload and what it may connect to.

A namespace denies everything by default (``operations.namespaces``); the policies here allow
single connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import pulumi
from pulumi_kubernetes import meta, networking

from .identity import Identity
from .metadata import metadata

DNS_PORT = 53
_DNS_CACHE = "169.254.20.10/32"
_LINK_LOCAL = "169.254.0.0/16"
HTTP_PORT, HTTPS_PORT = 80, 443


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Pods that may connect, by the labels of their namespace and their own."""

    namespace_labels: dict[str, str] | None = None
    pod_labels: dict[str, str] | None = None

    def args(self) -> networking.v1.NetworkPolicyPeerArgs:
        """As arguments of a policy."""
        return networking.v1.NetworkPolicyPeerArgs(
            namespace_selector=_selector(self.namespace_labels), pod_selector=_selector(self.pod_labels)
        )


def _selector(labels: dict[str, str] | None) -> meta.v1.LabelSelectorArgs | None:
    return None if labels is None else meta.v1.LabelSelectorArgs(match_labels=labels)


def _port(number: int, protocol: str = "TCP") -> networking.v1.NetworkPolicyPortArgs:
    return networking.v1.NetworkPolicyPortArgs(port=number, protocol=protocol)


def ingress(port: int, peers: Sequence[Peer]) -> networking.v1.NetworkPolicyIngressRuleArgs:
    """Allows the peers to reach the port."""
    return networking.v1.NetworkPolicyIngressRuleArgs(from_=[peer.args() for peer in peers], ports=[_port(port)])


def dns_egress() -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows name lookups at the cluster's DNS, also through a cache on the node.

    NodeLocal DNSCache (on by default in GKE's newer clusters) answers on a link-local address of the host, or, with
    Dataplane V2, as pods of its own; a rule for kube-dns alone cuts pods off (kubernetes/kubernetes,
    cluster/addons/dns/nodelocaldns).
    """
    system = {"kubernetes.io/metadata.name": "kube-system"}
    pods = [
        Peer(namespace_labels=system, pod_labels={"k8s-app": name}).args() for name in ("kube-dns", "node-local-dns")
    ]
    cache = networking.v1.NetworkPolicyPeerArgs(ip_block=networking.v1.IPBlockArgs(cidr=_DNS_CACHE))
    return networking.v1.NetworkPolicyEgressRuleArgs(to=[*pods, cache], ports=[_port(DNS_PORT, "UDP"), _port(DNS_PORT)])


def internet_egress(port: int = HTTPS_PORT) -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows addresses outside private ranges, and with that neither peers nor metadata services."""
    private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", _LINK_LOCAL, "100.64.0.0/10"]
    everywhere = networking.v1.IPBlockArgs(cidr="0.0.0.0/0", except_=private)
    return networking.v1.NetworkPolicyEgressRuleArgs(
        to=[networking.v1.NetworkPolicyPeerArgs(ip_block=everywhere)], ports=[_port(port)]
    )


def network_egress(ports: Iterable[int]) -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows every address, private ones too, but the link-local ones of metadata services."""
    everywhere = networking.v1.IPBlockArgs(cidr="0.0.0.0/0", except_=[_LINK_LOCAL])
    return networking.v1.NetworkPolicyEgressRuleArgs(
        to=[networking.v1.NetworkPolicyPeerArgs(ip_block=everywhere)], ports=[_port(port) for port in ports]
    )


def any_pod_egress() -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows the pods of every namespace, at every port."""
    return networking.v1.NetworkPolicyEgressRuleArgs(to=[Peer(namespace_labels={}).args()])


def anywhere_egress(ports: Iterable[int]) -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows every destination at these ports: the API server and kubelets are at addresses that no label chooses.

    Without a list of destinations, as Cilium matches no range of addresses with nodes of the cluster (Cilium
    documentation, "CIDR based").
    """
    return networking.v1.NetworkPolicyEgressRuleArgs(ports=[_port(port) for port in ports])


def anywhere_ingress(ports: Iterable[int]) -> networking.v1.NetworkPolicyIngressRuleArgs:
    """Allows every source: the API server passes questions on from an address that nobody knows."""
    return networking.v1.NetworkPolicyIngressRuleArgs(ports=[_port(port) for port in ports])


def address_egress(address: IPv4Address | IPv6Address, port: int) -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows one address."""
    block = networking.v1.IPBlockArgs(cidr=f"{address}/{address.max_prefixlen}")
    return networking.v1.NetworkPolicyEgressRuleArgs(
        to=[networking.v1.NetworkPolicyPeerArgs(ip_block=block)], ports=[_port(port)]
    )


def namespace_egress(namespace: str) -> networking.v1.NetworkPolicyEgressRuleArgs:
    """Allows the pods of a namespace, at every port: policies see a pod's port, not its Service's."""
    peer = Peer(namespace_labels={"kubernetes.io/metadata.name": namespace})
    return networking.v1.NetworkPolicyEgressRuleArgs(to=[peer.args()])


def network_policy(
    resource_name: str,
    *,
    namespace: pulumi.Input[str],
    identity: Identity,
    ingress_rules: Sequence[networking.v1.NetworkPolicyIngressRuleArgs],
    egress_rules: Sequence[networking.v1.NetworkPolicyEgressRuleArgs],
    opts: pulumi.ResourceOptions,
) -> networking.v1.NetworkPolicy:
    """The policy of one workload's pods, named after its instance."""
    return networking.v1.NetworkPolicy(
        resource_name,
        metadata=metadata(identity, namespace),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=identity.selector),
            policy_types=["Ingress", "Egress"],
            ingress=list(ingress_rules),
            egress=list(egress_rules),
        ),
        opts=opts,
    )
