"""What a host needs before it downloads anything: its proxy, and the authorities that it trusts."""

from __future__ import annotations

import pulumi

from ...contracts.certificates import read_certificates
from .authorities import distrust, trust
from .connections import Life, Login, run_on
from .hosts import Host
from .proxy_scripts import install_proxy, remove_proxy
from .settings import KubeadmTarget


def reach_outside(target: KubeadmTarget, host: Host, login: Login, parent: pulumi.Resource) -> list[pulumi.Resource]:
    """Resources of a host to come after; each is there only where the settings ask for it, and undone afterwards."""
    made: list[pulumi.Resource] = []
    if target.ca_bundle is not None:
        life = Life(create=trust(read_certificates(target.ca_bundle)), delete=distrust())
        made.append(run_on(f"{host.name}-authorities", login.to(host), life, parent))
    if target.proxy is not None:
        life = Life(create=install_proxy(target, target.proxy), delete=remove_proxy())
        # Both restart containerd; one after the other, it is never restarted while it starts.
        made.append(run_on(f"{host.name}-proxy", login.to(host), life, parent, after=made))
    return made
