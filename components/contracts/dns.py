"""DNS zones in which names of a cluster's Services may be written, and how external-dns writes them.

What differs between DNS services is data here; the component that runs external-dns asks for none of them by name.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .addresses import HostAddress
from .forms import Form
from .model import Contract
from .names import LabelKey, LabelValue
from .sequences import Items

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
DomainName = Annotated[str, Form(rf"{_LABEL}(\.{_LABEL})+", "ai.example.com"), Field(max_length=253)]
"""Domain of a zone in lower case, without a dot at its end.

external-dns v0.22.0 compares names of Services with the zones of a name server letter by letter (``findMsgZone`` of
``provider/rfc2136/rfc2136.go``), and would send changes of ``AI.example.com`` to the root zone.
"""


class ZoneFacts(Contract):
    """One zone that exists."""

    domain: DomainName
    """Names below it are written there, and its own."""
    id: str = ""
    """Name or id by which its DNS service knows it, where that is not the domain."""


class SecretVariable(Contract):
    """A variable of external-dns whose value is a secret of the stack."""

    name: str
    """The variable."""
    secret: str
    """Field of ``secrets`` that names the key of its value."""


class DnsFacts(Contract):
    """Where names of Services are written."""

    provider: str
    """The DNS service as external-dns names it, such as ``aws``."""
    zones: Annotated[Items[ZoneFacts], Field(min_length=1)]
    arguments: Items[str] = ()
    """Further arguments of external-dns."""
    pod_labels: dict[LabelKey, LabelValue] = {}
    """Labels by which its pods get their identity, where the cluster's own webhook hands them out."""
    files: dict[str, str] = {}
    """Content of files below ``/etc/kubernetes`` that it reads, by name; never a secret."""
    environment: dict[str, str] = {}
    """Variables of its pod, by name; never a secret."""
    variables: Items[SecretVariable] = ()
    on_internet: bool = True
    """Whether its API is reached by way of the internet only."""
    ports: Items[int] = ()
    """TCP ports that its pods reach beside those of Kubernetes: of who hands out identities, or of a name server."""


DNS_KEY = "dns_key"
"""Field of ``secrets`` that names the key with the TSIG key of a name server."""


class KeyAlgorithm(StrEnum):
    """How messages to a name server are signed."""

    SHA256 = "hmac-sha256"
    SHA512 = "hmac-sha512"


class NameServer(Contract):
    """A name server of the site that takes changes signed by a key (RFC 2136, RFC 8945), and hands its zones out to it.

    The key is the secret ``dns_key``.
    """

    server: HostAddress
    """Name or address of the primary server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 53
    """TCP port on which it takes changes."""
    zones: Annotated[Items[DomainName], Field(min_length=1, max_length=20)]
    """Domains of the zones in which names are written; they stay when the stack goes."""
    key_name: Annotated[str, Form(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?", "external-dns")]
    """Name of the key on the server."""
    key_algorithm: KeyAlgorithm = KeyAlgorithm.SHA256

    @property
    def facts(self) -> DnsFacts:
        """How external-dns writes there.

        Source: kubernetes-sigs/external-dns v0.22.0, ``docs/tutorials/rfc2136.md``.
        """
        return DnsFacts(
            provider="rfc2136",
            zones=tuple(ZoneFacts(domain=domain) for domain in self.zones),
            arguments=(
                f"--rfc2136-host={self.server}",
                f"--rfc2136-port={self.port}",
                *(f"--rfc2136-zone={domain}" for domain in self.zones),
                f"--rfc2136-tsig-keyname={self.key_name}",
                f"--rfc2136-tsig-secret-alg={self.key_algorithm.value}",
                # Else it would not know its own records again, and take none away.
                "--rfc2136-axfr",
            ),
            variables=(SecretVariable(name="EXTERNAL_DNS_RFC2136_TSIG_SECRET", secret=DNS_KEY),),
            on_internet=False,
            ports=(self.port,),
        )
