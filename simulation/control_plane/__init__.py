"""An embedded cluster: a real Kubernetes control plane as plain user processes, with simulated nodes and volumes."""

from .control_plane import ControlPlane, Running
from .pools import NodeChanges, apply_pools
from .status import ComponentStatus, Status

__all__ = ["ComponentStatus", "ControlPlane", "NodeChanges", "Running", "Status", "apply_pools"]
