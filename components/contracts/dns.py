"""DNS zones in which names of a cluster's Services may be written, and how external-dns writes them.

What differs between DNS services is data here; the component that runs external-dns asks for none of them by name.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .addresses import HOST_LABEL
from .forms import Form
from .model import Contract
from .names import LabelKey, LabelValue
from .sequences import Items

DomainName = Annotated[str, Form(rf"{HOST_LABEL}(\.{HOST_LABEL})+", "ai.example.com"), Field(max_length=253)]
"""Domain of a zone, without a dot at its end."""


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
    variables: Items[SecretVariable] = ()
    on_internet: bool = True
    """Whether its API is reached by way of the internet only."""
    ports: Items[int] = ()
    """TCP ports that its pods reach beside those of Kubernetes: of who hands out identities, or of a name server."""
