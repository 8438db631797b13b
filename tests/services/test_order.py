"""In which order services come, and so go the other way round."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.clusters.environment import EnvironmentContext
from stacks.checks import check_all
from stacks.definitions import OURS
from stacks.layers.layer import Run
from stacks.layers.services import ServicesPart
from stacks.project import charts_folder
from stacks.reading import read_whole_stack
from tests.conformance.engine import Made, run


def _declared(project: Path) -> list[Made]:
    """Every resource of hosts whose models KEDA scales."""
    settings = read_whole_stack(project, "onprem")
    assert isinstance(settings, ServicesPart)
    services = settings.services.model_copy(
        update={"keda": settings.services.keda.model_copy(update={"install": True})}
    )
    this_run = Run(
        stack="organization/strata/onprem",
        environment=EnvironmentContext(project=project, secrets={}),
        stacks=OURS.context(project),
        secret=lambda _: pulumi.Output.secret("withheld"),
        charts=charts_folder(project),
    )
    stack = check_all(project, settings.model_copy(update={"services": services}))
    return run(lambda: stack.declare(this_run)).made


def test_a_service_with_an_api_of_its_own_goes_before_every_other(project: Path) -> None:
    """A namespace does not end while an aggregated API is registered whose pods are gone or broken."""
    made = _declared(project)
    with_api = ("metrics-server", "keda")
    of_these = {resource.urn for resource in made if resource.name.startswith(with_api)}
    services = {resource.name: resource for resource in made if resource.token.startswith("strata:services:")}
    assert {*with_api, "node-repair"} <= services.keys()
    assert [name for name, service in services.items() if service.waits_for & of_these] == []
    assert all(service.waits_for for name, service in services.items() if name in with_api), "they wait for the others"
