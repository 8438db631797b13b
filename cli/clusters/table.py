"""The table that maps the presence of an environment to what this machine does for its cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components.clusters.environment import BoundEnvironment, EnvironmentContext, Presence
from stacks.mode import Mode

from .machine import ClusterMachine
from .remote import CloudCluster, GivenCluster


@dataclass(frozen=True, kw_only=True)
class ClusterQuestion:
    """The cluster that a command works on.

    Attributes:
        environment: Its environment; None where only another project knows it.
        context: Context of the environment.
        mode: Whether its cloud is real.
        variables: Environment variables of programs that are run for it.
    """

    environment: BoundEnvironment | None
    context: EnvironmentContext
    mode: Mode
    variables: Mapping[str, str]


def machine_of(presence: Presence, question: ClusterQuestion) -> ClusterMachine:
    """What this machine has to do for the cluster."""
    return _MACHINES[presence](question)


def _embedded(question: ClusterQuestion) -> ClusterMachine:
    # Runs on existing clusters never load the simulation.
    from .embedded import embedded_cluster  # noqa: PLC0415

    environment = question.environment
    return embedded_cluster(environment, question.context.state) if environment else _NOTHING


def _given(question: ClusterQuestion) -> ClusterMachine:
    return GivenCluster(question.environment, question.context) if question.environment else _NOTHING


def _provisioned(question: ClusterQuestion) -> ClusterMachine:
    if question.mode is not Mode.SIMULATED:
        return _NOTHING
    from .simulated import simulated_cluster  # noqa: PLC0415

    return simulated_cluster(question.environment.name if question.environment else None, question.variables)


_NOTHING = CloudCluster()
_MACHINES: Mapping[Presence, Callable[[ClusterQuestion], ClusterMachine]] = {
    Presence.EMBEDDED: _embedded,
    Presence.GIVEN: _given,
    Presence.CLOUD: _provisioned,
    Presence.HOSTS: _provisioned,
}
