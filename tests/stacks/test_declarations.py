"""What check accepts is declared without a refusal, and what constructors refuse is refused by check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest

from components.clusters import Cluster, ClusterArgs
from components.clusters.eks.settings import EksTarget, LoadBalancerController
from components.clusters.environment import EnvironmentContext
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import StrataError
from components.contracts.quantities import ByteSize
from components.contracts.serving import Engine, ServingPlan, Topology
from stacks.checks import files_only
from stacks.definitions import OURS
from stacks.layers.foundation import FOUNDATION, FoundationPart
from stacks.layers.layer import Run
from stacks.layers.parts import Parts
from stacks.layers.platform import PLATFORM, PlatformPart, SharedNamespace
from stacks.layers.serving import SERVING, ServingPart, StorageSettings
from stacks.reading import read_stack
from tests.registration import Registrations, refusal, registered

SERVING_STACKS = ("dev", "aws", "azure", "gcp", "onprem", "aws-serving")


def served(project: Path, name: str) -> tuple[ServingPart, ClusterFacts, Mapping[str, ServingPlan]]:
    """Settings, facts and plans of an example stack, as check knows them."""
    stack = read_stack(project, name, OURS).stack
    others = files_only(project)
    settings = stack.part(ServingPart)
    assert settings is not None
    # A size of its own, because the mocks know no outputs of an earlier run.
    sized = settings.model_copy(update={"storage": StorageSettings(catalog_size=ByteSize.gib(1000))})
    return sized, stack.facts(others), stack.check(others).plans


def run_of(project: Path) -> Run:
    return Run(
        stack="lab",
        environment=EnvironmentContext(project=project, secrets={"hugging_face_token": pulumi.Output.secret("none")}),
        stacks=OURS.context(project),
        secret=pulumi.Output.from_input,
    )


def declare(project: Path, settings: ServingPart, facts: ClusterFacts, plans: Mapping[str, ServingPlan]) -> None:
    """Declare platform and model servers on a cluster with these facts."""
    run = run_of(project)
    below = Parts([Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=facts)), facts])
    namespace = PLATFORM.declare(PlatformPart(namespace=settings.namespace), {}, below, run)
    SERVING.declare(settings, plans, below.with_part(namespace), run)


def registered_by(project: Path, name: str) -> Registrations:
    settings, facts, plans = served(project, name)
    return registered(lambda: declare(project, settings, facts, plans))


@pytest.mark.parametrize("name", SERVING_STACKS)
def test_an_example_that_check_accepts_is_declared(project: Path, name: str) -> None:
    settings, _, _ = served(project, name)
    made = registered_by(project, name)
    assert {str(found.at("metadata", "name")) for found in made.of("Deployment")} == {m.name for m in settings.models}
    assert made.of("StorageClass") or name == "dev"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"topology": Topology.MULTI_NODE}, "models[0].topology"),
        ({"topology": Topology.DISAGGREGATED}, "models[0].topology"),
        ({"engine": Engine.TEI}, "models[0].engine"),
    ],
)
def test_what_a_constructor_refuses_is_refused_by_the_layer_and_before_anything_is_registered(
    project: Path, changes: dict[str, object], field: str
) -> None:
    settings, facts, plans = served(project, "dev")
    broken = {name: plan.model_copy(update=changes) for name, plan in plans.items()}
    found = list(SERVING.refusals(settings, facts, broken))
    assert [problem.field for problem in found] == [field]

    def serve() -> None:
        below = Parts([Cluster("lab", ClusterArgs(kubeconfig="/kubeconfig", facts=facts)), facts])
        SERVING.declare(settings, broken, below.with_part(SharedNamespace(name="models")), run_of(project))

    error, made = refusal(serve)
    assert list(error.problems) == found
    assert not [registration for registration in made if registration.token.startswith("kubernetes:")]


def test_check_asks_every_layer_what_its_components_refuse(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = read_stack(project, "dev", OURS).stack
    from components.serving import model_service  # noqa: PLC0415 - replaced only here

    error = StrataError.of("anything", cause="a", consequence="b", fix="c")
    monkeypatch.setattr(model_service, "refusals", lambda _args: error.problems)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(StrataError) as caught:
        stack.check(files_only(project))
    assert "models[0].anything" in [problem.field for problem in caught.value.problems]


def test_a_foundation_names_the_chart_that_a_run_lacks(project: Path, tmp_path: Path) -> None:
    settings = read_stack(project, "aws", OURS).stack.part(FoundationPart)
    assert settings is not None
    assert isinstance(settings.target, EksTarget)
    target = settings.target.model_copy(update={"load_balancer_controller": LoadBalancerController.INSTALLED})
    wanted = settings.model_copy(update={"target": target})
    error, made = refusal(lambda: FOUNDATION.declare(wanted, {}, Parts(), replace(run_of(project), charts=tmp_path)))
    (problem,) = error.problems
    assert problem.field == "target.load_balancer_controller"
    assert problem.cause == f"{tmp_path} has no chart aws-load-balancer-controller"
    assert problem.fix == "make toolchain"
    assert made == []
