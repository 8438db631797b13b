"""NVIDIA's DRA driver serves the pools that ask for it, and allocates GPUs beside no device plugin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from components.accelerators.dra_driver import (
    DRA_RELEASE,
    DraDriver,
    DraDriverValues,
    dra_driver_values,
    driver_root_problems,
)
from components.accelerators.ownership import Owner, deployments, ownership
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import PoolFacts
from components.contracts.pools import DriverOwner, GpuAdvertiser, GpuPool
from components.contracts.versions import NVIDIA_DRA_DRIVER, NVIDIA_DRA_DRIVER_CHART
from components.planner.shapes import pool_facts
from stacks.chart_objects import with_chart_objects
from stacks.recording import Registered

TRAYS = GpuPool(name="nvl72", instance_type="gb200-nvl72-tray", count=4, compute_domains=True)
CLAIMED = GpuPool(name="claimed", instance_type="p5.48xlarge", count=2, advertiser=GpuAdvertiser.DRA)


def rendered(chart: Path, values: DraDriverValues) -> dict[str, Registered]:
    inputs = {"chart": str(chart), "name": DRA_RELEASE, "namespace": "strata-accelerators", "values": values.rendered()}
    given = json.loads(json.dumps(inputs))
    made = with_chart_objects([Registered("kubernetes:helm.sh/v4:Chart", "driver", given, "provider")])
    return {
        f"{found.token.rpartition(':')[2]} {found.name.rpartition('/')[2].rpartition(':')[2]}": found for found in made
    }


def values(*pools: GpuPool) -> DraDriverValues:
    return dra_driver_values(DraDriver(pools=[pool_facts(pool) for pool in pools]))


@pytest.fixture
def chart(project: Path) -> Path:
    return project / ".strata" / "charts" / NVIDIA_DRA_DRIVER_CHART.name


def text_of(objects: dict[str, Registered], name: str) -> str:
    return yaml.safe_dump(objects[name].inputs)


def test_the_class_of_gpus_has_no_field_that_api_servers_drop(chart: Path) -> None:
    (made,) = [
        found for name, found in rendered(chart, values(CLAIMED)).items() if name == "DeviceClass gpu.nvidia.com"
    ]
    assert made.inputs["apiVersion"] == "resource.k8s.io/v1"
    assert "extendedResourceName" not in json.dumps(made.inputs), "1.34 drops it, and each further up would write it"


def test_domains_run_beside_the_device_plugin_and_allocate_no_gpu(chart: Path) -> None:
    objects = rendered(chart, values(TRAYS))
    plugin = text_of(objects, f"DaemonSet {DRA_RELEASE}-kubelet-plugin")
    assert "name: compute-domains" in plugin
    assert "name: gpus\n" not in plugin
    assert "DeviceClass gpu.nvidia.com" not in objects
    assert {"DeviceClass compute-domain-daemon.nvidia.com", f"Deployment {DRA_RELEASE}-controller"} <= objects.keys()
    assert "CustomResourceDefinition computedomains.resource.nvidia.com" in objects


def test_claims_need_no_controller_of_domains(chart: Path) -> None:
    objects = rendered(chart, values(CLAIMED))
    plugin = text_of(objects, f"DaemonSet {DRA_RELEASE}-kubelet-plugin")
    assert "name: gpus\n" in plugin
    assert "name: compute-domains\n" not in plugin
    assert f"Deployment {DRA_RELEASE}-controller" not in objects
    assert "resource.k8s.io/v1\n" in text_of(objects, "DeviceClass gpu.nvidia.com")


def test_it_runs_on_the_pools_that_it_serves_and_no_others(chart: Path) -> None:
    plugin = text_of(rendered(chart, values(TRAYS)), f"DaemonSet {DRA_RELEASE}-kubelet-plugin")
    assert "strata.dev/pool" in plugin
    assert "- nvl72\n" in plugin
    assert "pci-10de" not in plugin, "labels of node feature discovery, which nobody sets"
    assert f"image: {NVIDIA_DRA_DRIVER.reference()}" in plugin
    assert "key: nvidia.com/gpu\n" in plugin, "without the toleration it would run on no node with GPUs"


def test_the_driver_is_looked_for_where_it_is(chart: Path) -> None:
    by_operator = CLAIMED.model_copy(update={"driver": DriverOwner.GPU_OPERATOR})
    plugin = text_of(rendered(chart, values(by_operator)), f"DaemonSet {DRA_RELEASE}-kubelet-plugin")
    assert "value: /run/nvidia/driver" in plugin
    assert values(CLAIMED).nvidia_driver_root == "/"


def test_pools_with_their_drivers_in_different_places_are_refused() -> None:
    elsewhere = CLAIMED.model_copy(update={"name": "other", "driver": DriverOwner.GPU_OPERATOR})
    (problem,) = driver_root_problems([pool_facts(CLAIMED), pool_facts(elsewhere)])
    assert problem.field == "node_pools[other].driver"
    assert not list(driver_root_problems([pool_facts(CLAIMED), pool_facts(TRAYS)]))


def test_a_mirror_and_a_digest_reach_the_image() -> None:
    digest = f"sha256:{'ab' * 32}"
    wanted = DraDriver(pools=[pool_facts(CLAIMED)], image_mirror="registry.example.com/mirror", image_digest=digest)
    image = dra_driver_values(wanted).image
    assert f"{image.repository}:{image.tag}" == NVIDIA_DRA_DRIVER.reference("registry.example.com/mirror", digest)


def test_the_chart_that_the_toolchain_takes_is_the_pinned_one(chart: Path) -> None:
    found = yaml.safe_load((chart / "Chart.yaml").read_text())
    assert (found["name"], found["version"]) == (NVIDIA_DRA_DRIVER_CHART.name, NVIDIA_DRA_DRIVER_CHART.version)
    assert f"v{found['appVersion']}" == NVIDIA_DRA_DRIVER.tag
    known: JsonValue = yaml.safe_load((chart / "values.yaml").read_text())
    assert unknown(values(CLAIMED, TRAYS).rendered(), known) == [], "keys that the chart does not know change nothing"


def unknown(ours: JsonValue, chart: JsonValue) -> list[str]:
    """Keys that the chart lacks, as far down as it has any."""
    if not isinstance(ours, dict) or not isinstance(chart, dict) or not chart:
        return []
    missing = [key for key in ours if key not in chart]
    return [*missing, *(found for key in ours if key in chart for found in unknown(ours[key], chart[key]))]


def owned(pool: GpuPool) -> tuple[Owner, Owner | None]:
    (found,) = ownership(local_facts("dev", (pool,)))
    return found.gpus, found.domains


def test_who_advertises_the_gpus_and_who_opens_domains_are_two_questions() -> None:
    assert owned(TRAYS) == (Owner.DEVICE_PLUGIN, Owner.DRA_DRIVER)
    assert owned(CLAIMED) == (Owner.DRA_DRIVER, None)
    assert owned(TRAYS.model_copy(update={"advertiser": GpuAdvertiser.DRA})) == (Owner.DRA_DRIVER, Owner.DRA_DRIVER)


def test_where_nothing_is_installed_others_run_the_driver() -> None:
    facts = local_facts("dev", (TRAYS, CLAIMED))
    assert deployments(facts, install=False).dra_driver == ()
    assert [pool.domains for pool in ownership(facts, install=False)] == [Owner.OTHERS, None]


def test_a_pool_without_the_setting_has_no_domain_to_share() -> None:
    def facts(**changes: object) -> PoolFacts:
        return pool_facts(TRAYS.model_copy(update=changes))

    assert (facts().compute_domain_gpus, facts().compute_domain_nodes) == (72, 18)
    assert (facts(compute_domains=False).compute_domain_gpus, facts(compute_domains=False).compute_domain_nodes) == (
        0,
        1,
    )
