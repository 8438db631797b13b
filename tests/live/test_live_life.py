"""The dev stack on live nodes: up, answering, unchanged, hurt, and gone without a trace."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.contracts.versions import PYTHON
from simulation.control_plane.kwokctl import SERVICE_OF_API
from simulation.live import namespaces
from simulation.live.addresses import HOST, HUB
from simulation.live.configuration import DNS_ADDRESS
from simulation.live.images import image_set
from simulation.live.places import Places
from simulation.live.programs import Programs
from simulation.live.registry import push
from tests.live.pods import IMAGE, Asker, tried
from tests.live.snapshot import left, snapshot
from tests.sandbox import Sandbox, sandbox

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow]
BACK_SECONDS = 60.0


@dataclass(frozen=True)
class Live:
    """The stack in a copy of the project, and the machine before it came."""

    box: Sandbox
    before: Mapping[str, frozenset[str]]

    @property
    def places(self) -> Places:
        return Places(self.box.control_plane.layout)

    def up(self) -> str:
        done = self.box.strata("live", timeout=600)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    def down(self) -> None:
        done = self.box.strata("live-down")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

    def service(self, name: str) -> tuple[str, int]:
        path = "jsonpath={.spec.clusterIP} {.spec.ports[0].port}"
        address, port = self.box.kubectl("-n", "models", "get", "service", name, "-o", path).split()
        return address, int(port)

    def stream(self) -> list[str]:
        """Frames of a streamed answer through the Service, from the host."""
        connection = http.client.HTTPConnection(*self.service("qwen2-7b"), timeout=5)
        question = {"model": "qwen2-7b", "stream": True, "messages": [{"role": "user", "content": "Who are you?"}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(question), {"Content-Type": "application/json"})
        text = connection.getresponse().read().decode()
        connection.close()
        return [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]

    def pids(self) -> dict[str, int]:
        return namespaces.named(self.places)


@pytest.fixture(scope="module")
def live(project: Path, tmp_path_factory: pytest.TempPathFactory, live_possible: None) -> Iterator[Live]:
    del live_possible
    with sandbox(project, tmp_path_factory.mktemp("live"), "dev") as box:
        made = Live(box, snapshot(box.folder))
        try:
            yield made
        finally:
            box.strata("live-down")


def within(seconds: float, holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


def answers(live: Live) -> bool:
    try:
        return live.stream()[-1:] == ["[DONE]"]
    except (OSError, http.client.HTTPException):
        return False


def ready_nodes(live: Live) -> int:
    return live.box.kubectl("get", "nodes", "-l", "simulation.strata.dev/live=true").count(" Ready ")


class TestLife:
    """Steps build on each other, in this order."""

    def test_a_first_run_ends_with_an_answer_and_the_line_to_repeat_it(self, live: Live) -> None:
        said = live.up()
        assert re.search(r"curl -N http://10\.96\.\d+\.\d+:8000/v1/chat/completions", said), said
        assert live.stream()[-1] == "[DONE]"
        placed = live.box.kubectl("-n", "models", "get", "pods", "-o", "jsonpath={..spec.nodeName}").split()
        assert set(placed) <= {"h100-0", "cpu-0"}, "no pod of the stack runs on a node that is simulated"

    def test_a_node_is_as_large_as_its_pool_and_offers_its_devices(self, live: Live) -> None:
        capacity: dict[str, str] = json.loads(live.box.kubectl("get", "node", "h100-0", "-o", "json"))["status"][
            "capacity"
        ]
        assert capacity["cpu"] == "192"
        assert capacity["nvidia.com/gpu"] == "8"
        assert capacity["vpc.amazonaws.com/efa"] == "32"

    def test_gpus_are_offered_by_the_plugin_of_nvidia(self, live: Live) -> None:
        chosen = ("-l", "app.kubernetes.io/name=nvidia-device-plugin", "--field-selector", "spec.nodeName=h100-0")
        pods = live.box.kubectl("-n", "strata-accelerators", "get", "pods", *chosen, "-o", "name").split()
        said = live.box.kubectl("-n", "strata-accelerators", "logs", pods[0])
        assert "Registered device plugin for 'nvidia.com/gpu' with Kubelet" in said

    def test_logs_and_commands_reach_the_pod(self, live: Live) -> None:
        pod = live.box.kubectl("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "name").split()[0]
        assert "CoreDNS-" in live.box.kubectl("-n", "kube-system", "logs", pod)
        assert "CoreDNS-" in live.box.kubectl("-n", "kube-system", "exec", pod, "--", "/coredns", "-version")

    def test_policies_let_clients_in_and_nobody_else_and_servers_out_to_nobody(self, live: Live) -> None:
        (python,) = image_set([PYTHON.reference()])
        push(Programs(live.places.layout.state), {IMAGE: str(python.tar)})
        service, port = live.service("qwen2-7b")
        chosen = ("-l", "app.kubernetes.io/name=vllm", "-o", "jsonpath={.items[0].status.podIP}")
        server = live.box.kubectl("-n", "models", "get", "pods", *chosen)
        api, names = f"{SERVICE_OF_API}:443", f"{DNS_ADDRESS}:53"
        model = [f"{service}:{port}", f"{server}:8000"]
        client = Asker("client", "models", "cpu-0", {"strata.dev/model-client": "true"})
        # On another node than the servers, so packets cross nodes; and on theirs.
        # A client may be let in, and still needs a policy of its own to go out: the namespace denies both.
        for node in ("cpu-0", "h100-0"):
            outside = tried(live.box, Asker(f"outside-{node}", "default", node, {}), [*model, api])
            assert outside[api] == "reached"
            assert all(outside[place] != "reached" for place in model), outside
            inside = tried(live.box, replace(client, name=f"client-{node}", node=node), [*model, names])
            assert inside[names] == "reached", "names are answered to every pod"
            assert all(inside[place] != "reached" for place in model), inside
        labels = {"app.kubernetes.io/instance": "qwen2-7b", "app.kubernetes.io/name": "vllm"}
        egress = tried(live.box, Asker("server", "models", "h100-0", labels), [api, f"{HUB}:443", f"{HOST}:22"])
        assert "reached" not in egress.values(), egress
        assert answers(live), "the host counts as the servers' own node"

    def test_a_pod_in_a_namespace_of_a_gateway_is_let_in(self, live: Live) -> None:
        service, port = live.service("qwen2-7b")
        live.box.kubectl("create", "namespace", "edge")
        live.box.kubectl("label", "namespace", "edge", "strata.dev/role=gateway")
        said = tried(live.box, Asker("gateway", "edge", "cpu-0", {}), [f"{service}:{port}"])
        assert said == {f"{service}:{port}": "reached"}

    def test_a_second_run_changes_nothing(self, live: Live) -> None:
        before = live.pids()
        assert "nothing had to be changed" in live.up()
        assert live.pids() == before

    @pytest.mark.parametrize(
        "name",
        ["h100-0.kubelet", "h100-0.containerd", "h100-0.kube-proxy", "h100-0.kube-router", "registry", "api"],
    )
    def test_what_is_killed_is_back_and_nothing_is_doubled(self, live: Live, name: str) -> None:
        before = live.pids()
        os.kill(before[name], signal.SIGKILL)
        within(BACK_SECONDS, lambda: live.pids().get(name, before[name]) != before[name], f"{name} is not back")
        within(BACK_SECONDS, lambda: ready_nodes(live) == 2, "a node is not ready")
        within(BACK_SECONDS, lambda: answers(live), "the model does not answer")
        assert live.pids().keys() == before.keys()
        assert live.box.kubectl("-n", "models", "get", "pods").count("qwen2-7b") == 2

    def test_the_api_server_is_back_after_a_kill(self, live: Live) -> None:
        pid = next(c.pid for c in live.box.control_plane.status().components if c.name == "kube-apiserver")
        assert pid
        os.kill(pid, signal.SIGKILL)
        within(BACK_SECONDS, live.box.control_plane.is_ready, "the API server is not back")
        within(BACK_SECONDS, lambda: ready_nodes(live) == 2 and answers(live), "the nodes are not back")

    def test_nothing_is_left_when_it_is_gone_whatever_was_killed_before(self, live: Live) -> None:
        for name in ("supervisor", "h100-0.holder", "cpu-0.containerd", "switch"):
            os.kill(live.pids()[name], signal.SIGKILL)
        live.down()
        assert not left(live.before, snapshot(live.box.folder))
        assert not live.places.home.exists()
