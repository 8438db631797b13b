"""The machines of a simulated site, before anybody installs Kubernetes on them.

Owns what is there: hardware, addresses, SSH keys, who may log in. The site of the example stack is
there from the start; tests add hosts of their own.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from pathlib import Path

from components.contracts.model import Contract

SITE_FILE = "site.json"
_KEY_TYPE = b"ssh-ed25519"


class SiteHost(Contract):
    """One machine.

    Attributes:
        name: Its host name.
        address: Its address inside the site.
        machine: Its hardware, by the instance catalog.
        host_key: Its SSH key.
        has_driver: Whether NVIDIA's driver is installed.
        user: Who may log in; None for the site's user.
        port: Where its SSH server listens.
    """

    name: str
    address: str
    machine: str
    host_key: str
    has_driver: bool = False
    user: str | None = None
    port: int = 22


class Site(Contract):
    """Machines behind one bastion.

    Attributes:
        hosts: The machines.
        bastion: The only address that the outside reaches.
        bastion_key: Its SSH key.
        user: Who may log in, and may run anything, where a host names nobody else.
        authorized: The public key that is let in.
        load_balancer: Name and port of a load balancer that passes connections on to every API server.
    """

    hosts: tuple[SiteHost, ...]
    bastion: str
    bastion_key: str
    user: str
    authorized: str
    load_balancer: str = "api.site.example.com:6443"

    def at(self, address: str) -> SiteHost | None:
        """The machine at an address."""
        return next((host for host in self.hosts if host.address == address), None)


def key_of(name: str) -> str:
    """A host key that belongs to a name; nobody holds the private half."""
    point = hashlib.sha256(name.encode()).digest()
    blob = struct.pack(">I", len(_KEY_TYPE)) + _KEY_TYPE + struct.pack(">I", len(point)) + point
    return f"{_KEY_TYPE.decode()} {base64.b64encode(blob).decode()}"


def _host(name: str, address: str, machine: str) -> SiteHost:
    gpus = not machine.startswith("xeon")
    return SiteHost(name=name, address=address, machine=machine, host_key=key_of(name), has_driver=gpus)


EXAMPLE = Site(
    hosts=(
        *(_host(f"cp-{number}", f"10.40.0.1{number}", "xeon-6530-x2") for number in (1, 2, 3)),
        *(_host(f"h100-{number}", f"10.40.0.2{number}", "hgx-h100") for number in (1, 2, 3)),
        _host("l40s-1", "10.40.0.31", "l40s-x4"),
        *(_host(f"cpu-{number}", f"10.40.0.4{number}", "xeon-6530-x2") for number in (1, 2, 3, 4)),
    ),
    bastion="bastion.example.com",
    bastion_key=key_of("bastion"),
    user="strata",
    authorized="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM23hIsKIWdA6CIqgtL9KKJDKXbBH0C5Ju8Xh/sLBbRY",
)
"""The site of ``Pulumi.onprem.yaml``, with a spare H100 host and a spare CPU host."""


def read_site(state: Path) -> Site:
    """The site whose state lies in the folder; the example's where nobody wrote another."""
    file = state / SITE_FILE
    return Site.model_validate_json(file.read_text()) if file.exists() else EXAMPLE


def write_site(state: Path, site: Site) -> None:
    """Put other machines there."""
    state.mkdir(parents=True, exist_ok=True)
    (state / SITE_FILE).write_text(site.model_dump_json())
