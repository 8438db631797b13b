"""A stack as program and command line see it, whatever its scope: what it needs, its checks, what it declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from components.clusters.environment import BoundEnvironment, Presence
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.costs import CostLine
from components.contracts.network_facts import NetworkFacts
from components.contracts.serving import ServingPlan

from .below import Need, NotUpError, OutputsOf
from .layers.layer import Run, Workload
from .layers.parts import PartT
from .mode import Mode


class CheckedStack(Protocol):
    """A stack whose settings hold."""

    @property
    def plans(self) -> Mapping[str, ServingPlan]:
        """The plan of each model by its name; empty where the stack serves none."""
        ...

    @property
    def workloads(self) -> Sequence[Workload]:
        """What runs once it is up."""
        ...

    @property
    def missing(self) -> NotUpError | None:
        """Why it cannot be brought up yet; its plans then stand on files alone."""
        ...

    def require_ready(self, run: Run, start_command_below: str | None) -> None:
        """Return when account and clusters can take the stack; asked at preview, before anything is declared.

        Args:
            run: The run.
            start_command_below: What starts the cluster of a stack below, where something can.

        Raises:
            StrataError: Every problem at once.
        """
        ...

    def declare(self, run: Run) -> None:
        """Declare all components and export what other stacks need."""
        ...


class Stack(Protocol):
    """A stack's settings, joined to what they mean."""

    @property
    def scope(self) -> str:
        """What it holds, as its file says."""
        ...

    @property
    def needs(self) -> Sequence[Need]:
        """The stacks below it, in the order in which they have to come up."""
        ...

    @property
    def environment(self) -> BoundEnvironment | None:
        """Where its cluster lives; None when another stack holds the cluster, or there is none."""
        ...

    @property
    def cluster_stack(self) -> str | None:
        """The stack that holds the cluster; None when it is this one, or there is none."""
        ...

    @property
    def sessions_output(self) -> str | None:
        """Output with what the routers of sites have to be set to; None where the stack has no links."""
        ...

    def part(self, kind: type[PartT]) -> PartT | None:
        """The settings of one layer; None when the stack does not hold it."""
        ...

    def describe(self) -> str:
        """What a run touches, in words, such as ``EKS cluster strata-aws in us-east-2``."""
        ...

    def costs(self) -> tuple[CostLine, ...]:
        """What is paid by the hour while nobody uses it."""
        ...

    def check(self, others: OtherStacks) -> CheckedStack:
        """Compare the settings with each other, with the catalogs, and with the stacks below.

        Raises:
            StrataError: Every problem at once.
            NotUpError: A stack below is not up, and no file tells what it would hand over.
        """
        ...

    def facts(self, others: OtherStacks) -> ClusterFacts:
        """What is known of its cluster.

        Raises:
            StrataError: there is no cluster, or nothing is known about it.
        """
        ...

    def expected_network(self, name: str) -> NetworkFacts | None:
        """Its network as its settings have it; None where it has none, or none that is known."""
        ...

    def expected(self, layer: str) -> tuple[object, ...]:
        """What its layer of that name would hand over, from its settings alone; empty where it does not hold it."""
        ...

    def expected_contributions(self, facts: ClusterFacts) -> ClusterFacts:
        """The facts with what its layers add to them."""
        ...


@dataclass(frozen=True, kw_only=True)
class OtherStacks:
    """How a stack reads those that it builds on.

    Attributes:
        mode: Whether they are real, so that people are told the right command.
        outputs: What a stack hands over now.
        file: A stack as its file describes it; None where only another project has its file.
        prefer_files: Whether files are asked before outputs for networks; a question to a backend takes a second.
    """

    mode: Mode
    outputs: OutputsOf
    file: Callable[[str], Stack | None]
    prefer_files: bool = False


def environment_of(stack: Stack, file: Callable[[str], Stack | None]) -> BoundEnvironment | None:
    """Where the stack's cluster lives, also when another stack of this project holds it."""
    if stack.environment or stack.cluster_stack is None:
        return stack.environment
    holder = file(stack.cluster_stack)
    return holder.environment if holder else None


def presence_of(environment: BoundEnvironment | None) -> Presence:
    """Who makes the cluster; a stack of links, or one whose environment only another project knows, is on a cloud."""
    return environment.presence if environment else Presence.CLOUD
