"""The embedded cluster as users write it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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
    bare: bool = False
    """Whether a new control plane comes without the kinds of KEDA and Prometheus, so that the stack deploys both where
    a model needs them. By default it knows the kinds, and nobody acts on them."""
    live_pools: Annotated[tuple[ObjectName, ...], Field(max_length=10)] = ()
    """Node pools whose nodes `make live` makes real: `NODES` of the first and one of each other. By default the pool of
    the first model server, and the first pool without taints, on which all other pods of the stack run."""
