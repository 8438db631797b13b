"""Model servers are planned and declared with what the layers below them add to the facts of the cluster."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

from components.clusters import Cluster, ClusterArgs
from components.clusters.environment import EnvironmentContext
from components.contracts.api_groups import MONITORING
from components.contracts.contributions import Contribution, extended
from components.contracts.quantities import ByteSize
from components.contracts.served_models import ServedModel
from stacks.definitions import OURS
from stacks.layers.layer import Run
from stacks.layers.parts import Parts
from stacks.layers.platform import SharedNamespace
from stacks.layers.serving import SERVING, ServingPart, StorageSettings
from tests.planner.clusters import cluster as facts_of
from tests.registration import Registrations, registered

FOUNDATION = facts_of(h100=("p5.48xlarge", 1))
MODEL = ServedModel(
    name="chat", model="Qwen/Qwen2-7B-Instruct", revision="f2826a00ceef68f0f2b946d945ecc0477ce4450c", replicas=1
)
SETTINGS = ServingPart(models=(MODEL,), storage=StorageSettings(catalog_size=ByteSize.gib(100)))


def declared(project: Path, contribution: Contribution) -> Registrations:
    """The serving layer on a cluster whose foundation knows nothing of the contribution."""
    facts = extended(FOUNDATION, contribution)
    stacks = OURS.context(project)
    run = Run(
        stack="lab", environment=EnvironmentContext(project=project), stacks=stacks, secret=pulumi.Output.from_input
    )

    def declare() -> None:
        lab = Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=FOUNDATION))
        below = Parts([lab, SharedNamespace(name="models"), facts])
        SERVING.declare(SETTINGS, SERVING.plans(SETTINGS, facts), below, run)

    return registered(declare)


@pytest.mark.parametrize(("apis", "pod_monitors"), [((), 0), ((MONITORING,), 1)])
def test_servers_are_scraped_where_a_layer_below_installs_the_prometheus_operator(
    project: Path, apis: tuple[str, ...], pod_monitors: int
) -> None:
    assert MONITORING not in FOUNDATION.apis
    assert len(declared(project, Contribution(apis=apis)).of("PodMonitor")) == pod_monitors
