"""Row B4: models on FSx for Lustre, in a stack of their own, go and come back while cluster and files stay.

Steps of the class build on each other. Volumes and claims are bound by a real controller manager.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cloud_stacks import SPLIT_STACKS
from tests.e2e.pods import servers
from tests.sandbox import Sandbox, sandbox
from tests.stack_files import replace_text

FOUNDATION, PLATFORM, SERVING = STACKS = SPLIT_STACKS
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", SERVING) not in STACKS, reason="chosen is another stack"),
]
LUSTRE = "{kind: lustre, zone: us-east-2b, capacity: 4800Gi, throughput: 250MB/s/TiB}"


@pytest.fixture(scope="class")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("volumes"), *STACKS) as made:
        old = "shared_storage:\n      kind: efs"
        replace_text(made.folder, made.folder, FOUNDATION, old, f"shared_storage: {LUSTRE}")
        yield made


def run(box: Sandbox, step: str, stack: str) -> str:
    """Run a command on a stack, print its time, and fail with its output."""
    begin = time.monotonic()
    done = box.beside(stack).strata(step, timeout=600)
    print(f"{stack}: {step} {time.monotonic() - begin:.1f} s")
    assert done.returncode == 0, f"{step} of {stack} failed:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def volumes(box: Sandbox) -> dict[str, str]:
    """Phase of each PersistentVolume by namespace and name of its claim."""
    items = json.loads(box.kubectl("get", "persistentvolumes", "-o", "json"))["items"]
    claims = {f"{one['spec']['claimRef']['namespace']}/{one['spec']['claimRef']['name']}": one for one in items}
    return {claim: one["status"]["phase"] for claim, one in claims.items()}


BOUND = {"models/model-catalog": "Bound", "model-catalog-setup/root-folder": "Bound"}


class TestLife:
    def test_b4_a_platform_has_a_class_that_makes_no_volume_and_none_of_its_own(self, box: Sandbox) -> None:
        run(box, "up", FOUNDATION)
        run(box, "up", PLATFORM)
        provisioner = box.kubectl("get", "storageclass", "strata-shared", "-o", "jsonpath={.provisioner}")
        assert provisioner == "kubernetes.io/no-provisioner"
        assert volumes(box) == {}
        path = 'jsonpath={.items[*].status.conditions[?(@.type=="Available")].status}'
        available = box.kubectl("get", "apiservices", "-o", path)
        assert set(available.split()) == {"True"}, "or no namespace would ever go, and the models not come back"

    def test_b4_models_come_up_on_a_folder_that_changed_hands_first(self, box: Sandbox) -> None:
        run(box, "up", SERVING)
        assert volumes(box) == BOUND
        assert [pod.status.phase for pod in servers(box)] == ["Running", "Running"]
        jobs = json.loads(box.kubectl("get", "jobs", "-A", "-o", "json"))["items"]
        ended = {one["metadata"]["namespace"]: one["status"]["completionTime"] for one in jobs}
        (fetch,) = (one for one in jobs if one["metadata"]["namespace"] == "models")
        assert ended["model-catalog-setup"] <= fetch["metadata"]["creationTimestamp"]

    def test_b4_a_second_up_changes_nothing(self, box: Sandbox) -> None:
        assert "unchanged" in run(box, "up", SERVING)
        assert volumes(box) == BOUND

    def test_b4_models_that_were_taken_down_come_back(self, box: Sandbox) -> None:
        run(box, "down", SERVING)
        assert volumes(box) == {}, "one that stayed would be Released for ever"
        assert "model-catalog-setup" not in box.kubectl("get", "namespaces", "-o", "name")
        run(box, "up", SERVING)
        assert volumes(box) == BOUND
        assert [pod.status.phase for pod in servers(box)] == ["Running", "Running"]

    def test_b4_everything_goes_in_the_end(self, box: Sandbox) -> None:
        for stack in reversed(STACKS):
            run(box, "down", stack)
