"""Kubernetes objects of the example stacks are those of 3d70e42, but for differences that are listed and argued."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from tests.cli.test_rendering import rendered

from .recorded import WHOLE_STACKS, rendered_objects
from .settings import write_settings


@dataclass(frozen=True, kw_only=True)
class Argued:
    """A difference that is meant.

    Attributes:
        place: File, ``:`` and path in it, with ``*`` for any text.
        stacks: Where it shows.
        why: What is better for it, and for whom.
    """

    place: str
    stacks: frozenset[str] = frozenset(WHOLE_STACKS)
    why: str


ARGUED: tuple[Argued, ...] = (
    *(
        Argued(
            place=f"networkpolicy..models..{name}.yaml:spec.egress*.to",
            why="pods look names up at a cache on the node too; with kube-dns alone they would be cut off on GKE",
        )
        for name in ("allow-dns", "model-catalog")
    ),
    Argued(
        stacks=frozenset({"dev", "aws", "azure"}),
        place="*strata-accelerators*:",
        why="nobody told Kubernetes about the GPUs of nodes whose image has no device plugin, and no server ran",
    ),
    *(
        Argued(
            stacks=frozenset({"onprem"}),
            place=place,
            why="hosts lack container toolkit and device plugin; the GPU operator brings both, and no server ran",
        )
        for place in ("*strata-accelerators*:", "*gpu-operator*:", "*.nvidia.com.yaml:", "*.nfd.k8s-sigs.io.yaml:")
    ),
    *(
        Argued(
            stacks=frozenset({"onprem"}),
            place=place,
            why="hosts get metrics-server, without which nothing is scaled by CPU",
        )
        for place in ("*metrics-server*:", "*strata-metrics*:", "*metrics.k8s.io.yaml:")
    ),
    *(
        Argued(
            stacks=frozenset({"onprem"}),
            place=place,
            why="hosts with broken GPUs are taken out of service; no server is touched by it",
        )
        for place in ("*node-repair*:", "*node-problem-detector*:")
    ),
    Argued(
        stacks=frozenset({"gcp"}),
        place="deployment..models..qwen2-7b.yaml:spec.template.spec.containers[[]0].env",
        why="NCCL of a server on RDMA machines found the tuner of gIB without its settings, and ended with an error",
    ),
    Argued(
        stacks=frozenset({"gcp"}),
        place="persistentvolume..strata-shared.yaml:spec.csi.volumeAttributes.ip",
        why="the address of a Filestore that does not exist yet was an empty text; reviewers see that it will be known",
    ),
    Argued(
        place="configmap..models..model-catalog-program.yaml:data.*.py",
        why="the Job says why a volume cannot be written before it downloads; its program lies in a second file",
    ),
    Argued(
        stacks=frozenset({"gcp", "azure"}),
        place="persistentvolume..strata-shared.yaml:spec.claimRef",
        why="no other claim takes the volume of the catalog",
    ),
    Argued(
        stacks=frozenset({"gcp", "azure"}),
        place="storageclass..strata-shared.yaml:provisioner",
        why="another claim of the class bought a second file system; a class that exists keeps its provisioner",
    ),
    *(
        Argued(
            stacks=frozenset({"aws"}),
            place=f"deployment..models..qwen2-7b.yaml:spec.{path}",
            why="a cold start compiles, and storage is read at the rate that it sustains: a slow one is not broken",
        )
        for path in ("progressDeadlineSeconds", "template.spec.containers?0?.startupProbe.failureThreshold")
    ),
)


def differences(before: JsonValue, after: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """Path, old and new value of everything that differs; None where there is nothing."""
    match before, after:
        case dict(), dict():
            for key in sorted(before.keys() | after.keys()):
                yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
        case list(), list() if len(before) == len(after):
            for position, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from differences(old, new, f"{path}[{position}]")
        case _:
            if before != after or type(before) is not type(after):
                yield path, before, after


def places(before: dict[str, dict[str, JsonValue]], after: dict[str, dict[str, JsonValue]]) -> dict[str, str]:
    """Every place that differs, with what was and is there."""
    return {
        f"{file}:{path}": f"{str(old)[:300]} -> {str(new)[:300]}"
        for file in sorted(before.keys() | after.keys())
        for path, old, new in differences(before.get(file), after.get(file))
    }


@pytest.fixture(scope="module", params=WHOLE_STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def today(project: Path, stack: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, JsonValue]]:
    settings, folder = tmp_path_factory.mktemp("settings"), tmp_path_factory.mktemp(stack)
    write_settings(project, settings, stack)
    rendered(settings, stack, folder)
    return read_objects(folder)


def read_objects(folder: Path) -> dict[str, dict[str, JsonValue]]:
    return {path.name: yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))}


def test_objects_are_equal_but_for_argued_differences(stack: str, today: dict[str, dict[str, JsonValue]]) -> None:
    before = rendered_objects(stack)
    assert len(before) > 20, "a comparison with nothing would hold for anything"
    here = [entry for entry in ARGUED if stack in entry.stacks]
    found = places(before, today)
    unargued = {
        place: change for place, change in found.items() if not any(fnmatchcase(place, entry.place) for entry in here)
    }
    assert not unargued, "undo these, or list them in ARGUED with a reason"
    unseen = [entry.place for entry in here if not any(fnmatchcase(place, entry.place) for place in found)]
    assert not unseen, "these differ no longer: take them off the list"


def test_a_difference_is_seen(stack: str, today: dict[str, dict[str, JsonValue]]) -> None:
    service = next(name for name in today if name.startswith("service.."))
    spec = today[service]["spec"]
    assert isinstance(spec, dict)
    exposed: dict[str, JsonValue] = {**today[service], "spec": {**spec, "type": "LoadBalancer"}}
    changed = {**today, service: exposed}
    assert list(places(today, changed)) == [f"{service}:spec.type"]
    gone = {name: content for name, content in today.items() if name != service}
    assert list(places(today, gone)) == [f"{service}:"], stack
