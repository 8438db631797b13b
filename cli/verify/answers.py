"""What a cluster answers about itself, in one question, as types."""

from __future__ import annotations

import subprocess
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cli.stack import PROJECT_FOLDER, LoadedStack
from components.contracts.errors import StrataError
from stacks.mode import make_command

_KINDS = "nodes,daemonsets,deployments,persistentvolumeclaims,endpointslices.discovery.k8s.io,pods"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Metadata(_Part):
    """Name, place and labels."""

    name: str
    namespace: str = ""
    labels: dict[str, str] = {}


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


Answer = Annotated[
    Node | DaemonSet | Deployment | Claim | EndpointSlice | Pod,
    Field(discriminator="kind"),
]


class Answers(_Part):
    """Everything that promises are compared with."""

    items: list[Answer]


def ask(stack: LoadedStack) -> Answers:
    """Ask the cluster of a stack.

    Raises:
        StrataError: It does not answer.
    """
    command = ["kubectl", f"--kubeconfig={stack.kubeconfig}", "get", _KINDS, "--all-namespaces", "-o", "json"]
    done = subprocess.run(command, cwd=PROJECT_FOLDER, env=stack.variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StrataError.of(
            "target",
            cause=f"the cluster does not answer: {done.stderr.strip()}",
            consequence="nothing could be verified",
            fix=make_command("up", stack.name, stack.mode),
        )
    return Answers.model_validate_json(done.stdout)
