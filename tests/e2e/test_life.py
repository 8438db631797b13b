"""A stack through its whole life on a real engine, provider, API server and scheduler.

``STACK`` chooses the stack; each step prints its time.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cloud_stacks import CLOUD_STACKS, SPLIT_STACKS
from tests.e2e.pods import servers
from tests.first_run.stacks import STACKS as FIRST_RUNS
from tests.sandbox import Sandbox, sandbox

STACK = os.environ.get("STACK", "dev")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(
        STACK in {*CLOUD_STACKS, *SPLIT_STACKS, *FIRST_RUNS, "hybrid", "shared", "devices"},
        reason=f"the life of stack {STACK} is told by a file of its own",
    ),
]


def ours(box: Sandbox) -> set[str]:
    """Everything in the cluster that carries our label, by kind and name."""
    kinds = "namespace,priorityclass,storageclass,pvc,pv,deployment,job,service,pod,networkpolicy,hpa,podmonitor,secret"
    text = box.kubectl("get", kinds, "-A", "-l", "app.kubernetes.io/part-of=strata", "-o", "name")
    return set(text.split())


def timed(box: Sandbox, step: str) -> str:
    """Run a command of the stack's life, print its time, and fail with its output."""
    begin = time.monotonic()
    done = box.strata(step)
    print(f"{STACK}: {step} {time.monotonic() - begin:.1f} s")
    assert done.returncode == 0, f"{step} failed:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("life"), STACK) as made:
        yield made


@pytest.fixture(scope="module")
def first_up(box: Sandbox) -> str:
    return timed(box, "up")


@pytest.mark.usefixtures("first_up")
class TestUp:
    """Steps build on each other, in this order."""

    def test_up_ends_with_a_summary_of_what_runs(self, first_up: str) -> None:
        for part in ("qwen2-7b", "H100-SXM", "http://qwen2-7b.models.svc:8000/v1", "make down"):
            assert part in first_up, f"the summary has to show {part}"

    def test_servers_run_on_gpu_nodes_with_their_allocation(self, box: Sandbox) -> None:
        pods = servers(box)
        assert len(pods) == 2, "two replicas were asked for"
        for pod in pods:
            assert pod.status.phase == "Running"
            assert (pod.spec.node or "").startswith("h100-"), "the plan says H100"
            assert pod.spec.containers[0].resources.requests["nvidia.com/gpu"] == "1"
        assert len({pod.spec.node for pod in pods}) == 2, "replicas are spread over nodes"

    def test_gpus_are_allocated_on_the_nodes(self, box: Sandbox) -> None:
        described = box.kubectl("describe", "nodes", "-l", "strata.dev/pool=h100")
        allocated = re.findall(r"nvidia\.com/gpu\s+(\d+)\s+(\d+)", described)
        assert sum(int(requests) for requests, _ in allocated) == 2

    def test_the_catalog_is_filled_and_its_volume_bound(self, box: Sandbox) -> None:
        job = box.kubectl("get", "job", "-n", "models", "-o", "jsonpath={.items[*].status.succeeded}")
        assert job == "1"
        claim = box.kubectl("get", "pvc", "model-catalog", "-n", "models", "-o", "jsonpath={.status.phase}")
        assert claim == "Bound"

    def test_everything_that_was_promised_holds(self, box: Sandbox) -> None:
        done = box.strata("verify", "--wait=30")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "nvidia.com/gpu" in done.stdout, "devices are among it"

    def test_a_second_up_changes_nothing(self, box: Sandbox) -> None:
        before = ours(box)
        out = timed(box, "up")
        assert "unchanged" in out
        for verb in ("created", "updated", "deleted", "replaced"):
            assert not re.search(rf"^\s+\S+ \d+ {verb}$", out, re.MULTILINE), f"nothing may be {verb}:\n{out[-1500:]}"
        assert ours(box) == before

    def test_refresh_finds_no_difference(self, box: Sandbox) -> None:
        done = box.run(["pulumi", "refresh", "--yes", "--expect-no-changes", "--non-interactive", "-s", STACK])
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def test_no_secret_stands_in_the_state(self, box: Sandbox) -> None:
        state = box.folder / ".strata/backend/.pulumi/stacks/strata" / f"{STACK}.json"
        assert "hf_development_placeholder" not in state.read_text()

    def test_a_change_rolls_the_servers_to_the_other_gpu(self, box: Sandbox) -> None:
        old = {pod.metadata.name for pod in servers(box)}
        box.edit("gpu: H100-SXM", "gpu: L40S")
        out = timed(box, "up")
        assert "updated" in out
        pods = [pod for pod in servers(box) if pod.metadata.name not in old]
        assert pods, "servers have to roll"
        assert all((pod.spec.node or "").startswith("l40s-") for pod in pods), "the plan says L40S now"

    def test_a_larger_model_takes_more_gpus_probes_and_storage(self, box: Sandbox) -> None:
        before = box.kubectl("get", "pvc", "model-catalog", "-n", "models", "-o", "jsonpath={.spec.resources}")
        box.edit("gpu: L40S", "gpu: H100-SXM")
        box.edit("Qwen/Qwen2-7B-Instruct", "meta-llama/Llama-3.3-70B-Instruct")
        timed(box, "up")
        gpus = {pod.spec.containers[0].resources.requests["nvidia.com/gpu"] for pod in servers(box)}
        assert max(int(count) for count in gpus) >= 2, "70B in bf16 does not fit one H100"
        after = box.kubectl("get", "pvc", "model-catalog", "-n", "models", "-o", "jsonpath={.spec.resources}")
        assert after != before, "the catalog has to grow with the checkpoint"

    def test_down_leaves_no_process_and_no_state(self, box: Sandbox) -> None:
        timed(box, "down")
        assert not box.control_plane.layout.home.exists()
        assert not list((box.folder / ".strata/backend/.pulumi/stacks/strata").glob("*.json"))
        running = [
            entry
            for entry in Path("/proc").glob("[0-9]*/cmdline")
            if str(box.folder).encode() in _read(entry) and b"pytest" not in _read(entry)
        ]
        assert not running, "no process of the stack may be left"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
