"""Where charts are taken from, and in which order their objects go."""

from __future__ import annotations

import subprocess
import sys

import pulumi
import pytest
import yaml

from components.contracts.sources import ChartMirror
from components.contracts.versions import Chart
from components.workloads import definitions_first
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


CHART_WITH_DEFINITIONS = """---
# Source: web/crds/shops.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: shops.example.com
spec:
  schema:
    enum:
    - =
---
# Source: web/templates/account.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    kept: "1"
spec:
  template:
    metadata:
      annotations:
        number: "0x10"
"""


def test_what_starts_pods_goes_after_the_definitions_of_its_chart() -> None:
    done = subprocess.run(
        [sys.executable, definitions_first.__file__],
        input=CHART_WITH_DEFINITIONS,
        capture_output=True,
        text=True,
        check=True,
    )
    definition, account, deployment = done.stdout.split("---")[1:]
    assert f"---{definition}---{account}---" == CHART_WITH_DEFINITIONS[: -len(_last(CHART_WITH_DEFINITIONS))]
    body = yaml.safe_load(deployment)
    assert body["metadata"]["annotations"] == {
        "kept": "1",
        "config.kubernetes.io/depends-on": "apiextensions.k8s.io/CustomResourceDefinition/shops.example.com",
    }
    assert body["spec"] == yaml.safe_load(_last(CHART_WITH_DEFINITIONS))["spec"]


def test_a_chart_without_definitions_is_left_as_it_is() -> None:
    alone = "---" + _last(CHART_WITH_DEFINITIONS)
    assert definitions_first.definitions_first(alone) == alone


def test_every_chart_is_rendered_with_definitions_first() -> None:
    assert inputs(None)["postRenderer"] == {"command": sys.executable, "args": [definitions_first.__file__]}


def _last(manifests: str) -> str:
    return manifests.rpartition("---")[2]
