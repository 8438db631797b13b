"""What the catalog's Job may connect to, from the address of the hub and the proxy before it.

The public hub is on the internet, so private ranges stay closed. A hub of one's own may be anywhere: where its address
is written, only that is open; where a name is, its port is open everywhere but on link-local addresses, at which clouds
answer with credentials of the node. A name of a Service opens the pods of its namespace.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from pulumi_kubernetes import networking

from ..contracts.sources import is_public_hub
from ..contracts.way_out import WayOut
from ..workloads.network_policies import (
    HTTP_PORT,
    HTTPS_PORT,
    address_egress,
    internet_egress,
    namespace_egress,
    network_egress,
)

_SERVICE_LABELS = 3
"""name.namespace.svc"""


def hub_egress(hub_url: str, way_out: WayOut) -> Sequence[networking.v1.NetworkPolicyEgressRuleArgs]:
    """The rules of the Job's network policy for its hub.

    Args:
        hub_url: Address of the hub, such as ``https://huggingface.co``.
        way_out: What stands between the Job and the hub.
    """
    proxy = way_out.proxy_before(hub_url)
    if proxy is not None:
        return _egress_to(proxy, [])
    through = [rule for url in _proxies(way_out) for rule in _egress_to(url, [])]
    if is_public_hub(hub_url):
        return [internet_egress(), *through]
    # Large files are often redirected to object storage, at the usual port.
    return [*_egress_to(hub_url, [HTTPS_PORT]), *through]


def _proxies(way_out: WayOut) -> Sequence[str]:
    """Proxies that a direct hub may redirect to addresses behind."""
    return list(dict.fromkeys((way_out.proxy.https, way_out.proxy.http))) if way_out.proxy else []


def _egress_to(url: str, further_ports: Sequence[int]) -> Sequence[networking.v1.NetworkPolicyEgressRuleArgs]:
    address = urlsplit(url)
    host = address.hostname or ""
    port = address.port or (HTTP_PORT if address.scheme == "http" else HTTPS_PORT)
    try:
        return [address_egress(ip_address(host), port)]
    except ValueError:
        labels = host.removesuffix(".cluster.local").split(".")
    if len(labels) == _SERVICE_LABELS and labels[-1] == "svc":
        return [namespace_egress(labels[1])]
    return [network_egress(dict.fromkeys((port, *further_ports)))]
