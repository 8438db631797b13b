"""Where pods find the API server: the endpoints of the Service ``kubernetes``.

An API server publishes its own port, and the embedded one has any free port of this machine. Policies of pods name the
ports that API servers have elsewhere, and are judged by where a Service leads to.
"""

from __future__ import annotations

from ..control_plane.api import Api, Json
from ..control_plane.kwokctl import ADVERTISED, ADVERTISED_PORT

_NAME = "kubernetes"
_CORE = "/api/v1/namespaces/default/endpoints"
_SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


def publish_api(api: Api) -> None:
    """Make the endpoints so, under the names and labels that an API server gives them."""
    port: Json = {"name": "https", "port": ADVERTISED_PORT, "protocol": "TCP"}
    unmirrored = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    owned = {"kubernetes.io/service-name": _NAME}
    api.apply(
        f"{_CORE}/{_NAME}",
        {
            **_object("v1", "Endpoints", unmirrored),
            "subsets": [{"addresses": [{"ip": ADVERTISED}], "ports": [port]}],
        },
    )
    api.apply(
        f"{_SLICES}/{_NAME}",
        {
            **_object("discovery.k8s.io/v1", "EndpointSlice", owned),
            "addressType": "IPv4",
            "endpoints": [{"addresses": [ADVERTISED], "conditions": {"ready": True}}],
            "ports": [port],
        },
    )


def _object(version: str, kind: str, labels: dict[str, str]) -> dict[str, Json]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": _NAME, "namespace": "default", "labels": labels}}
