"""The device plugin runs on the pools that it advertises, and Helm renders what the types say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from components.accelerators.device_plugin import device_plugin_values
from components.clusters.aks.facts import aks_facts
from components.contracts.capacity import Spot
from components.contracts.versions import NVIDIA_DEVICE_PLUGIN, NVIDIA_DEVICE_PLUGIN_CHART
from stacks.chart_objects import with_chart_objects
from stacks.recording import Registered
from tests.clusters.aks import pools as aks
from tests.planner.clusters import MIXED

CHART = "nvidia-device-plugin"


def rendered(chart: Path, values: dict[str, object], release: str = CHART) -> list[Registered]:
    inputs = {"chart": str(chart), "name": release, "namespace": "strata-accelerators", "values": values}
    given = json.loads(json.dumps(inputs))
    return with_chart_objects([Registered("kubernetes:helm.sh/v4:Chart", "plugin", given, "provider")])


@pytest.fixture
def chart(project: Path) -> Path:
    return project / ".strata" / "charts" / CHART


def test_the_plugin_runs_on_the_pools_that_it_advertises_and_no_others(chart: Path) -> None:
    values = device_plugin_values([MIXED.pool("h100"), MIXED.pool("h200")])
    objects = {found.name.rpartition("/")[2]: found for found in rendered(chart, dict(values.rendered()))}
    spec = yaml.safe_dump(objects[CHART].inputs["spec"])
    assert "- h100\n" in spec
    assert "- h200\n" in spec
    assert "l40s" not in spec
    assert "pci-10de" not in spec, "labels of node feature discovery, which nobody sets"
    assert f"image: {NVIDIA_DEVICE_PLUGIN.reference()}" in spec


def test_every_taint_of_its_pools_is_tolerated() -> None:
    facts = aks_facts(aks.target(), (aks.cpu_pool(), aks.gpu_pool().model_copy(update={"capacity": Spot()})))
    (pool,) = facts.gpu_pools
    assert len(pool.tolerations) > 1, "spot nodes have a taint of their own"
    values = device_plugin_values([pool])
    assert {(found.key, found.operator, found.effect) for found in values.tolerations} == {
        (taint.key, "Exists", taint.effect.value) for taint in pool.tolerations
    }


def test_a_mirror_and_a_digest_reach_the_image() -> None:
    digest = f"sha256:{'ab' * 32}"
    image = device_plugin_values([MIXED.pool("h100")], "registry.example.com/mirror", digest).image
    assert f"{image.repository}:{image.tag}" == NVIDIA_DEVICE_PLUGIN.reference("registry.example.com/mirror", digest)


def test_a_misspelt_value_is_no_value() -> None:
    with pytest.raises(ValueError, match="extra"):
        type(device_plugin_values([MIXED.pool("h100")])).model_validate({"migStrategi": "none"})


def test_the_chart_that_the_toolchain_takes_is_the_pinned_one(chart: Path) -> None:
    found = yaml.safe_load((chart / "Chart.yaml").read_text())
    assert (found["name"], found["version"]) == (NVIDIA_DEVICE_PLUGIN_CHART.name, NVIDIA_DEVICE_PLUGIN_CHART.version)
    assert f"v{found['appVersion']}" == NVIDIA_DEVICE_PLUGIN.tag
    values = yaml.safe_load((chart / "values.yaml").read_text())
    ours = device_plugin_values([MIXED.pool("h100")]).rendered()
    assert set(ours) <= set(values), "keys that the chart does not know change nothing"
