"""The dev stack on live nodes: up, answering, rolled over and drained under load, hurt, and gone without a trace.

``make e2e-live`` runs it.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components.contracts.versions import PYTHON
from simulation.control_plane.kwokctl import SERVICE_OF_API
from simulation.live.addresses import HOST, HUB
from simulation.live.configuration import DNS_ADDRESS
from simulation.live.images import image_set
from simulation.live.programs import Programs
from simulation.live.registry import push
from tests.live.clients import Kind, Load
from tests.live.downloads import cut_once, damaged
from tests.live.life import BACK_SECONDS, BYTES, MODEL, NODES, SERVERS, Live, dev_stack, within
from tests.live.pods import IMAGE, Asker, resolving, tried
from tests.live.snapshot import left, snapshot

pytestmark = [
    pytest.mark.engine,
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACK", "dev") != "dev", reason="is written for the dev stack"),
]
SERVICE = f"{MODEL}.models.svc.cluster.local"
SHARDS = 4
DNS = ("-n", "kube-system", "-l", "k8s-app=kube-dns")
# An old server goes on for 15 s after its eviction, and needs some ten to end.
GONE_SECONDS = 90.0
# Until a client that keeps its connection has met the end of a server and found another one.
TROUBLE_SECONDS = 5.0


@pytest.fixture(scope="module")
def live(project: Path, tmp_path_factory: pytest.TempPathFactory, live_possible: None) -> Iterator[Live]:
    del live_possible
    with dev_stack(project, tmp_path_factory.mktemp("live")) as made:
        yield made


def nothing_is_lost(load: Load) -> None:
    """Whoever opens a connection for each request meets nothing; whoever keeps one is back soon."""
    assert len(load.of(Kind.FRESH)) > 100
    assert not load.lost(Kind.FRESH), load.figures()
    assert not load.cut(Kind.FRESH) + load.cut(Kind.KEPT), "a stream that had begun was cut"
    assert load.longest_trouble(Kind.KEPT) < TROUBLE_SECONDS, load.figures()


class TestLife:
    """Steps build on each other, in this order."""

    def test_a_first_run_ends_with_an_answer_and_the_line_to_repeat_it(self, live: Live) -> None:
        with cut_once(live.places, BYTES // 4) as cut:
            said = live.up()
        assert BYTES // 4 < cut.there < BYTES, "the download was not cut"
        assert re.search(r"curl -N http://10\.96\.\d+\.\d+:8000/v1/chat/completions", said), said
        assert live.stream()[-1] == "[DONE]"
        placed = live.box.kubectl("-n", "models", "get", "pods", "-o", "jsonpath={..spec.nodeName}").split()
        assert set(placed) <= NODES, "no pod of the stack runs on a node that is simulated"

    def test_the_download_that_was_killed_was_taken_up_where_it_was(self, live: Live) -> None:
        (pod,) = live.pods("-n", "models", "-l", "app.kubernetes.io/name=model-catalog")
        assert pod.status.containers[0].restarts == 1
        said = live.box.kubectl("-n", "models", "logs", pod.metadata.name)
        assert said.count(".safetensors: ") == said.count("checksum holds") == SHARDS, said
        again = re.findall(r"\.safetensors from byte ([\d,]+)", live.places.log("hub").read_text())
        assert sum(int(start.replace(",", "")) for start in again) > BYTES // 4, again

    def test_a_node_is_as_large_as_its_pool_and_offers_its_devices(self, live: Live) -> None:
        node: dict[str, dict[str, dict[str, str]]] = json.loads(live.box.kubectl("get", "node", "h100-0", "-o", "json"))
        assert node["status"]["capacity"]["cpu"] == "192"
        assert node["status"]["capacity"]["nvidia.com/gpu"] == "8"
        assert node["status"]["capacity"]["vpc.amazonaws.com/efa"] == "32"

    def test_gpus_are_offered_by_the_plugin_of_nvidia(self, live: Live) -> None:
        chosen = ("-l", "app.kubernetes.io/name=nvidia-device-plugin", "--field-selector", "spec.nodeName=h100-0")
        pods = live.box.kubectl("-n", "strata-accelerators", "get", "pods", *chosen, "-o", "name").split()
        said = live.box.kubectl("-n", "strata-accelerators", "logs", pods[0])
        assert "Registered device plugin for 'nvidia.com/gpu' with Kubelet" in said

    def test_logs_and_commands_reach_the_pod(self, live: Live) -> None:
        pod = live.pods(*DNS)[0].metadata.name
        assert "CoreDNS-" in live.box.kubectl("-n", "kube-system", "logs", pod)
        assert "CoreDNS-" in live.box.kubectl("-n", "kube-system", "exec", pod, "--", "/coredns", "-version")

    def test_a_second_run_changes_nothing(self, live: Live) -> None:
        before = live.pids()
        assert "nothing had to be changed" in live.up()
        assert live.pids() == before

    def test_a_rolling_update_loses_no_request(self, live: Live) -> None:
        old = {pod.metadata.name for pod in live.pods()}
        with live.asked("rolling update of two servers") as load:
            live.box.kubectl("-n", "models", "rollout", "restart", f"deployment/{MODEL}")
            live.box.kubectl("-n", "models", "rollout", "status", f"deployment/{MODEL}", "--timeout=120s")
            within(GONE_SECONDS, lambda: live.servers(2), "the old servers are not gone")
        assert not old & {pod.metadata.name for pod in live.pods()}
        nothing_is_lost(load)

    def test_a_smaller_number_of_servers_loses_no_request(self, live: Live) -> None:
        scale = ("-n", "models", "scale", f"deployment/{MODEL}")
        live.box.kubectl(*scale, "--replicas=4")
        within(GONE_SECONDS, lambda: live.servers(4), "there are no four servers")
        with live.asked("from four servers to two") as load:
            live.box.kubectl(*scale, "--replicas=2")
            within(GONE_SECONDS, lambda: live.servers(2), "two servers are not gone")
        nothing_is_lost(load)

    def test_a_drained_node_loses_no_request(self, live: Live) -> None:
        node = live.pods()[0].spec.node
        with live.asked(f"drain of {node}") as load:
            live.box.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s")
            within(GONE_SECONDS, lambda: live.servers(2), "the server has no other place")
        assert node not in {pod.spec.node for pod in live.pods()}
        live.box.kubectl("uncordon", node)
        nothing_is_lost(load)


class TestTrouble:
    """Policies, what comes back after it was killed, and what does not start because it is damaged."""

    def test_policies_let_clients_in_and_nobody_else_and_servers_out_to_nobody(self, live: Live) -> None:
        (python,) = image_set([PYTHON.reference()])
        push(Programs(live.places.layout.state), {IMAGE: str(python.tar)})
        service, port = live.service()
        chosen = (*SERVERS, "-o", "jsonpath={.items[0].status.podIP}")
        server = live.box.kubectl("get", "pods", *chosen)
        api, names = f"{SERVICE_OF_API}:443", f"{DNS_ADDRESS}:53"
        model = [f"{service}:{port}", f"{server}:8000"]
        client = Asker("client", "models", "cpu-0", {"strata.dev/model-client": "true"})
        # On another node than the servers, so packets cross nodes; and on theirs.
        # A client may be let in, and still needs a policy of its own to go out: the namespace denies both.
        for node in ("cpu-0", live.pods()[0].spec.node):
            outside = tried(live.box, Asker(f"outside-{node}", "default", node, {}), [*model, api])
            assert outside[api] == "reached"
            assert all(outside[place] != "reached" for place in model), outside
            inside = tried(live.box, replace(client, name=f"client-{node}", node=node), [*model, names])
            assert inside[names] == "reached", "names are answered to every pod"
            assert all(inside[place] != "reached" for place in model), inside
        labels = {"app.kubernetes.io/instance": MODEL, "app.kubernetes.io/name": "vllm"}
        egress = tried(live.box, Asker("server", "models", "h100-0", labels), [api, f"{HUB}:443", f"{HOST}:22"])
        assert "reached" not in egress.values(), egress
        published = live.box.kubectl("get", "endpointslices", "kubernetes", "-o", "jsonpath={.ports[0].port}")
        assert published == "6443", "policies of services let them reach API servers at this port"
        assert live.answers(), "the host counts as the servers' own node"

    def test_a_pod_in_a_namespace_of_a_gateway_is_let_in(self, live: Live) -> None:
        service, port = live.service()
        live.box.kubectl("create", "namespace", "edge")
        live.box.kubectl("label", "namespace", "edge", "strata.dev/role=gateway")
        said = tried(live.box, Asker("gateway", "edge", "cpu-0", {}), [f"{service}:{port}"])
        assert said == {f"{service}:{port}": "reached"}

    @pytest.mark.parametrize(
        "name",
        ["h100-0.kubelet", "h100-0.containerd", "h100-0.kube-proxy", "h100-0.kube-router", "registry", "api"],
    )
    def test_what_is_killed_is_back_and_nothing_is_doubled(self, live: Live, name: str) -> None:
        before = live.pids()
        os.kill(before[name], signal.SIGKILL)
        within(BACK_SECONDS, lambda: live.pids().get(name, before[name]) != before[name], f"{name} is not back")
        within(BACK_SECONDS, lambda: live.ready_nodes() == len(NODES), "a node is not ready")
        within(BACK_SECONDS, live.answers, "the model does not answer")
        assert live.pids().keys() == before.keys()
        assert len(live.pods()) == 2

    def test_the_api_server_is_back_after_a_kill(self, live: Live) -> None:
        pid = next(c.pid for c in live.box.control_plane.status().components if c.name == "kube-apiserver")
        assert pid
        os.kill(pid, signal.SIGKILL)
        within(BACK_SECONDS, live.box.control_plane.is_ready, "the API server is not back")
        within(BACK_SECONDS, lambda: live.ready_nodes() == len(NODES) and live.answers(), "the nodes are not back")

    def test_names_are_answered_again_after_a_kill(self, live: Live) -> None:
        (pod,) = live.pods(*DNS)
        with resolving(live.box, Asker("asks-names", "default", "cpu-0", {})) as resolves:
            assert resolves(SERVICE)
            assert not resolves(f"no-{SERVICE}")
            os.kill(pod.process, signal.SIGKILL)
            within(BACK_SECONDS, lambda: live.restarted(pod, DNS), "CoreDNS is not back")
            within(BACK_SECONDS, lambda: resolves(SERVICE), "names are not answered")

    def test_a_killed_server_is_back_and_the_other_one_answers_meanwhile(self, live: Live) -> None:
        before = live.pods()
        os.kill(before[0].process, signal.SIGKILL)
        within(BACK_SECONDS, lambda: live.restarted(before[0], SERVERS), "the server is not back")
        assert live.answers()
        assert {pod.metadata.name for pod in live.pods()} == {pod.metadata.name for pod in before}

    def test_a_server_does_not_start_on_a_damaged_checkpoint_and_says_why(self, live: Live) -> None:
        server = live.pods()[1]
        with damaged(live.checkpoint() / "model-00003-of-00004.safetensors"):
            os.kill(server.process, signal.SIGKILL)
            within(BACK_SECONDS, lambda: live.failed(server), "it starts")
            within(BACK_SECONDS, lambda: "SafetensorError" in live.logs(server), "it does not say why")
            assert live.answers(), "the other server goes on"
        within(BACK_SECONDS, lambda: live.servers(2), "the server is not there with a whole checkpoint")


class TestEnd:
    """The last step."""

    def test_nothing_is_left_when_it_is_gone_whatever_was_killed_before(self, live: Live) -> None:
        for name in ("supervisor", "h100-0.holder", "cpu-0.containerd", "switch"):
            os.kill(live.pids()[name], signal.SIGKILL)
        live.down()
        assert not left(live.before, snapshot(live.box.folder))
        assert not live.places.home.exists()
