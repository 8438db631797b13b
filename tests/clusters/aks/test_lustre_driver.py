"""The driver of Azure Managed Lustre is the published one, but for what ``lustre_driver`` argues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from components.clusters.aks.facts import LUSTRE_DRIVER
from components.clusters.aks.lustre_driver import AksLustreDriver, LustreDriverArgs
from components.contracts.pools import POOL_LABEL
from tests.planner.clusters import cluster as facts_of
from tests.registration import Json, registered, value_at

PUBLISHED = Path(__file__).with_name("published_lustre_driver.yaml")
PLUGIN = f"/var/lib/kubelet/plugins/{LUSTRE_DRIVER}"
FLAVOURS = ("jammy", "noble")
# What a container is told, by which it works; how it is watched; what it may take of its node.
SAME = ("ports", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "resources")


@pytest.fixture(scope="module")
def published() -> Mapping[str, Json]:
    documents: list[Json] = list(yaml.safe_load_all(PUBLISHED.read_text()))
    return {str(value_at(found, "metadata", "name")): found for found in documents if found}


@pytest.fixture(scope="module")
def ours() -> Mapping[str, Json]:
    facts = facts_of(h100=("p5.48xlarge", 1), l4=("g6.12xlarge", 1))
    made = registered(lambda: AksLustreDriver("lustre", LustreDriverArgs(pools=facts.pools)))
    found = [*made.of("DaemonSet"), *made.of("CSIDriver")]
    return {str(each.at("metadata", "name")): each.inputs for each in found}


def containers(daemon: Json) -> dict[str, Json]:
    found = value_at(daemon, "spec", "template", "spec", "containers")
    assert isinstance(found, list)
    return {str(value_at(each, "name")): each for each in found}


def variables(container: Json) -> dict[str, Json]:
    found = value_at(container, "env") or []
    assert isinstance(found, list)
    return {str(value_at(each, "name")): value_at(each, "value") for each in found}


def arguments(container: Json) -> Iterator[str]:
    """Arguments with the container's variables put in."""
    found = value_at(container, "args")
    assert isinstance(found, list)
    for argument in map(str, found):
        for name, value in variables(container).items():
            argument = argument.replace(f"$({name})", str(value))  # noqa: PLW2901 - one after the other
        yield argument


def mounts(daemon: Json, container: Json) -> set[tuple[str, str, str]]:
    """Folder of the node, where it is, and how mounts in it spread."""
    pod = value_at(daemon, "spec", "template", "spec")
    volumes, mounted = value_at(pod, "volumes"), value_at(container, "volumeMounts")
    assert isinstance(volumes, list)
    assert isinstance(mounted, list)
    paths = {str(value_at(each, "name")): str(value_at(each, "hostPath", "path")).rstrip("/") for each in volumes}
    return {
        (
            paths[str(value_at(each, "name"))],
            str(value_at(each, "mountPath")).rstrip("/"),
            str(value_at(each, "mountPropagation")),
        )
        for each in mounted
    }


def test_the_driver_is_registered_as_published(published: Mapping[str, Json], ours: Mapping[str, Json]) -> None:
    assert value_at(ours[LUSTRE_DRIVER], "spec") == value_at(published[LUSTRE_DRIVER], "spec")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_its_containers_are_the_published_ones(
    flavour: str, published: Mapping[str, Json], ours: Mapping[str, Json]
) -> None:
    name = f"csi-azurelustre-node-{flavour}"
    theirs, mine = containers(published[name]), containers(ours[name])
    assert mine.keys() == theirs.keys()
    for container, there in theirs.items():
        here = mine[container]
        assert value_at(here, "image") == value_at(there, "image")
        for key in SAME:
            if key != "livenessProbe" or container != "node-driver-registrar":
                assert _plain(value_at(here, key)) == _plain(value_at(there, key)), (container, key)
        assert {*arguments(here)} - {"--remove-not-ready-taint=false"} == {*arguments(there)}
        added = {("None", PLUGIN, "None")} if container == "node-driver-registrar" else set[tuple[str, str, str]]()
        assert mounts(ours[name], here) - added == mounts(published[name], there)
        assert added <= mounts(ours[name], here), "it notes that it is registered, and its own files are read-only"
    assert variables(mine["azurelustre"]) == variables(theirs["azurelustre"])
    assert value_at(mine["azurelustre"], "securityContext", "privileged") is True


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_stands_beside_the_driver_is_root_of_its_socket_and_nothing_more(
    flavour: str, ours: Mapping[str, Json]
) -> None:
    found = containers(ours[f"csi-azurelustre-node-{flavour}"])
    for container in ("liveness-probe", "node-driver-registrar"):
        security = value_at(found[container], "securityContext")
        assert value_at(security, "capabilities", "drop") == ["ALL"]
        assert value_at(security, "readOnlyRootFilesystem") is True
        assert value_at(security, "allowPrivilegeEscalation") is False


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_it_runs_on_nodes_of_the_pools_with_its_release(
    flavour: str, published: Mapping[str, Json], ours: Mapping[str, Json]
) -> None:
    name, label = f"csi-azurelustre-node-{flavour}", "kubernetes.azure.com/os-sku-effective"
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    term = (
        "spec",
        "template",
        "spec",
        "affinity",
        "nodeAffinity",
        required,
        "nodeSelectorTerms",
        0,
        "matchExpressions",
    )
    there, here = value_at(published[name], *term), value_at(ours[name], *term)
    assert isinstance(there, list)
    assert isinstance(here, list)
    chosen = {str(value_at(each, "key")): value_at(each, "values") for each in here}
    expected = {str(value_at(each, "key")): value_at(each, "values") for each in there}
    fixed = value_at(published[name], "spec", "template", "spec", "nodeSelector", label)
    assert chosen[label] == expected.get(label, [fixed])
    assert chosen[POOL_LABEL] == ["h100", "l4"]


def _plain(value: Json) -> Json:
    """Without what an API server fills in by itself."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "protocol"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value)
