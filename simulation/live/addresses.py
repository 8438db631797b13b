"""The addresses of live nodes: one small network for each machine, joined to the host by one link.

Nodes have a range that is reserved for documentation (RFC 5737), so no real network has it. Pods of simulated nodes
have 10.244.0.0/16.
"""

from __future__ import annotations

NODE_NETWORK = "198.51.100.0/24"
HOST = "198.51.100.1"
"""The host's end of the link."""
SWITCH = "198.51.100.2"
"""The namespace in which the nodes' links meet; the registry listens there."""
HUB = "203.0.113.1"
"""Where pods find the model hub: outside of every private range, as policies expect of it (RFC 5737)."""
HUB_NAME = "huggingface.co"
REGISTRY_PORT = 5000
REGISTRY = f"{SWITCH}:{REGISTRY_PORT}"
POD_NETWORK = "10.245.0.0/16"
MOST_NODES = 100


def node_address(place: int) -> str:
    """Address of the node at that place, from 0."""
    return f"198.51.100.{10 + place}"


def pod_range(place: int) -> str:
    """Addresses of its pods."""
    return f"10.245.{place}.0/24"
