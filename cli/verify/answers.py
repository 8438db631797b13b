"""What a cluster answers about itself, in one question, as types."""

from __future__ import annotations

import subprocess
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cli.stack import PROJECT_FOLDER, LoadedStack
from components.contracts.errors import StrataError
from stacks.layers.promises import AnsweringServer, PublishedDevices
from stacks.mode import make_command

_KINDS = "nodes,daemonsets,deployments,persistentvolumeclaims,endpointslices.discovery.k8s.io,pods"
_SLICES = "resourceslices.resource.k8s.io"


# https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/
_SIMULATED = "kwok.x-k8s.io/node"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Metadata(_Part):
    """Name, place, labels and annotations."""

    name: str
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Condition(_Part):
    """One condition of an object's status."""

    type: str
    status: str
    message: str = ""


class _NodeStatus(_Part):
    allocatable: dict[str, str] = {}
    conditions: list[Condition] = []


class Node(_Part):
    """A node."""

    kind: Literal["Node"]
    metadata: Metadata
    status: _NodeStatus = _NodeStatus()

    @property
    def is_ready(self) -> bool:
        """Whether its kubelet says so."""
        return any(condition.type == "Ready" and condition.status == "True" for condition in self.status.conditions)

    @property
    def runs_programs(self) -> bool:
        """Whether it is a machine; nodes of kwok are in the API alone."""
        return _SIMULATED not in self.metadata.annotations

    def devices(self, resource: str) -> int:
        """How many devices of that name it offers."""
        text = self.status.allocatable.get(resource, "0")
        return int(text) if text.isdecimal() else 0


class _DaemonStatus(_Part):
    desired: int = Field(default=0, alias="desiredNumberScheduled")
    ready: int = Field(default=0, alias="numberReady")


class DaemonSet(_Part):
    """A DaemonSet."""

    kind: Literal["DaemonSet"]
    metadata: Metadata
    status: _DaemonStatus = _DaemonStatus()


class _DeploymentStatus(_Part):
    available: int = Field(default=0, alias="availableReplicas")


class Deployment(_Part):
    """A Deployment."""

    kind: Literal["Deployment"]
    metadata: Metadata
    status: _DeploymentStatus = _DeploymentStatus()


class _ClaimStatus(_Part):
    phase: str = ""


class Claim(_Part):
    """A claim on a volume."""

    kind: Literal["PersistentVolumeClaim"]
    metadata: Metadata
    status: _ClaimStatus = _ClaimStatus()


class _EndpointConditions(_Part):
    ready: bool | None = None


class _Endpoint(_Part):
    conditions: _EndpointConditions = _EndpointConditions()


class EndpointSlice(_Part):
    """A part of the addresses behind a Service."""

    kind: Literal["EndpointSlice"]
    metadata: Metadata
    endpoints: list[_Endpoint] | None = None

    @property
    def ready(self) -> int:
        """How many addresses are ready."""
        return sum(endpoint.conditions.ready is not False for endpoint in self.endpoints or ())


class _PodStatus(_Part):
    phase: str = ""
    conditions: list[Condition] = []


class Pod(_Part):
    """A pod."""

    kind: Literal["Pod"]
    metadata: Metadata
    status: _PodStatus = _PodStatus()

    @property
    def why_pending(self) -> str:
        """Why it has no node, in the scheduler's words; empty where it has one."""
        return next(
            (found.message for found in self.status.conditions if found.type == "PodScheduled" and found.message), ""
        )


class _Device(_Part):
    name: str


class _SliceSpec(_Part):
    driver: str
    node: str = Field(default="", alias="nodeName")
    devices: list[_Device] = []


class ResourceSlice(_Part):
    """Devices that a driver of dynamic resource allocation offers."""

    kind: Literal["ResourceSlice"]
    metadata: Metadata
    spec: _SliceSpec


Answer = Annotated[
    Node | DaemonSet | Deployment | Claim | EndpointSlice | Pod | ResourceSlice,
    Field(discriminator="kind"),
]


class ServerAnswer(_Part):
    """What a model server said over HTTP.

    Attributes:
        namespace: Namespace of its Service.
        service: Name of its Service.
        code: Status; None where no answer came.
        text: The answer in words.
    """

    namespace: str
    service: str
    code: int | None = None
    text: str = ""


class Answers(_Part):
    """Everything that promises are compared with."""

    items: list[Answer]
    servers: list[ServerAnswer] = []

    @property
    def run_programs(self) -> bool:
        """Whether pods run somewhere, so that a server can be asked."""
        return any(item.runs_programs for item in self.items if isinstance(item, Node))

    def of_server(self, promise: AnsweringServer) -> ServerAnswer | None:
        """What the server said; None where it was not asked."""
        wanted = (promise.namespace, promise.service)
        return next((found for found in self.servers if (found.namespace, found.service) == wanted), None)


def ask(stack: LoadedStack) -> Answers:
    """Ask the cluster of a stack.

    Raises:
        StrataError: It does not answer.
    """
    # Versions before 1.34 have no such kind, and would refuse the whole question.
    has_slices = any(isinstance(promise, PublishedDevices) for promise in stack.checked.promises)
    kinds = f"{_KINDS},{_SLICES}" if has_slices else _KINDS
    command = ["kubectl", f"--kubeconfig={stack.kubeconfig}", "get", kinds, "--all-namespaces", "-o", "json"]
    done = subprocess.run(command, cwd=PROJECT_FOLDER, env=stack.variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StrataError.of(
            "target",
            cause=f"the cluster does not answer: {done.stderr.strip()}",
            consequence="nothing could be verified",
            fix=make_command("up", stack.name, stack.mode),
        )
    return Answers.model_validate_json(done.stdout)
