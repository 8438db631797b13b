"""A layer of a stack: its settings, what it needs from below, its checks, and what it declares.

A stack is a list of layers. The layers that a layer needs are in the same stack, as components, or in another stack, as
outputs; ``Parts`` contain both in the same form. What a layer adds to the facts of the cluster is its ``contribution``,
plain data that is known before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, Protocol, TypeVar

import pulumi
from pydantic import BaseModel

from components.clusters.environment import AnyEnvironment, EnvironmentContext
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.contributions import Contribution
from components.contracts.errors import Problem
from components.contracts.forms import Form
from components.contracts.serving import ServingPlan
from stacks.yaml_file import Value

from .parts import Parts
from .promises import Promise


@dataclass(frozen=True, kw_only=True)
class StackContext:
    """What is known besides a stack's settings before anything runs.

    Attributes:
        project: Folder with the stacks' files.
        environments: Environments that a target may belong to.
    """

    project: Path
    environments: Sequence[AnyEnvironment]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a layer gets when it declares its components.

    Attributes:
        stack: Name of the stack that runs.
        environment: Context of the environment.
        stacks: What was known before the run.
        secret: Gives the value of a top-level key that holds a secret.
        mark: Parent of everything that a simulated cloud makes; None in other runs.
        charts: Folder with the charts of runs without a real cluster; None takes charts from where the stack says.
    """

    stack: str
    environment: EnvironmentContext
    stacks: StackContext
    secret: Callable[[str], pulumi.Output[str]]
    mark: pulumi.Resource | None = None
    charts: Path | None = None

    def provisioned(self) -> pulumi.ResourceOptions | None:
        """Options of resources that a cloud creates: in a simulated run the mark is their parent."""
        return pulumi.ResourceOptions(parent=self.mark) if self.mark else None


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Pods that run once a stack is up.

    Attributes:
        name: Value of the label ``app.kubernetes.io/instance``.
        namespace: Where they run.
        selector: Label that chooses the pods of all workloads of that kind.
        replicas: How many of them have to be ready.
        startup_seconds: How long one may take from its start until it is ready.
        about: What they are, in a few words.
        endpoint: How they are reached.
    """

    name: str
    namespace: str
    selector: str
    replicas: int
    startup_seconds: float
    about: str
    endpoint: str


StackName = Annotated[str, Form(r"([A-Za-z0-9_.-]{1,100}/){0,2}[A-Za-z0-9_.-]{1,100}", "aws-foundation")]
"""A stack as ``organization/project/stack``, or only ``stack`` within this project."""


def stack_below(settings: object, layer: str) -> str | None:
    """The stack that holds a layer below, as the setting of that name has it; None when the same stack holds it."""
    named: object = getattr(settings, layer, None)
    return named if isinstance(named, str) else None


def is_same_stack(one: str, other: str) -> bool:
    """Whether two names mean the same stack; either may leave out organization and project."""
    return all(a == b for a, b in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False))


SettingsT = TypeVar("SettingsT", bound=BaseModel)


def no_problems(_settings: object, _context: StackContext) -> Iterable[Problem]:
    """For layers whose settings cannot contradict each other."""
    return ()


def no_contradictions(_settings: object, _below: Parts) -> Iterable[Problem]:
    """For layers without further demands on the layers below."""
    return ()


def no_contribution(_settings: object, _facts: ClusterFacts) -> Contribution:
    """For layers that add nothing to the facts."""
    return Contribution()


def no_plans(_settings: object, _facts: ClusterFacts) -> Mapping[str, ServingPlan]:
    """For layers that serve no models."""
    return {}


def no_refusals(_settings: object, _facts: ClusterFacts, _plans: Mapping[str, ServingPlan]) -> Iterable[Problem]:
    """For layers whose components refuse nothing that their types allow."""
    return ()


def no_notes(_settings: object, _facts: ClusterFacts) -> Sequence[str]:
    """For layers of which there is nothing to say."""
    return ()


def no_workloads(_settings: object, _plans: Mapping[str, ServingPlan]) -> Sequence[Workload]:
    """For layers that run nothing that people wait for."""
    return ()


def no_promises(_settings: object, _facts: ClusterFacts, _plans: Mapping[str, ServingPlan]) -> Sequence[Promise]:
    """For layers of which nothing can be seen on the cluster."""
    return ()


def nothing_expected(_settings: object, _context: StackContext) -> None:
    """What a layer provides that no other names."""


def nothing_read(_stack: str, _outputs: Mapping[str, Value]) -> None:
    """The same from the outputs of its stack."""


def nothing_received(_below: Parts, _stack: str, _run: Run) -> None:
    """The same as components."""


def nothing_to_ask(_outputs: Mapping[str, Value], _start_command: str | None) -> None:
    """For layers whose outputs are enough."""


@dataclass(frozen=True, kw_only=True)
class Layer(Generic[SettingsT]):
    """One kind of layer.

    Attributes:
        name: Its name, which is also the setting by which other stacks name a stack of it.
        within: Scope of the stacks that hold it, beside ``all``; None where that is its name.
        settings: Type of its settings; the settings of each scope are composed of such types.
        needs: Names of the layers that it builds on.
        outputs: Outputs that show that a stack of it is up.
        expect: What it will provide, from its settings alone.
        read: What it provides, from the name and the outputs of its stack; StrataError for another version's.
        receive: The same as components, in another stack.
        declare: Declares its components and exports; what it provides to layers of the same stack.
        problems: What is wrong with its settings.
        contradictions: Where its settings contradict what other stacks provide.
        contribution: What it adds to the facts.
        plans: Plans of the models that it serves, by name; StrataError with every problem.
        refusals: What the constructors of the components that it declares would refuse.
        notes: What works otherwise than somebody may expect, on a cluster with these facts.
        workloads: What runs once it is up.
        promises: What holds on the cluster once it is up.
        require_answer: Raises StrataError when what another stack created does not answer.
    """

    name: str
    settings: type[SettingsT]
    declare: Callable[[SettingsT, Mapping[str, ServingPlan], Parts, Run], object]
    outputs: Sequence[str] = ()
    expect: Callable[[SettingsT, StackContext], object] = nothing_expected
    read: Callable[[str, Mapping[str, Value]], object] = nothing_read
    receive: Callable[[Parts, str, Run], object] = nothing_received
    within: str | None = None
    needs: Sequence[str] = ()
    problems: Callable[[SettingsT, StackContext], Iterable[Problem]] = no_problems
    contradictions: Callable[[SettingsT, Parts], Iterable[Problem]] = no_contradictions
    contribution: Callable[[SettingsT, ClusterFacts], Contribution] = no_contribution
    plans: Callable[[SettingsT, ClusterFacts], Mapping[str, ServingPlan]] = no_plans
    refusals: Callable[[SettingsT, ClusterFacts, Mapping[str, ServingPlan]], Iterable[Problem]] = no_refusals
    notes: Callable[[SettingsT, ClusterFacts], Sequence[str]] = no_notes
    workloads: Callable[[SettingsT, Mapping[str, ServingPlan]], Sequence[Workload]] = no_workloads
    promises: Callable[[SettingsT, ClusterFacts, Mapping[str, ServingPlan]], Sequence[Promise]] = no_promises
    require_answer: Callable[[Mapping[str, Value], str | None], None] = nothing_to_ask

    @property
    def part_of(self) -> str:
        """Scope of the stacks that hold it, beside ``all``."""
        return self.within or self.name

    def bind(self, settings: object) -> BoundLayer | None:
        """The layer with its part of a stack's settings; None when the stack does not hold it."""
        return _Bound(self, settings) if isinstance(settings, self.settings) else None


class AnyLayer(Protocol):
    """A layer whose settings type does not matter to whoever holds it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def part_of(self) -> str:
        """Scope of the stacks that hold it, beside ``all``."""
        ...

    @property
    def settings(self) -> type[BaseModel]:
        """Type of its settings."""
        ...

    @property
    def needs(self) -> Sequence[str]:
        """Names of the layers that it builds on."""
        ...

    @property
    def outputs(self) -> Sequence[str]:
        """Outputs that show that a stack of it is up."""
        ...

    @property
    def read(self) -> Callable[[str, Mapping[str, Value]], object]:
        """What it provides, from the outputs of its stack."""
        ...

    @property
    def receive(self) -> Callable[[Parts, str, Run], object]:
        """The same as components."""
        ...

    @property
    def require_answer(self) -> Callable[[Mapping[str, Value], str | None], None]:
        """Raises StrataError when what another stack created does not answer."""
        ...

    def bind(self, settings: object) -> BoundLayer | None:
        """The layer with its part of a stack's settings; None when the stack does not hold it."""
        ...


class BoundLayer(Protocol):
    """A layer joined to its settings; the fields of ``Layer`` without them."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def needs(self) -> Sequence[str]:
        """Names of the layers that it builds on."""
        ...

    def expect(self, context: StackContext) -> object:
        """What it will provide, from its settings alone."""
        ...

    def problems(self, context: StackContext) -> Iterable[Problem]:
        """What is wrong with its settings."""
        ...

    def contradictions(self, below: Parts) -> Iterable[Problem]:
        """Where its settings contradict what other stacks provide."""
        ...

    def contribution(self, facts: ClusterFacts) -> Contribution:
        """What it adds to the facts."""
        ...

    def plans(self, facts: ClusterFacts) -> Mapping[str, ServingPlan]:
        """Plans of the models that it serves, by name."""
        ...

    def refusals(self, facts: ClusterFacts, plans: Mapping[str, ServingPlan]) -> Iterable[Problem]:
        """What the constructors of its components would refuse."""
        ...

    def notes(self, facts: ClusterFacts) -> Sequence[str]:
        """What works otherwise than somebody may expect."""
        ...

    def workloads(self, plans: Mapping[str, ServingPlan]) -> Sequence[Workload]:
        """What runs once it is up."""
        ...

    def promises(self, facts: ClusterFacts, plans: Mapping[str, ServingPlan]) -> Sequence[Promise]:
        """What holds on the cluster once it is up."""
        ...

    def declare(self, plans: Mapping[str, ServingPlan], below: Parts, run: Run) -> object:
        """Declare its components and exports; returns what it provides to layers of the same stack."""
        ...


@dataclass(frozen=True)
class _Bound(Generic[SettingsT]):
    layer: Layer[SettingsT]
    settings: SettingsT

    @property
    def name(self) -> str:
        return self.layer.name

    @property
    def needs(self) -> Sequence[str]:
        return self.layer.needs

    def expect(self, context: StackContext) -> object:
        return self.layer.expect(self.settings, context)

    def problems(self, context: StackContext) -> Iterable[Problem]:
        return self.layer.problems(self.settings, context)

    def contradictions(self, below: Parts) -> Iterable[Problem]:
        return self.layer.contradictions(self.settings, below)

    def contribution(self, facts: ClusterFacts) -> Contribution:
        return self.layer.contribution(self.settings, facts)

    def plans(self, facts: ClusterFacts) -> Mapping[str, ServingPlan]:
        return self.layer.plans(self.settings, facts)

    def refusals(self, facts: ClusterFacts, plans: Mapping[str, ServingPlan]) -> Iterable[Problem]:
        return self.layer.refusals(self.settings, facts, plans)

    def notes(self, facts: ClusterFacts) -> Sequence[str]:
        return self.layer.notes(self.settings, facts)

    def workloads(self, plans: Mapping[str, ServingPlan]) -> Sequence[Workload]:
        return self.layer.workloads(self.settings, plans)

    def promises(self, facts: ClusterFacts, plans: Mapping[str, ServingPlan]) -> Sequence[Promise]:
        return self.layer.promises(self.settings, facts, plans)

    def declare(self, plans: Mapping[str, ServingPlan], below: Parts, run: Run) -> object:
        return self.layer.declare(self.settings, plans, below, run)
