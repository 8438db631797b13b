"""The interface of a stack of any scope: what it needs, its checks, and what it declares."""

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
from .layers.promises import Promise
from .mode import Mode


class CheckedStack(Protocol):
    """A stack with valid settings."""

    @property
    def plans(self) -> Mapping[str, ServingPlan]:
        """The plan of each model by its name; empty where the stack serves none."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What works otherwise than somebody may expect."""
        ...

    @property
    def workloads(self) -> Sequence[Workload]:
        """What runs once it is up."""
        ...

    @property
    def promises(self) -> Sequence[Promise]:
        """What holds on the cluster once it is up, lower layers first."""
        ...

    @property
    def missing(self) -> NotUpError | None:
        """Why it cannot be brought up yet; its plans then rest on files alone."""
        ...

    def require_ready(self, run: Run, start_command_below: str | None) -> None:
        """Check account and clusters; called at preview, before anything is declared.

        Args:
            run: The run.
            start_command_below: Command that starts the cluster of a stack below; None where there is none.

        Raises:
            StrataError: Every problem at once.
        """
        ...

    def declare(self, run: Run) -> None:
        """Declare all components and export what other stacks need."""
        ...


class Stack(Protocol):
    """A stack as its settings describe it."""

    @property
    def scope(self) -> str:
        """Its scope, as its file has it."""
        ...

    @property
    def needs(self) -> Sequence[Need]:
        """The stacks below it, in the order in which they have to come up."""
        ...

    @property
    def environment(self) -> BoundEnvironment | None:
        """The environment of its cluster; None when another stack holds the cluster, or there is none."""
        ...

    @property
    def cluster_stack(self) -> str | None:
        """The stack that holds the cluster; None when it is this one, or there is none."""
        ...

    @property
    def sessions_output(self) -> str | None:
        """Name of the output with BGP sessions of the sites' routers; None where the stack has no links."""
        ...

    def part(self, kind: type[PartT]) -> PartT | None:
        """The settings of one layer; None when the stack does not hold it."""
        ...

    def describe(self) -> str:
        """A description of what a run changes, such as ``EKS cluster strata-aws in us-east-2``."""
        ...

    def costs(self) -> tuple[CostLine, ...]:
        """What is paid by the hour, used or not."""
        ...

    def check(self, others: OtherStacks) -> CheckedStack:
        """Compare the settings with each other, with the catalogs, and with the stacks below.

        Raises:
            StrataError: Every problem at once.
            NotUpError: A stack below is not up, and there is no file from which its outputs could be expected.
        """
        ...

    def facts(self, others: OtherStacks) -> ClusterFacts:
        """What is known of its cluster.

        Raises:
            StrataError: It has no cluster, or nothing is known about it.
        """
        ...

    def expected_network(self, name: str) -> NetworkFacts | None:
        """Its network according to its settings; None where it has none or it is unknown."""
        ...

    def expected(self, layer: str) -> tuple[object, ...]:
        """What its layer of that name would provide, from its settings alone; empty where it has no such layer."""
        ...

    def expected_contributions(self, facts: ClusterFacts) -> ClusterFacts:
        """The facts with what its layers add to them."""
        ...


@dataclass(frozen=True, kw_only=True)
class OtherStacks:
    """How a stack reads those that it builds on.

    Attributes:
        mode: Whether they are real; decides which commands the messages name.
        outputs: Reads the outputs of a stack.
        file: Reads the file of a stack; None where the file belongs to another project.
        known: Names of the stacks that have a file in this project.
        prefer_files: Whether networks are read from files before outputs; reading a backend takes a second.
    """

    mode: Mode
    outputs: OutputsOf
    file: Callable[[str], Stack | None]
    known: Sequence[str] = ()
    prefer_files: bool = False


def environment_of(stack: Stack, file: Callable[[str], Stack | None]) -> BoundEnvironment | None:
    """The environment of the stack's cluster, also when another stack of this project holds it."""
    if stack.environment or stack.cluster_stack is None:
        return stack.environment
    holder = file(stack.cluster_stack)
    return holder.environment if holder else None


def presence_of(environment: BoundEnvironment | None) -> Presence:
    """Who creates the cluster; a cloud for stacks of links, and for environments that only another project knows."""
    return environment.presence if environment else Presence.CLOUD
