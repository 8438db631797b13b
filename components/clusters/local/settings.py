"""The embedded cluster as users write it."""

from __future__ import annotations

from typing import Literal

from ...contracts.api_groups import ApiGroups
from ...contracts.model import Contract
from ...contracts.names import ObjectName


class LocalTarget(Contract):
    """The embedded control plane on this machine."""

    kind: Literal["local"] = "local"
    name: ObjectName
    """Name of the control plane; several can run at once."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
