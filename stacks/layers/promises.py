"""What a layer promises of a cluster once it is up, as plain data to compare with what the cluster answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class ReadyNodes:
    """Nodes of a pool that are ready.

    Attributes:
        pool: Name of the pool.
        selector: Labels of its nodes.
        count: How many there are at least.
    """

    pool: str
    selector: Mapping[str, str]
    count: int


@dataclass(frozen=True, kw_only=True)
class AllocatableDevices:
    """Devices that each node of a pool offers to pods.

    Attributes:
        pool: Name of the pool.
        selector: Labels of its nodes.
        resource: What pods ask for, such as ``nvidia.com/gpu``.
        per_node: Devices of one node.
    """

    pool: str
    selector: Mapping[str, str]
    resource: str
    per_node: int


@dataclass(frozen=True, kw_only=True)
class RunningDaemons:
    """Pods of every DaemonSet of a namespace, ready on each node that it chooses."""

    namespace: str


@dataclass(frozen=True, kw_only=True)
class BoundVolume:
    """A claim that has its volume."""

    namespace: str
    claim: str


@dataclass(frozen=True, kw_only=True)
class ReadyReplicas:
    """Pods of a Deployment that are ready, at least as many as planned."""

    namespace: str
    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class ReadyEndpoints:
    """Ready addresses behind a Service."""

    namespace: str
    service: str


Promise: TypeAlias = ReadyNodes | AllocatableDevices | RunningDaemons | BoundVolume | ReadyReplicas | ReadyEndpoints
"""One thing that holds once a stack is up."""
