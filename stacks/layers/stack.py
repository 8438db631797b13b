"""A stack that is a list of layers over one cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from components.clusters.environment import BoundEnvironment
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.contributions import Contribution, extended
from components.contracts.costs import CostLine
from components.contracts.errors import Problem, raise_problems
from components.contracts.network_facts import NetworkFacts
from components.contracts.serving import ServingPlan
from stacks.below import Need, NotUpError, missing_output
from stacks.outputs import contributions_of, export_contributions, export_costs
from stacks.stack import OtherStacks, Stack
from stacks.yaml_file import Value

from .foundation import FOUNDATION, FoundationOutputs, FoundationPart, environment_of
from .layer import AnyLayer, Run, StackContext, Workload, stack_below
from .parts import Parts, PartT
from .promises import Promise


class LayeredStack:
    """The settings of a stack, and its layers."""

    def __init__(self, scope: str, settings: object, layers: Sequence[AnyLayer], context: StackContext) -> None:
        bound = [layer.bind(settings) for layer in layers]
        self.scope = scope
        self.settings = settings
        self.layers = [layer for layer in bound if layer]
        self.sessions_output: str | None = None
        self._known = {layer.name: layer for layer in layers}
        self._context = context
        self.needs: Sequence[Need] = self._needs()
        foundation = self.part(FoundationPart)
        self.environment: BoundEnvironment | None = environment_of(foundation, context) if foundation else None

    def _needs(self) -> Sequence[Need]:
        """The stacks below, each once, in the order of the layers."""
        own = {layer.name for layer in self.layers}
        needed = {name for layer in self.layers for name in layer.needs} - own
        named = {name: stack_below(self.settings, name) for name in self._known if name in needed}
        return [Need(field=name, stack=stack) for name, stack in named.items() if stack]

    @property
    def cluster_stack(self) -> str | None:
        """The stack that holds the cluster; None when it is this one."""
        return stack_below(self.settings, FOUNDATION.name)

    def part(self, kind: type[PartT]) -> PartT | None:
        """The settings of one layer; None when the stack does not hold it."""
        return self.settings if isinstance(self.settings, kind) else None

    def describe(self) -> str:
        """A description of the cluster."""
        return self.environment.describe() if self.environment else f"the cluster of stack {self.cluster_stack}"

    def costs(self) -> tuple[CostLine, ...]:
        """What is paid by the hour; only a stack that makes a cluster has any."""
        return self.environment.costs() if self.environment else ()

    def expected_network(self, name: str) -> NetworkFacts | None:
        """The cluster's network, from the settings."""
        return self.environment.network(name) if self.environment else None

    def expected(self, layer: str) -> tuple[object, ...]:
        """What a layer would provide, from its settings alone."""
        return tuple(bound.expect(self._context) for bound in self.layers if bound.name == layer)

    def expected_contributions(self, facts: ClusterFacts) -> ClusterFacts:
        """The facts with what the layers add to them."""
        for layer in self.layers:
            facts = extended(facts, layer.contribution(facts))
        return facts

    def facts(self, others: OtherStacks) -> ClusterFacts:
        """What is known of the cluster, from this stack and those below."""
        return self.expected_contributions(self._below(others).facts or self._own_facts())

    def check(self, others: OtherStacks) -> CheckedLayers:
        """Settings, then the stacks below, then plans and what components refuse, each with every problem at once."""
        below = self._below(others)
        if below.missing and below.facts is None:
            raise below.missing
        raise_problems(problem for layer in self.layers for problem in layer.contradictions(below.provided))
        raise_problems(problem for layer in self.layers for problem in layer.problems(self._context))
        base = facts = below.facts or self._own_facts()
        plans: dict[str, ServingPlan] = {}
        for layer in self.layers:
            facts = extended(facts, layer.contribution(facts))
            plans |= layer.plans(facts)
            raise_problems(layer.refusals(facts, plans))
        return CheckedLayers(stack=self, below=below, plans=plans, base=base)

    def planned(self, plans: Mapping[str, ServingPlan]) -> CheckedLayers:
        """A stack without stacks below, with plans that were checked before."""
        return CheckedLayers(stack=self, below=_Below(Parts(), (), (), None, None), plans=plans, base=self._own_facts())

    def _own_facts(self) -> ClusterFacts:
        (outputs,) = self.expected(FOUNDATION.name)
        return Parts([outputs]).of(FoundationOutputs).cluster_facts

    def _below(self, others: OtherStacks) -> _Below:
        """What the stacks below provide: from their outputs, or from their files while they are not up."""
        provided, received, absent = Parts(), list[_Received](), list[tuple[Need, Problem]]()
        expected: list[_Received] = []
        wrong: list[Problem] = []
        adding: dict[str, Callable[[ClusterFacts], ClusterFacts]] = {}
        for need in self.needs:
            layer, outputs = self._known[need.field], others.outputs(need.stack)
            cause = missing_output(outputs, layer.outputs)
            if cause is None and isinstance(outputs, dict):
                part = layer.read(need.stack, outputs)
                provided = provided.with_part(part)
                received.append(_Received(layer, need.stack, Parts([part]), outputs))
                adding[need.stack] = partial(_with_outputs, need.stack, outputs)
                continue
            file = others.file(need.stack)
            problem = need.not_up(cause or "", others.mode)
            absent.append((need, problem if file else need.misspelt(problem, others.known)))
            if file:
                wrong += self._unfit(need, file)
                parts = file.expected(need.field)
                for part in parts:
                    provided = provided.with_part(part)
                expected.append(_Received(layer, need.stack, Parts(parts), {}))
                adding.setdefault(need.stack, file.expected_contributions)
        raise_problems(wrong)
        lacks_cluster = any(need.field == FOUNDATION.name for need, _ in absent)
        missing = NotUpError((problem for _, problem in absent), lacks_cluster=lacks_cluster) if absent else None
        foundation = provided.find(FoundationOutputs)
        if foundation is None:
            return _Below(provided, received, expected, None, missing)
        facts = reduce(lambda known, add: add(known), adding.values(), foundation.cluster_facts)
        return _Below(provided, received, expected, facts, missing)

    def _unfit(self, need: Need, file: Stack) -> Iterator[Problem]:
        """Why a stack, as its file describes it, cannot be what this one builds on."""
        if not file.expected(need.field):
            yield need.of_another_kind(file.scope)
        elif need.field == FOUNDATION.name:
            yield from (need.twice(layer.name) for layer in self.layers if file.expected(layer.name))


@dataclass(frozen=True)
class _Received:
    """What one stack below provides for one layer."""

    layer: AnyLayer
    stack: str
    parts: Parts
    outputs: Mapping[str, Value]


@dataclass(frozen=True)
class _Below:
    """Everything that the stacks below provide; facts are None when the cluster is in this stack, or unknown.

    What is expected comes from the files of stacks that are not up: enough to record a stack, not to bring it up.
    """

    provided: Parts
    received: Sequence[_Received]
    expected: Sequence[_Received]
    facts: ClusterFacts | None
    missing: NotUpError | None


def _with_outputs(stack: str, outputs: Mapping[str, Value], facts: ClusterFacts) -> ClusterFacts:
    """The facts with what the layers of a stack that is up add to them."""
    for contribution in contributions_of(stack, outputs).values():
        facts = extended(facts, contribution)
    return facts


@dataclass(frozen=True, kw_only=True)
class CheckedLayers:
    """A stack of layers with valid settings.

    Attributes:
        stack: The stack.
        below: What the stacks below provide.
        plans: The plan of each model by its name.
        base: Facts of the cluster before its own layers add to them.
    """

    stack: LayeredStack
    below: _Below
    plans: Mapping[str, ServingPlan]
    base: ClusterFacts

    @property
    def missing(self) -> NotUpError | None:
        """Why it cannot be brought up yet."""
        return self.below.missing

    @property
    def notes(self) -> Sequence[str]:
        """What works otherwise than somebody may expect."""
        facts = self.stack.expected_contributions(self.base)
        return [note for layer in self.stack.layers for note in layer.notes(facts)]

    @property
    def workloads(self) -> Sequence[Workload]:
        """What runs once it is up."""
        return [workload for layer in self.stack.layers for workload in layer.workloads(self.plans)]

    @property
    def promises(self) -> Sequence[Promise]:
        """What holds on the cluster once it is up, lower layers first."""
        facts = self.stack.expected_contributions(self.base)
        return [promise for layer in self.stack.layers for promise in layer.promises(facts, self.plans)]

    def require_ready(self, run: Run, start_command_below: str | None) -> None:
        """Check account and clusters."""
        if self.missing:
            raise self.missing
        for received in self.below.received:
            received.layer.require_answer(received.outputs, start_command_below)
        if self.stack.environment:
            self.stack.environment.require_account(run.environment)

    def declare(self, run: Run) -> None:
        """Declare the layers, lower ones first, each with what those below it provide."""
        below = Parts()
        for received in (*self.below.received, *self.below.expected):
            below = below.with_part(received.layer.receive(received.parts, received.stack, run))
        facts = self.base
        contributions: dict[str, Contribution] = {}
        for layer in self.stack.layers:
            contributions[layer.name] = layer.contribution(facts)
            facts = extended(facts, contributions[layer.name])
            below = below.with_part(layer.declare(self.plans, below.with_part(facts), run))
        export_contributions(contributions)
        export_costs(self.stack.costs())
