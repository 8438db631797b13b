"""A model to serve: what the planner is asked, and how the service is operated."""

from __future__ import annotations

from .autoscaling import Autoscaling, FixedReplicas
from .customize import ServerCustomize
from .quantities import Duration
from .serving import ServingRequest
from .sources import Revision


class ServedModel(ServingRequest):
    """A model to serve: what the planner is asked, and how the service is operated."""

    revision: Revision
    """Commit of the repository on the hub, 40 hexadecimal digits; a branch could change between two runs."""
    autoscaling: Autoscaling = FixedReplicas()
    """Who owns the number of replicas."""
    drain: Duration = Duration(60)
    """How long answers under way may take when a server stops."""
    customize: ServerCustomize = ServerCustomize()
    """What Strata has no setting for; security, placement by the plan and policy labels cannot be touched."""

    def as_request(self) -> ServingRequest:
        """The planner's part of it."""
        return ServingRequest(**{name: getattr(self, name) for name in ServingRequest.model_fields})
