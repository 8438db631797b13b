"""Where an environment keeps secrets that objects of the cluster may ask for, and how external-secrets reads them.

What differs between stores is data here; the component that runs external-secrets asks for none of them by name.
"""

from __future__ import annotations

from pydantic import JsonValue

from .model import Contract
from .names import LabelKey, LabelValue
from .sequences import Items


class SecretStoreFacts(Contract):
    """A place with secrets, outside of the cluster, that one service account may read."""

    provider: str
    """Its kind as ``spec.provider`` of a ClusterSecretStore spells it, such as ``aws``."""
    settings: dict[str, JsonValue]
    """What is below that key."""
    about: str
    """Which secrets may be read, for people."""
    pod_labels: dict[LabelKey, LabelValue] = {}
    """Labels by which its pods get their identity, where the cluster's own webhook hands them out."""
    on_internet: bool = True
    """Whether it is reached by way of the internet only."""
    ports: Items[int] = ()
    """TCP ports that pods reach beside those of Kubernetes: of who hands out identities, or of the store itself."""
