"""The summary of what runs: models, replicas, nodes and GPUs as the scheduler placed them."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from rich.markup import escape
from rich.table import Table

from components.contracts.errors import StrataError
from stacks.layers.layer import Workload
from stacks.mode import Mode, make_command

from .console import out
from .stack import PROJECT_FOLDER, SHELL_FILE, LoadedStack

_WAIT_SECONDS = 60
"""How long a pod may take to be made and to get a node, where an autoscaler makes it after the run as well."""


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
        return any(condition.type == "Ready" and condition.status == "True" for condition in self.status.conditions)

    @property
    def gpus(self) -> int:
        asked = [request for container in self.spec.containers for request in container.resources.requests.items()]
        return sum(
            int(count) for resource, count in asked if resource.startswith(("nvidia.com/gpu", "nvidia.com/mig-"))
        )

    @property
    def trouble(self) -> str:
        """Why the pod has no node, in the scheduler's words."""
        return next((condition.message for condition in self.status.conditions if condition.type == "PodScheduled"), "")


class _PodList(_Model):
    items: list[_Pod]


@dataclass(frozen=True)
class Replica:
    """One pod that is ready."""

    name: str
    node: str
    gpus: int


@dataclass(frozen=True)
class Running:
    """A workload and its pods that are ready."""

    workload: Workload
    replicas: Sequence[Replica]


def wait_for_workloads(stack: LoadedStack, repair: Callable[[], None] | None = None) -> list[Running]:
    """Wait until as many pods are ready as planned, and return them.

    The engine waits for one server of a model that is scaled; the others are made by its autoscaler, and load the
    checkpoint after the run.

    Args:
        stack: The stack.
        repair: Restarts processes of the cluster that died; an API server can die after the engine created its last
            object, when nothing else restarts it. None repairs nothing.

    Raises:
        StrataError: Too few pods of a workload are ready; with the scheduler's reason.
    """
    if not stack.workloads:
        return []
    begun = time.monotonic()
    while True:
        pods = _pods_after_repair(stack, repair)
        found = [Running(workload, _ready(pods, workload)) for workload in stack.workloads]
        short = [running.workload for running in found if len(running.replicas) < running.workload.replicas]
        if not short:
            return found
        if time.monotonic() - begun > _patience(short, pods):
            raise _too_few(stack, short, pods)
        time.sleep(0.5)


def _patience(short: Sequence[Workload], pods: Sequence[_Pod]) -> float:
    """Seconds to wait for these workloads: longer while all of their pods have a node, where they load."""
    placed = Counter(_instance_of(pod) for pod in pods if pod.spec.node and not pod.metadata.deleted)
    if any(placed[workload.name] < workload.replicas for workload in short):
        return _WAIT_SECONDS
    return _WAIT_SECONDS + max(workload.startup_seconds for workload in short)


def _too_few(stack: LoadedStack, short: Sequence[Workload], pods: Sequence[_Pod]) -> StrataError:
    names = [workload.name for workload in short]
    reasons = {pod.trouble for pod in pods if _instance_of(pod) in names and pod.trouble}
    return StrataError.of(
        f"models: {', '.join(names)}",
        cause=f"fewer servers are ready than planned. {' '.join(sorted(reasons))}".strip(),
        consequence="the model answers with less capacity, or not at all",
        fix=shlex.join(_kubectl(stack, "get", "pods", "-n", short[0].namespace, "-o", "wide")),
    )


def _pods_after_repair(stack: LoadedStack, repair: Callable[[], None] | None) -> list[_Pod]:
    try:
        return _pods(stack)
    except StrataError:
        if repair is None:
            raise
        repair()
        return _pods(stack)


def print_summary(stack: LoadedStack, running: Sequence[Running]) -> None:
    """Print a table of what runs, the endpoints, and the commands to try next."""
    if running:
        _print_servers(stack, running)
    else:
        out.print(f"stack {stack.name}: {stack.model.describe()}")
    out.print("\nnext:")
    out.print(f"  {escape(_log_in(stack) + shlex.join(_kubectl(stack, 'get', 'pods', '-A', '-o', 'wide')))}")
    out.print(f"  {make_command('status', stack.name, stack.mode)}    what runs")
    out.print(f"  {make_command('down', stack.name, stack.mode)}      remove everything")


def _print_servers(stack: LoadedStack, running: Sequence[Running]) -> None:
    table = Table(title=f"stack {stack.name}", title_justify="left", title_style="bold")
    for column in ("model", "plan", "server", "node", "GPUs"):
        table.add_column(column, justify="right" if column == "GPUs" else "left", no_wrap=True)
    for entry in running:
        for index, replica in enumerate(sorted(entry.replicas, key=lambda replica: replica.name)):
            first = (entry.workload.name, entry.workload.about) if index == 0 else ("", "")
            table.add_row(*first, replica.name, replica.node, str(replica.gpus))
    out.print(table)
    for entry in running:
        out.print(f"endpoint  {entry.workload.endpoint}   (inside the cluster, OpenAI protocol)")


def _pods(stack: LoadedStack) -> list[_Pod]:
    groups = dict.fromkeys((workload.namespace, workload.selector) for workload in stack.workloads)
    return [pod for namespace, selector in groups for pod in _pods_of(stack, namespace, selector)]


def _pods_of(stack: LoadedStack, namespace: str, selector: str) -> list[_Pod]:
    command = _kubectl(stack, "get", "pods", "-n", namespace, "-l", selector, "-o", "json")
    done = subprocess.run(command, cwd=PROJECT_FOLDER, env=stack.variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StrataError.of(
            "target",
            cause=f"the cluster does not answer: {done.stderr.strip()}",
            consequence="what runs is unknown",
            fix=make_command("up", stack.name, stack.mode),
        )
    return _PodList.model_validate_json(done.stdout).items


def _instance_of(pod: _Pod) -> str:
    return pod.metadata.labels.get("app.kubernetes.io/instance", "")


def _ready(pods: Sequence[_Pod], workload: Workload) -> list[Replica]:
    return [
        Replica(pod.metadata.name, pod.spec.node or "", pod.gpus)
        for pod in pods
        if _instance_of(pod) == workload.name and pod.ready and not pod.metadata.deleted
    ]


def _log_in(stack: LoadedStack) -> str:
    """What a shell sources before `kubectl`; a simulated cloud has its own log-in program."""
    return f". {SHELL_FILE.relative_to(PROJECT_FOLDER)} && " if stack.mode is Mode.SIMULATED else ""


def _kubectl(stack: LoadedStack, *arguments: str) -> list[str]:
    path = stack.kubeconfig
    shown = path.relative_to(PROJECT_FOLDER) if path.is_relative_to(PROJECT_FOLDER) else path
    return ["kubectl", f"--kubeconfig={shown}", *arguments]
