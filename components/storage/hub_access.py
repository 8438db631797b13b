"""What the catalog's Job may connect to, from the address of the hub.

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
from ..workloads.network_policies import HTTPS_PORT, address_egress, internet_egress, namespace_egress, network_egress

_SERVICE_LABELS = 3
"""name.namespace.svc"""


def hub_egress(hub_url: str) -> Sequence[networking.v1.NetworkPolicyEgressRuleArgs]:
    """The rules of the Job's network policy for its hub.

    Args:
        hub_url: Address of the hub, such as ``https://huggingface.co``.
    """
    if is_public_hub(hub_url):
        return [internet_egress()]
    address = urlsplit(hub_url)
    host, port = address.hostname or "", address.port or HTTPS_PORT
    try:
        return [address_egress(ip_address(host), port)]
    except ValueError:
        labels = host.removesuffix(".cluster.local").split(".")
    if len(labels) == _SERVICE_LABELS and labels[-1] == "svc":
        return [namespace_egress(labels[1])]
    # Large files are often redirected to object storage, at the usual port.
    return [network_egress(dict.fromkeys((port, HTTPS_PORT)))]
