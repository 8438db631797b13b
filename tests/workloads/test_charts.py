"""Where charts are taken from."""

from __future__ import annotations

import pulumi
import pytest

from components.contracts.sources import ChartMirror
from components.contracts.versions import Chart
from components.workloads.charts import ChartRelease, ChartValues, deploy_chart
from tests.conformance.engine import run

CHART = Chart("https://charts.example.com", "web", "1.2.3")


class Values(ChartValues):
    replica_count: int = 2
    node_name: str | None = None


def inputs(mirror: ChartMirror | None) -> dict[str, object]:
    def declare() -> None:
        wanted = ChartRelease(chart=CHART, release="web", namespace="shop", values=Values(), mirror=mirror)
        deploy_chart("web", wanted, pulumi.ResourceOptions())

    (made,) = [made for made in run(declare).made if made.token.endswith(":Chart")]
    return dict(made.inputs)


@pytest.mark.parametrize(
    ("mirror", "chart", "version", "repository"),
    [
        (None, "web", "1.2.3", {"repo": "https://charts.example.com"}),
        ("oci://registry.example.com/charts", "oci://registry.example.com/charts/web", "1.2.3", None),
        ("/opt/charts", "/opt/charts/web", None, None),
    ],
)
def test_a_chart_comes_from_its_repository_a_registry_or_a_folder(
    mirror: str | None, chart: str, version: str | None, repository: object
) -> None:
    found = inputs(mirror)
    assert found["chart"] == chart
    assert found.get("version") == version
    assert found.get("repositoryOpts") == repository


def test_only_what_is_set_is_said_to_the_chart() -> None:
    assert inputs(None)["values"] == {"replicaCount": 2}
