"""One environment in three stacks, of three teams: foundation, platform, serving, in a simulated account.

Steps of a class build on each other, and each stack has a state of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulation.clouds.clouds import cloud_of
from simulation.provider.managed_cluster import existing_clusters
from simulation.provider.store import Store
from tests.e2e.cloud_stacks import SPLIT_STACKS
from tests.e2e.pods import servers
from tests.e2e.results import counts
from tests.sandbox import Sandbox, sandbox

FOUNDATION, PLATFORM, SERVING = STACKS = SPLIT_STACKS
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", SERVING) not in STACKS, reason="chosen is another stack"),
]
LARGER = ("instance_type: m7i.8xlarge\n      count: 3", "instance_type: m7i.8xlarge\n      count: 4")
ONE_MORE_SERVER = ("replicas: 2\n", "replicas: 3\n")


@pytest.fixture(scope="class")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("split"), *STACKS) as made:
        yield made


def run(box: Sandbox, step: str, stack: str) -> str:
    """Run a command on a stack, print its time, and fail with its output."""
    begin = time.monotonic()
    done = box.beside(stack).strata(step, timeout=600)
    print(f"{stack}: {step} {time.monotonic() - begin:.1f} s")
    assert done.returncode == 0, f"{step} of {stack} failed:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def refused(box: Sandbox, step: str, stack: str) -> str:
    """The output of a command that has to fail with a message, and not with a traceback."""
    done = box.beside(stack).strata(step)
    assert done.returncode == 1, done.stdout[-3000:]
    assert "Traceback" not in done.stdout + done.stderr
    assert "pulumi:pulumi:Stack" not in done.stdout, "the engine need not start for that"
    return done.stderr


def state_texts(box: Sandbox) -> dict[str, str]:
    """The states of all stacks as they lie in the backend."""
    folder = box.folder / ".strata/simulated/backend/.pulumi/stacks/strata"
    return {path.stem: path.read_text() for path in folder.glob("*.json")}


class TestLife:
    def test_settings_are_checked_before_anything_is_up(self, box: Sandbox) -> None:
        out = box.beside(SERVING).strata("check").stdout
        assert "1 models on 2 GPUs" in out, "the file of the foundation tells of its pools"
        assert f"stack {FOUNDATION} is not up and stack {PLATFORM} is not up; checked against their files only" in out
        assert "H100-SXM" in box.beside(SERVING).strata("plan").stdout

    def test_without_a_foundation_each_team_is_told_what_comes_first(self, box: Sandbox) -> None:
        for step in ("up", "preview", "start", "status"):
            said = refused(box, step, SERVING)
            assert f"fix: bring it up first: make up STACK={FOUNDATION}" in said
            assert f"fix: bring it up first: make up STACK={PLATFORM}" in said
            assert f"make up STACK={FOUNDATION}" in refused(box, step, PLATFORM)
        assert state_texts(box) == {}, "nothing may be left by what was refused"
        assert "nothing of it is left" in run(box, "down", SERVING), "what is not there can always be removed"

    def test_the_order_up_is_told_to_programs(self, box: Sandbox) -> None:
        assert run(box, "prerequisites", SERVING).split() == [FOUNDATION, PLATFORM]

    def test_the_foundation_comes_first(self, box: Sandbox) -> None:
        out = run(box, "up", FOUNDATION)
        assert "SIMULATED: no cloud is touched" in out
        assert "EKS cluster strata-split in us-east-2" in out
        assert "model-server" not in box.kubectl("get", "pods", "-A", "-o", "name")
        said = refused(box, "preview", SERVING)
        assert f"make up STACK={PLATFORM}" in said
        assert f"make up STACK={FOUNDATION}" not in said, "that one is up"

    def test_the_platform_comes_second(self, box: Sandbox) -> None:
        run(box, "up", PLATFORM)
        assert "models" in box.kubectl("get", "namespace", "models", "-o", "name")
        assert "strata-shared" in box.kubectl("get", "storageclass", "-o", "name")

    def test_models_run_on_gpu_nodes_of_the_foundation(self, box: Sandbox) -> None:
        out = run(box, "up", SERVING)
        assert "http://qwen2-7b.models.svc:8000/v1" in out
        nodes = box.kubectl("get", "nodes", "-l", "strata.dev/pool=h100", "-o", "name").split()
        pods = servers(box)
        assert [pod.status.phase for pod in pods] == ["Running", "Running"]
        assert {f"node/{pod.spec.node}" for pod in pods} <= set(nodes)

    def test_the_kubeconfig_is_a_secret_on_its_way_to_the_others(self, box: Sandbox) -> None:
        shown = box.simulated(f"pulumi stack output kubeconfig -s {FOUNDATION}")
        assert shown.stdout.strip() == "[secret]", shown.stdout + shown.stderr
        texts = state_texts(box)
        assert set(texts) == set(STACKS)
        for stack in (PLATFORM, SERVING):
            assert "certificate-authority-data" not in texts[stack], f"the state of {stack} tells the way in"

    def test_each_state_carries_the_mark_of_the_simulation(self, box: Sandbox) -> None:
        for stack in STACKS:
            assert box.simulated(f"pulumi stack export -s {stack} --file carried.json").returncode == 0
            (box.folder / ".strata/backend").mkdir(exist_ok=True)
            assert box.run(["pulumi", "stack", "init", stack, "--non-interactive"]).returncode == 0
            done = box.run(["pulumi", "stack", "import", "-s", stack, "--file", "carried.json"])
            assert done.returncode == 0, done.stderr
        for stack in STACKS:
            done = box.beside(stack).strata("preview", SIMULATED="0")
            assert done.returncode == 1
            assert "was made by simulated runs" in done.stderr

    @pytest.mark.parametrize("stack", STACKS)
    def test_a_second_up_changes_nothing(self, box: Sandbox, stack: str) -> None:
        assert set(counts(run(box, "up", stack))) == {"unchanged"}

    @pytest.mark.parametrize("stack", STACKS)
    def test_refresh_finds_no_difference(self, box: Sandbox, stack: str) -> None:
        done = box.simulated(f"pulumi refresh --yes --expect-no-changes --non-interactive -s {stack}")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]

    def test_a_larger_pool_is_no_matter_of_the_others(self, box: Sandbox) -> None:
        before = {pod.metadata.uid for pod in servers(box)}
        box.beside(FOUNDATION).edit(*LARGER)
        assert counts(run(box, "up", FOUNDATION)).get("updated"), "the pool has to grow"
        for stack in (PLATFORM, SERVING):
            assert set(counts(run(box, "up", stack))) == {"unchanged"}
        assert {pod.metadata.uid for pod in servers(box)} == before

    def test_another_number_of_servers_is_a_matter_of_serving_only(self, box: Sandbox) -> None:
        box.beside(SERVING).edit(*ONE_MORE_SERVER)
        done = counts(run(box, "up", SERVING))
        assert done.pop("updated")
        assert done.keys() == {"unchanged"}, done
        assert len(servers(box)) == 3
        for stack in (FOUNDATION, PLATFORM):
            assert set(counts(run(box, "up", stack))) == {"unchanged"}

    def test_a_namespace_that_the_platform_did_not_make_is_refused(self, box: Sandbox) -> None:
        serving = box.beside(SERVING)
        serving.edit("strata:namespace: models", "strata:namespace: others")
        said = refused(box, "preview", SERVING)
        assert "is 'others', but stack aws-platform made 'models'" in said
        serving.edit("strata:namespace: others", "strata:namespace: models")

    def test_only_those_who_hold_the_cluster_can_stop_it(self, box: Sandbox) -> None:
        assert f"make stop STACK={FOUNDATION}" in refused(box, "stop", SERVING)
        run(box, "stop", FOUNDATION)

    @pytest.mark.parametrize("stack", [PLATFORM, SERVING])
    def test_a_cluster_that_does_not_answer_is_an_error_and_never_unchanged(self, box: Sandbox, stack: str) -> None:
        done = box.simulated(f"pulumi preview --non-interactive -s {stack}")
        assert done.returncode != 0
        assert "the API server does not answer" in done.stdout
        assert f"make start STACK={FOUNDATION}" in done.stdout
        assert "kubernetes:" not in done.stdout.partition("Diagnostics")[2], "nothing else may be said"
        assert "Traceback" not in done.stdout + done.stderr

    def test_start_brings_back_what_ran(self, box: Sandbox) -> None:
        run(box, "start", SERVING)
        assert "qwen2-7b" in run(box, "status", SERVING)

    def test_a_foundation_stays_while_others_build_on_it(self, box: Sandbox) -> None:
        said = refused(box, "down", FOUNDATION)
        order = ", then ".join(f"make down STACK={stack}" for stack in reversed(STACKS))
        assert order in said
        assert f"make down STACK={SERVING}, then make down STACK={PLATFORM}" in refused(box, "down", PLATFORM)

    def test_down_in_reverse_order_leaves_nothing(self, box: Sandbox) -> None:
        state = box.folder / ".strata/simulated"
        run(box, "down", SERVING)
        assert servers(box) == []
        assert "models" in box.kubectl("get", "namespace", "models", "-o", "name"), "the platform is another team's"
        run(box, "down", PLATFORM)
        left = box.kubectl("get", "namespace,priorityclass", "-l", "app.kubernetes.io/part-of=strata", "-o", "name")
        assert left == ""
        assert box.kubeconfig.exists(), "the cluster is still there"
        run(box, "down", FOUNDATION)
        with Store(state / "aws.sqlite", cloud_of("aws").seed).transaction() as account:
            assert [(record.kind, record.identifier) for record in account.records() if not record.seeded] == []
        assert existing_clusters(state) == []
        assert not box.kubeconfig.exists()
        assert state_texts(box) == {}
