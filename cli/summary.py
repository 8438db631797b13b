"""What runs now, for people: models, replicas, nodes and GPUs as the scheduler placed them."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from rich.markup import escape
from rich.table import Table

from components.contracts.errors import StrataError
from stacks.mode import Mode, make_command
from stacks.targets import describe_target

from .console import out
from .stack import PROJECT_FOLDER, SHELL_FILE, Stack

_WAIT_SECONDS = 60


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class _Meta(_Model):
    name: str
    labels: dict[str, str] = {}
    deleted: str | None = Field(None, alias="deletionTimestamp")


class _Resources(_Model):
    requests: dict[str, str] = {}


class _Container(_Model):
    resources: _Resources = _Resources()


class _PodSpec(_Model):
    node: str | None = Field(None, alias="nodeName")
    containers: list[_Container]


class _Condition(_Model):
    type: str
    status: str
    message: str = ""


class _PodStatus(_Model):
    phase: str = ""
    conditions: list[_Condition] = []


class _Pod(_Model):
    metadata: _Meta
    spec: _PodSpec
    status: _PodStatus

    @property
    def ready(self) -> bool:
        return any(each.type == "Ready" and each.status == "True" for each in self.status.conditions)

    @property
    def gpus(self) -> int:
        return sum(int(each.resources.requests.get("nvidia.com/gpu", "0")) for each in self.spec.containers)

    @property
    def trouble(self) -> str:
        """Why the pod has no node, in the scheduler's words."""
        return next((each.message for each in self.status.conditions if each.type == "PodScheduled"), "")


class _PodList(_Model):
    items: list[_Pod]


@dataclass(frozen=True)
class Replica:
    """One server pod."""

    name: str
    node: str
    gpus: int


def wait_for_servers(stack: Stack, revive: Callable[[], None] | None = None) -> dict[str, list[Replica]]:
    """The ready servers of each model, once there are as many as planned.

    Args:
        stack: The stack.
        revive: Starts again what died of the cluster; an API server can die with the engine's last object, when
            nobody looks after it any more. None only looks.

    Raises:
        StrataError: A model is short of servers; with the scheduler's reason.
    """
    if not stack.plans:
        return {}
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        pods = _pods_of_living(stack, revive)
        short = [name for name, plan in stack.plans.items() if len(_ready(pods, name)) < plan.roles[0].replicas]
        if not short:
            return {name: _ready(pods, name) for name in stack.plans}
        if time.monotonic() > deadline:
            reasons = {pod.trouble for pod in pods if _model_of(pod) in short and pod.trouble}
            raise StrataError.of(
                f"models: {', '.join(short)}",
                cause=f"fewer servers are ready than planned. {' '.join(sorted(reasons))}".strip(),
                consequence="the model answers with less capacity, or not at all",
                fix=shlex.join(_kubectl(stack, "get", "pods", "-n", stack.namespace or "", "-o", "wide")),
            )
        time.sleep(0.5)


def _pods_of_living(stack: Stack, revive: Callable[[], None] | None) -> list[_Pod]:
    try:
        return _pods(stack)
    except StrataError:
        if revive is None:
            raise
        revive()
        return _pods(stack)


def print_summary(stack: Stack, replicas: dict[str, list[Replica]]) -> None:
    """A table of what runs, endpoints, and what to try next."""
    if replicas:
        _print_servers(stack, replicas)
    else:
        out.print(f"stack {stack.name}: {describe_target(stack.settings)}")
    out.print("\nnext:")
    out.print(f"  {escape(_log_in(stack) + shlex.join(_kubectl(stack, 'get', 'pods', '-A', '-o', 'wide')))}")
    out.print(f"  {make_command('status', stack.name, stack.mode)}    what runs")
    out.print(f"  {make_command('down', stack.name, stack.mode)}      remove everything")


def _print_servers(stack: Stack, replicas: dict[str, list[Replica]]) -> None:
    table = Table(title=f"stack {stack.name}", title_justify="left", title_style="bold")
    for column in ("model", "plan", "server", "node", "GPUs"):
        table.add_column(column, justify="right" if column == "GPUs" else "left", no_wrap=True)
    for name, servers in replicas.items():
        plan = stack.plans[name]
        about = f"{plan.engine.value} {plan.precision.value}, TP{plan.roles[0].tensor_parallel} on {plan.gpu}"
        for index, server in enumerate(sorted(servers, key=lambda each: each.name)):
            first = (name, about) if index == 0 else ("", "")
            table.add_row(*first, server.name, server.node, str(server.gpus))
    out.print(table)
    for name in replicas:
        out.print(f"endpoint  http://{name}.{stack.namespace}.svc:8000/v1   (inside the cluster, OpenAI protocol)")


def _pods(stack: Stack) -> list[_Pod]:
    command = _kubectl(
        stack, "get", "pods", "-n", stack.namespace or "", "-l", "strata.dev/component=model-server", "-o", "json"
    )
    done = subprocess.run(
        command, cwd=PROJECT_FOLDER, env=stack.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StrataError.of(
            "target",
            cause=f"the cluster does not answer: {done.stderr.strip()}",
            consequence="what runs is unknown",
            fix=make_command("up", stack.name, stack.mode),
        )
    return _PodList.model_validate_json(done.stdout).items


def _model_of(pod: _Pod) -> str:
    return pod.metadata.labels.get("app.kubernetes.io/instance", "")


def _ready(pods: list[_Pod], model: str) -> list[Replica]:
    return [
        Replica(pod.metadata.name, pod.spec.node or "", pod.gpus)
        for pod in pods
        if _model_of(pod) == model and pod.ready and not pod.metadata.deleted
    ]


def _log_in(stack: Stack) -> str:
    """What a shell needs before `kubectl`: a simulated cloud has a log-in program of its own."""
    return f". {SHELL_FILE.relative_to(PROJECT_FOLDER)} && " if stack.mode is Mode.SIMULATED else ""


def _kubectl(stack: Stack, *arguments: str) -> list[str]:
    path = stack.kubeconfig
    shown = path.relative_to(PROJECT_FOLDER) if path.is_relative_to(PROJECT_FOLDER) else path
    return ["kubectl", f"--kubeconfig={shown}", *arguments]
