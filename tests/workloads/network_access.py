"""Who may connect to whom under a set of NetworkPolicies, by the rules of the Kubernetes documentation.

A pod that no policy selects is open in that direction; one that is selected is open to what any of its
policies allows. A connection needs the egress of its source and the ingress of its target.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.registration import Json, Registration, Registrations, value_at


@dataclass(frozen=True)
class Pod:
    """One end of a connection."""

    namespace: str
    labels: dict[str, str] = field(default_factory=dict[str, str])
    namespace_labels: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Address:
    """An end outside of the cluster."""

    ip: str


@dataclass(frozen=True)
class Network:
    """Everything that policies allow."""

    policies: Sequence[Registration]

    @classmethod
    def of(cls, *registrations: Registrations) -> Network:
        """The policies among what was registered."""
        policies = [policy for made in registrations for policy in made.of("NetworkPolicy")]
        assert policies, "without policies everything is open"
        return cls(policies)

    def connects(self, source: Pod | Address, target: Pod | Address, port: int, protocol: str = "TCP") -> bool:
        """Whether a connection comes about."""
        leaves = not isinstance(source, Pod) or self._open("Egress", "to", source, target, port, protocol)
        arrives = not isinstance(target, Pod) or self._open("Ingress", "from", target, source, port, protocol)
        return leaves and arrives

    def _open(self, direction: str, side: str, pod: Pod, other: Pod | Address, port: int, protocol: str) -> bool:
        found = [policy for policy in self.policies if _selects(policy, pod, direction)]
        rules = [rule for policy in found for rule in _listing(policy.at("spec", direction.lower()))]
        return not found or any(
            _has_port(rule, port, protocol) and _has_peer(_listing(value_at(rule, side)), pod.namespace, other)
            for rule in rules
        )


def _listing(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _selects(policy: Registration, pod: Pod, direction: str) -> bool:
    return (
        policy.at("metadata", "namespace") == pod.namespace
        and direction in _listing(policy.at("spec", "policyTypes"))
        and _matches(policy.at("spec", "podSelector"), pod.labels)
    )


def _matches(selector: Json, labels: dict[str, str]) -> bool:
    wanted = value_at(selector, "matchLabels")
    return isinstance(selector, dict) and (not isinstance(wanted, dict) or wanted.items() <= labels.items())


def _has_port(rule: Json, port: int, protocol: str) -> bool:
    ports = _listing(value_at(rule, "ports"))
    return not ports or any(
        value_at(entry, "port") == port and (value_at(entry, "protocol") or "TCP") == protocol for entry in ports
    )


def _has_peer(peers: list[Json], namespace: str, other: Pod | Address) -> bool:
    return not peers or any(_is_peer(peer, namespace, other) for peer in peers)


def _is_peer(peer: Json, namespace: str, other: Pod | Address) -> bool:
    if isinstance(other, Address):
        return _holds(value_at(peer, "ipBlock"), other.ip)
    pods, namespaces = value_at(peer, "podSelector"), value_at(peer, "namespaceSelector")
    if pods is None and namespaces is None:
        return False
    inside = other.namespace == namespace if namespaces is None else _matches(namespaces, other.namespace_labels)
    return inside and (pods is None or _matches(pods, other.labels))


def _holds(block: Json, ip: str) -> bool:
    cidr, excepted = value_at(block, "cidr"), _listing(value_at(block, "except"))
    address = ipaddress.ip_address(ip)

    def within(text: Json) -> bool:
        return address in ipaddress.ip_network(str(text))

    return cidr is not None and within(cidr) and not any(map(within, excepted))
