"""Helm itself renders every chart of every example with our values, and renders what a run makes.

Helm holds the values against the chart's schema, where it has one. That the API server accepts the objects is seen in
``test_examples.py``, which has the same ones.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import JsonValue

from components.contracts import versions
from components.contracts.versions import Chart
from stacks.project import charts_folder
from tests.manifests.charts import FREE, Body, alike, by_helm, by_the_provider, given, unknown_values
from tests.manifests.examples import Recording

pytestmark = [pytest.mark.engine, pytest.mark.slow]
CHARTS = {found.name for found in vars(versions).values() if isinstance(found, Chart)}


@pytest.fixture(scope="module")
def deployed(recorded: Sequence[Recording]) -> Sequence[Recording]:
    return [found for found in recorded if found.is_chart]


def chart(project: Path, found: Recording) -> Path:
    return charts_folder(project) / Path(given(found).chart).name


def test_every_pinned_chart_is_in_an_example(deployed: Sequence[Recording]) -> None:
    assert {Path(given(found).chart).name for found in deployed} == CHARTS


def test_helm_renders_what_a_run_makes(project: Path, deployed: Sequence[Recording], tmp_path: Path) -> None:
    for found in deployed:
        helms, ours = by_helm(project, found, tmp_path), by_the_provider(found)
        assert helms.keys() == ours.keys(), found.origin
        differ = [key for key, body in ours.items() if not alike(body, helms[key], given(found).namespace)]
        assert differ == [], found.origin


def test_charts_know_every_value_that_is_set(project: Path, deployed: Sequence[Recording]) -> None:
    for found in deployed:
        assert unknown_values(chart(project, found), given(found).values) == set(), found.resource.name


def misspelt(values: Body, path: Sequence[str]) -> Body:
    """The values with another name for the one at the path."""
    changed: Body = copy.deepcopy(values)
    place = changed
    for key in path[:-1]:
        inner = place[key]
        assert isinstance(inner, dict)
        place = inner
    place[f"{path[-1]}x"] = place.pop(path[-1])
    return changed


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("gpu-operator", ["driver", "enabled"]),
        ("gpu-operator", ["node-feature-discovery", "worker"]),
        ("nvidia-device-plugin", ["nfd", "enabled"]),
        ("keda", ["permissions", "operator", "restrict", "secret"]),
        ("kube-prometheus-stack", ["prometheus", "prometheusSpec", "retention"]),
        ("aws-load-balancer-controller", ["vpcId"]),
        ("metrics-server", ["args"]),
        ("dra-driver-nvidia-gpu", ["resources"]),
        ("cert-manager", ["webhook", "image"]),
        ("external-secrets", ["rbac", "aggregateToEdit"]),
    ],
)
def test_a_misspelt_value_is_noticed(name: str, path: list[str], project: Path, deployed: Sequence[Recording]) -> None:
    found = next(found for found in deployed if Path(given(found).chart).name == name)
    wrong = misspelt(given(found).values, path)
    assert unknown_values(chart(project, found), wrong) == {".".join([*path[:-1], f"{path[-1]}x"])}


def with_values(found: Recording, **values: JsonValue) -> Recording:
    inputs = dict(found.resource.inputs)
    inputs["values"] = json.loads(json.dumps({**given(found).values, **values}))
    return Recording(
        origin=found.origin,
        kubernetes=found.kubernetes,
        resource=type(found.resource)(found.resource.token, found.resource.name, inputs, found.resource.provider),
    )


def test_helm_refuses_what_the_schema_of_a_chart_forbids(
    project: Path, deployed: Sequence[Recording], tmp_path: Path
) -> None:
    found = next(found for found in deployed if Path(given(found).chart).name == "cert-manager")
    with pytest.raises(AssertionError, match="values don't meet the specifications of the schema"):
        by_helm(project, with_values(found, replicaCount="two"), tmp_path)


def test_another_value_makes_another_object(project: Path, deployed: Sequence[Recording], tmp_path: Path) -> None:
    found = next(found for found in deployed if Path(given(found).chart).name == "metrics-server")
    helms, ours = by_helm(project, with_values(found, replicas=7), tmp_path), by_the_provider(found)
    differ = {key[1] for key, body in ours.items() if not alike(body, helms[key], given(found).namespace)}
    assert differ == {"Deployment"}


def test_exceptions_are_needed(deployed: Sequence[Recording]) -> None:
    assert {name for name, _ in FREE} <= {Path(given(found).chart).name for found in deployed}
