"""How a host is told of its HTTP proxy: apt and containerd by files, scripts by variables.

Kubelet and the control plane need none: they talk to the API server, and containerd fetches their images.
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from urllib.parse import urlsplit

from ...contracts.http_proxy import HttpProxy
from ...contracts.way_out import covers
from .settings import KubeadmTarget
from .shell import restart_if_active, script, write_file

_APT_FILE = "/etc/apt/apt.conf.d/90strata-proxy"
_UNIT_FILE = "/etc/systemd/system/containerd.service.d/strata-proxy.conf"


def direct(target: KubeadmTarget, proxy: HttpProxy) -> str:
    """What is reached without the proxy, as ``NO_PROXY`` holds it."""
    return ",".join(direct_entries(target, proxy))


def direct_entries(target: KubeadmTarget, proxy: HttpProxy) -> list[str]:
    """What is reached without the proxy: the machine itself, the cluster, what users add."""
    networks = target.networks
    own = ("localhost", "127.0.0.1", *networks.subnets, networks.pods, networks.services, ".svc", ".cluster.local")
    return list(
        dict.fromkeys((*own, target.control_plane.api.address, *proxy.no_proxy, *_direct_mirrors(target, proxy)))
    )


def _direct_mirrors(target: KubeadmTarget, proxy: HttpProxy) -> list[str]:
    """Mirrors that a network or a domain covers, by name: apt knows neither, and curl no networks before 7.86."""
    urls = (target.mirrors.packages, target.mirrors.manifests or "")
    names = [urlsplit(url).hostname or "" for url in urls]
    known = (*target.networks.subnets, *proxy.no_proxy)
    return [name for name in names if any(covers(entry, name) for entry in known)]


def variables(target: KubeadmTarget) -> dict[str, str]:
    """Variables for programs that a script runs; curl reads ``http_proxy`` in lower case only."""
    proxy = target.proxy
    if proxy is None:
        return {}
    return {"http_proxy": proxy.for_http, "https_proxy": proxy.https, "no_proxy": direct(target, proxy)}


def export(target: KubeadmTarget) -> tuple[str, ...]:
    """Lines that set the variables for the rest of a script; none without a proxy."""
    return tuple(f"export {name}={quote(value)}" for name, value in variables(target).items())


def install_proxy(target: KubeadmTarget, proxy: HttpProxy) -> str:
    """Tells apt and containerd of the proxy; containers go on while containerd restarts."""
    return script(
        write_file(_APT_FILE, "".join(_apt_lines(target, proxy))),
        write_file(_UNIT_FILE, _unit(target, proxy)),
        "sudo systemctl daemon-reload",
        restart_if_active("containerd"),
    )


def remove_proxy() -> str:
    """Takes the proxy away again."""
    return script(
        f"sudo rm --force {_APT_FILE} {_UNIT_FILE}",
        "sudo systemctl daemon-reload",
        restart_if_active("containerd"),
    )


def _apt_lines(target: KubeadmTarget, proxy: HttpProxy) -> Iterator[str]:
    """Apt takes whole names only (apt-transport-http(1))."""
    yield f'Acquire::http::Proxy "{proxy.for_http}";\n'
    yield f'Acquire::https::Proxy "{proxy.https}";\n'
    named = [name for name in proxy.no_proxy if not name.startswith(".") and "/" not in name]
    for name in dict.fromkeys((*named, *_direct_mirrors(target, proxy))):
        yield from (f'Acquire::{scheme}::Proxy::{name} "DIRECT";\n' for scheme in ("http", "https"))


def _unit(target: KubeadmTarget, proxy: HttpProxy) -> str:
    values = {"HTTP_PROXY": proxy.for_http, "HTTPS_PROXY": proxy.https, "NO_PROXY": direct(target, proxy)}
    return "[Service]\n" + "".join(f'Environment="{name}={value}"\n' for name, value in values.items())
