"""Everything that Strata's stacks can run on without an account or a machine.

``control_plane`` runs embedded Kubernetes clusters, ``provider`` is the framework of simulated cloud providers, and
``clouds`` has the tables and rules of each cloud. Each imports only those before it. Production code imports none of
them; the command line, the Makefile and tests do.
"""

from .control_plane import ComponentStatus, ControlPlane, NodeChanges, Running, Status, apply_pools

__all__ = ["ComponentStatus", "ControlPlane", "NodeChanges", "Running", "Status", "apply_pools"]
