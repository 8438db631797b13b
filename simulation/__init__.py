"""The embedded control plane: a real Kubernetes API with simulated nodes, as plain user processes.

Production code never imports this package; the command line, the Makefile and tests do.
"""

from .control_plane import ControlPlane, Running
from .pools import NodeChanges, apply_pools
from .status import ComponentStatus, Status

__all__ = ["ComponentStatus", "ControlPlane", "NodeChanges", "Running", "Status", "apply_pools"]
