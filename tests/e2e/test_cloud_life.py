"""A cloud stack through its whole life in a simulated account: real engine, provider protocol, API server, scheduler.

``STACK`` chooses the stack; each step prints its time. Steps of a class build on each other.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulation.clouds.clouds import cloud_of
from simulation.provider.faults import clear_faults, plan_fault, recorded_calls
from simulation.provider.managed_cluster import existing_clusters
from simulation.provider.store import Store
from tests.e2e.cloud_stacks import CLOUD_STACKS, CloudStack
from tests.e2e.pods import servers
from tests.e2e.results import counts
from tests.sandbox import Sandbox, sandbox

_NAME_SECONDS = 60

STACK = os.environ.get("STACK", "aws")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(STACK not in CLOUD_STACKS, reason=f"stack {STACK} is on no simulated cloud"),
]


@pytest.fixture(scope="module")
def cloud() -> CloudStack:
    return CLOUD_STACKS[STACK]


@pytest.fixture(scope="class")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("cloud"), STACK) as made:
        yield made


@pytest.fixture(scope="class")
def first_up(box: Sandbox) -> str:
    return timed(box, "up")


def timed(box: Sandbox, step: str) -> str:
    """Run a command of the stack's life, print its time, and fail with its output."""
    begin = time.monotonic()
    done = box.strata(step, timeout=600)
    print(f"{STACK}: {step} {time.monotonic() - begin:.1f} s")
    assert done.returncode == 0, f"{step} failed:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def failing(box: Sandbox) -> str:
    """An `up` that has to end in an error, and not in a traceback."""
    done = box.strata("up", timeout=600)
    text = done.stdout + done.stderr
    assert done.returncode != 0, text[-3000:]
    assert "Traceback" not in text, text[-4000:]
    return text


def state_of(box: Sandbox) -> Path:
    return box.folder / ".strata" / "simulated"


def account(box: Sandbox, cloud: CloudStack) -> Store:
    return Store(state_of(box) / f"{cloud.package}.sqlite", cloud_of(cloud.package).seed)


def _await_name(box: Sandbox, cloud: CloudStack, kind: str) -> None:
    ends = time.monotonic() + _NAME_SECONDS
    while time.monotonic() < ends:
        with account(box, cloud).transaction() as now:
            if "door.ai.example.com" in {record.text("name") for record in now.records(kind)}:
                return
        time.sleep(0.5)
    raise AssertionError("no name was written")


def processes_below(folder: Path) -> list[str]:
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in text and "pytest" not in text:
            found.append(text)
    return found


@pytest.mark.usefixtures("first_up")
class TestLife:
    def test_up_announces_the_simulation_and_ends_with_a_summary(self, first_up: str) -> None:
        for part in ("SIMULATED: no cloud is touched", "qwen2-7b", "http://qwen2-7b.models.svc:8000/v1", "make down"):
            assert part in first_up, f"people have to see {part}"

    def test_servers_run_on_gpu_nodes_of_the_planned_pool(self, box: Sandbox, cloud: CloudStack) -> None:
        pods = servers(box)
        assert [pod.status.phase for pod in pods] == ["Running", "Running"]
        nodes = box.kubectl("get", "nodes", "-l", f"strata.dev/pool={cloud.gpu_pool}", "-o", "name").split()
        assert {f"node/{pod.spec.node}" for pod in pods} <= set(nodes)
        for pod in pods:
            assert pod.spec.containers[0].resources.requests["nvidia.com/gpu"] == "1"

    def test_the_kubeconfig_is_for_its_owner_only(self, box: Sandbox) -> None:
        assert box.kubeconfig.stat().st_mode & 0o777 == 0o600

    def test_everything_that_was_promised_holds(self, box: Sandbox) -> None:
        done = box.strata("verify", "--wait=30")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "nvidia.com/gpu" in done.stdout, "devices are among it"

    def test_a_second_up_changes_nothing(self, box: Sandbox) -> None:
        assert set(counts(timed(box, "up"))) == {"unchanged"}

    def test_refresh_finds_no_difference(self, box: Sandbox) -> None:
        done = box.simulated(f"pulumi refresh --yes --expect-no-changes --non-interactive -s {STACK}")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]

    def test_a_preview_tells_the_price_of_a_change_and_what_it_would_do(self, box: Sandbox, cloud: CloudStack) -> None:
        for edit in cloud.larger:
            box.edit(*edit)
        done = box.strata("preview", "--report", "preview.md", timeout=600)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        report = (box.folder / "preview.md").read_text()
        assert re.search(r"\*\*\d+\*\* to (update|create)", report), report[:2000]
        assert "#### Replaced or deleted" not in report, report[:3000]
        assert re.search(rf"#### Cost: .*{cloud.cost}", report), report[:2000]

    def test_a_larger_pool_and_a_new_one_replace_nothing(self, box: Sandbox, cloud: CloudStack) -> None:
        before = {pod.metadata.uid for pod in servers(box)}
        for edit in cloud.new_pool:
            box.edit(*edit)
        done = counts(timed(box, "up"))
        assert done.keys() <= {"created", "updated", "unchanged"}, done
        assert done.get("updated", 0) <= cloud.most_updates, done
        assert {pod.metadata.uid for pod in servers(box)} == before, "no server may notice"
        assert box.kubectl("get", "nodes", "-l", "strata.dev/pool=spare", "-o", "name").split()

    def test_a_service_gets_a_load_balancer_that_goes_with_it(self, box: Sandbox, cloud: CloudStack) -> None:
        """What follows is left to ``down``: the account has to be empty although a Service made something in it."""
        if cloud.balancer is None:
            pytest.skip("addresses of a site are nothing in an account")
        if cloud.balancer_setting:
            box.edit(*cloud.balancer_setting)
            timed(box, "up")
        spec: dict[str, object] = {"type": "LoadBalancer", "ports": [{"port": 443}], "selector": {"app": "door"}}
        spec |= {"loadBalancerClass": cloud.balancer_class} if cloud.balancer_class else {}
        called = {"external-dns.kubernetes.io/hostname": "door.ai.example.com"}
        about = {"name": "door", "annotations": called}
        service = {"apiVersion": "v1", "kind": "Service", "metadata": about, "spec": spec}
        (box.folder / "door.json").write_text(json.dumps(service))
        box.kubectl("apply", "-n", "models", "-f", str(box.folder / "door.json"))
        told = "--for=jsonpath={.status.loadBalancer.ingress}"
        box.kubectl("wait", "-n", "models", "service/door", told, "--timeout=30s")
        with account(box, cloud).transaction() as now:
            assert now.records(cloud.balancer), "and the account shows it"
        if cloud.names is not None:
            _await_name(box, cloud, cloud.names)

    def test_a_stopped_cluster_comes_back_with_what_ran_on_it(self, box: Sandbox) -> None:
        assert box.strata("stop").returncode == 0
        assert not [text for text in processes_below(state_of(box)) if "kube-apiserver" in text]
        assert box.strata("start").returncode == 0
        assert "qwen2-7b" in box.strata("status").stdout

    def test_down_leaves_no_resource_no_process_and_no_file(self, box: Sandbox, cloud: CloudStack) -> None:
        timed(box, "down")
        with account(box, cloud).transaction() as left:
            assert [(record.kind, record.identifier) for record in left.records() if not record.seeded] == []
        assert existing_clusters(state_of(box)) == []
        assert processes_below(box.folder) == []
        assert not box.kubeconfig.exists()
        assert not list((state_of(box) / "backend/.pulumi/stacks/strata").glob("*.json"))


class TestFailures:
    """A failure in the middle of a run is reported by name, and the next `up` completes the rest."""

    def test_without_capacity_nothing_dear_is_made_after_the_refused_gpus(
        self, box: Sandbox, cloud: CloudStack
    ) -> None:
        with account(box, cloud).transaction() as now:
            plan_fault(now, cloud.no_capacity)
        text = failing(box)
        assert cloud.no_capacity.code in text
        with account(box, cloud).transaction() as now:
            made = [(call.kind, call.identifier) for call in recorded_calls(now) if call.operation == "create"]
        assert not [call for call in made if call[0] in cloud.after_gpus], "GPUs are asked for first"
        assert not [name for kind, name in made if kind == cloud.no_capacity.kind and "cpu" in name]

    def test_a_pool_that_never_gets_ready_is_named(self, box: Sandbox, cloud: CloudStack) -> None:
        with account(box, cloud).transaction() as now:
            clear_faults(now)
            plan_fault(now, cloud.never_ready)
        assert cloud.gpu_pool in failing(box)

    def test_a_throttled_account_is_asked_again(self, box: Sandbox, cloud: CloudStack) -> None:
        with account(box, cloud).transaction() as now:
            clear_faults(now)
            plan_fault(now, cloud.throttled)
        timed(box, "up")
        assert {pod.status.phase for pod in servers(box)} == {"Running"}

    def test_after_all_that_nothing_is_left_over(self, box: Sandbox, cloud: CloudStack) -> None:
        assert set(counts(timed(box, "up"))) == {"unchanged"}
        timed(box, "down")
        with account(box, cloud).transaction() as left:
            assert [(record.kind, record.identifier) for record in left.records() if not record.seeded] == []


class TestGuards:
    """Nothing that is simulated ever meets what is real."""

    def test_a_real_run_refuses_the_simulated_backend(self, box: Sandbox) -> None:
        assert box.strata("start").returncode == 0
        done = box.simulated(f"SIMULATED=0 pulumi preview --non-interactive -s {STACK}")
        assert done.returncode != 0
        assert "holds simulated states only" in done.stdout + done.stderr
        backend = f"file://{state_of(box)}/backend"
        done = box.strata("preview", SIMULATED="0", PULUMI_BACKEND_URL=backend)
        assert done.returncode == 1
        assert "holds simulated states only" in done.stderr

    def test_a_simulated_run_refuses_every_other_backend(self, box: Sandbox) -> None:
        (box.folder / ".strata" / "backend").mkdir()
        assert box.run(["pulumi", "stack", "init", STACK, "--non-interactive"]).returncode == 0
        done = box.run(["pulumi", "preview", "--non-interactive", "-s", STACK])
        assert done.returncode != 0
        assert "is not the backend of simulated runs" in done.stdout + done.stderr

    def test_a_real_run_refuses_a_state_that_was_carried_over(self, box: Sandbox) -> None:
        failed = box.strata("up", timeout=600)
        assert failed.returncode == 0, failed.stdout[-2000:]
        assert box.simulated(f"pulumi stack export -s {STACK} --file carried.json").returncode == 0
        assert box.run(["pulumi", "stack", "import", "-s", STACK, "--file", "carried.json"]).returncode == 0
        for done in (
            box.strata("up", SIMULATED="0"),
            box.run(["pulumi", "preview", "--non-interactive", "-s", STACK], SIMULATED="0"),
        ):
            assert done.returncode != 0
            assert "was made by simulated runs" in done.stdout + done.stderr
        timed(box, "down")
