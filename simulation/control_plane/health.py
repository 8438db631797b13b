"""Whether each process of a control plane does its work, asked of its own health endpoint.

Owns the questions. A process that exists but does not answer counts as ill.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from . import identity
from .layout import COMPONENTS, Layout
from .ports import Ports

_TIMEOUT_SECONDS = 3.0


def healthy(layout: Layout, ports: Ports, components: Iterable[str] = COMPONENTS) -> frozenset[str]:
    """Those of the components that answer that they are well."""
    try:
        context = identity.tls(layout)
    except (OSError, ssl.SSLError):
        return frozenset()
    questions: dict[str, tuple[ssl.SSLContext | None, int, str]] = {
        "etcd": (None, ports.etcd, "/health"),
        "kube-apiserver": (context, ports.apiserver, "/readyz"),
        "kube-controller-manager": (context, ports.controller_manager, "/healthz"),
        "kube-scheduler": (context, ports.scheduler, "/healthz"),
        "kwok-controller": (None, ports.kwok, "/healthz"),
    }
    asked = list(components)
    with ThreadPoolExecutor(max_workers=len(COMPONENTS)) as pool:
        answers = pool.map(_answers, *zip(*(questions[component] for component in asked), strict=True))
        return frozenset(component for component, well in zip(asked, answers, strict=True) if well)


def _answers(context: ssl.SSLContext | None, port: int, path: str) -> bool:
    connection = (
        http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
        if context is None
        else http.client.HTTPSConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS, context=context)
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
