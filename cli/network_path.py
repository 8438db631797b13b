"""Whether the API server of a real cloud's cluster can be reached from here, asked before the engine runs.

Without a network path the engine would change the cloud first and then wait for minutes at the first Kubernetes
object. The problem explains which path the settings allow.
"""

from __future__ import annotations

import socket
import urllib.request
from urllib.parse import urlsplit

from components.clusters.reachability import api_server
from components.contracts.api_access import ApiAccess, PrivateAccess, PublicAccess
from components.contracts.errors import StrataError

_TIMEOUT_SECONDS = 5.0
_HTTPS = 443


def require_network_path(kubeconfig: str, access: ApiAccess) -> None:
    """Check that the API server accepts a connection; skipped where a proxy is in between.

    Args:
        kubeconfig: Content of the cluster's kubeconfig.
        access: From where the API server can be reached.

    Raises:
        StrataError: Nothing answers; the fix names the path that the setting allows.
    """
    server = api_server(kubeconfig)
    address = urlsplit(server)
    host = address.hostname or ""
    if urllib.request.getproxies().get("https") and not urllib.request.proxy_bypass(host):
        return
    try:
        socket.create_connection((host, address.port or _HTTPS), timeout=_TIMEOUT_SECONDS).close()
    except OSError as error:
        raise StrataError.of(
            "target.api_access",
            cause=f"nothing answers at {server} within {_TIMEOUT_SECONDS:.0f} s: {error}",
            consequence="the cloud would be changed, and then every object of the cluster would fail",
            fix=_way(access, host),
        ) from None


def _way(access: ApiAccess, host: str) -> str:
    match access:
        case PrivateAccess(cidrs=cidrs):
            from_where = f"the cluster's network or {', '.join(cidrs)}" if cidrs else "the cluster's network"
            return (
                f"the API server is private and answers only {from_where}: run this inside of it, such as on a runner "
                f"or a bastion there, or join it by VPN, peering or transit gateway, with a route and DNS for {host}"
            )
        case PublicAccess(cidrs=cidrs):
            return (
                f"the API server answers only {', '.join(cidrs)}: run this from one of them; to let your network in, "
                "add it to target.api_access.cidrs and bring the stack up once from a network that is in already"
            )
