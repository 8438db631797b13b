"""What a layer promises of a cluster once it is up, as plain data to compare with what the cluster answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class PublishedDevices:
    """Devices of each node of a pool that a driver of dynamic resource allocation offers to claims.

    Attributes:
        pool: Name of the pool.
        selector: Labels of its nodes.
        driver: Name of the driver, such as ``gpu.nvidia.com``.
        per_node: Devices of one node.
    """

    pool: str
    selector: Mapping[str, str]
    driver: str
    per_node: int


@dataclass(frozen=True, kw_only=True)
class RunningDaemons:
    """Pods of every DaemonSet of a namespace, ready on each node that it chooses.

    Attributes:
        namespace: The namespace.
        names: DaemonSets that have to be there; others may be.
    """

    namespace: str
    names: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class BoundVolume:
    """A claim that has its volume."""

    namespace: str
    claim: str


@dataclass(frozen=True, kw_only=True)
class ReadyReplicas:
    """Pods of a Deployment that are ready, at least as many as planned.

    Attributes:
        namespace: Where it is.
        name: Its name.
        count: How many there are at least.
        about: What its pods are, in a few words.
    """

    namespace: str
    name: str
    count: int
    about: str = "model"


@dataclass(frozen=True, kw_only=True)
class ReadyEndpoints:
    """Ready addresses behind a Service."""

    namespace: str
    service: str


@dataclass(frozen=True, kw_only=True)
class AnsweringServer:
    """A model server that answers over HTTP behind its Service.

    Attributes:
        namespace: Namespace of the Service.
        service: Name of the Service.
        port: Name or number of its port.
        path: What is asked for; anything but a failure of the server is an answer, such as the wish for a key.
    """

    namespace: str
    service: str
    port: str = "http"
    path: str = "/v1/models"


Promise: TypeAlias = (
    ReadyNodes
    | AllocatableDevices
    | PublishedDevices
    | RunningDaemons
    | BoundVolume
    | ReadyReplicas
    | ReadyEndpoints
    | AnsweringServer
)
"""One thing that holds once a stack is up."""
