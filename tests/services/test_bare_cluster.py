"""An embedded cluster that comes bare: the stack brings KEDA and Prometheus, which it otherwise finds there."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

from components.clusters.environment import EnvironmentContext
from stacks.checks import check_all
from stacks.definitions import OURS
from stacks.layers.layer import Run
from stacks.project import charts_folder
from stacks.reading import read_whole_stack
from tests.conformance.engine import run
from tests.stack_files import replace_text


@pytest.mark.parametrize(
    ("target", "brought"),
    [("name: dev", set[str]()), ("name: dev\n    bare: true", {"keda", "prometheus", "dcgm-exporter"})],
)
def test_a_scaled_model_brings_keda_with_prometheus_only_to_a_bare_cluster(
    target: str, brought: set[str], project: Path, tmp_path: Path
) -> None:
    replace_text(project, tmp_path, "dev", "name: dev", target)
    address = "" if brought else ", prometheus: 'http://prometheus.monitoring:9090'"
    scaling = f"replicas: 2\n      autoscaling: {{kind: keda, max_replicas: 4{address}}}"
    replace_text(tmp_path, tmp_path, "dev", "replicas: 2", scaling)
    this_run = Run(
        stack="organization/strata/dev",
        environment=EnvironmentContext(project=tmp_path),
        stacks=OURS.context(tmp_path),
        secret=lambda _: pulumi.Output.secret("withheld"),
        charts=charts_folder(project),
    )
    stack = check_all(tmp_path, read_whole_stack(tmp_path, "dev"))
    made = run(lambda: stack.declare(this_run)).made
    assert {one.name for one in made if one.token.startswith("strata:services:")} == brought
