"""The real vLLM on a CPU as a pod of a live node: the dev stack with one server.

``make live-real`` runs it: 9 GB of packages and images, and a quarter of an hour on two busy cores.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simulation.live import namespaces
from tests.live.life import MODEL, SERVERS, Live, dev_stack

pytestmark = [
    pytest.mark.engine,
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("LLM_REAL") != "1", reason="takes 9 GB of disk; runs in make live-real"),
]
# It has 3.5 GiB, its cache of 1 GiB included; an engine that keeps memory for each length of a prompt has more.
MOST_GIB = 5
PROMPTS = 200
CLIENTS = 4
_WORDS = ("river", "stone", "cloud", "green", "house", "light", "paper", "north")
# With images of 2.5 GB to push, and the start of the engine on busy cores.
_UP_SECONDS = 1200
_ANSWER_SECONDS = 300


@pytest.fixture(scope="module")
def live(project: Path, tmp_path_factory: pytest.TempPathFactory, live_possible: None) -> Iterator[Live]:
    del live_possible
    with dev_stack(project, tmp_path_factory.mktemp("real")) as made:
        # A second server would only halve the speed of the first, on as few cores.
        made.box.edit("replicas: 2", "replicas: 1")
        yield made


def _ask(live: Live, path: str, question: Mapping[str, object]) -> dict[str, object]:
    """The answer of the model's Service, without a stream and without chance."""
    connection = http.client.HTTPConnection(*live.service(), timeout=_ANSWER_SECONDS)
    body = json.dumps({"model": MODEL, "temperature": 0, **question})
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    assert response.status == http.client.OK, text
    answer: dict[str, object] = json.loads(text)
    return answer


def _memory(live: Live) -> dict[str, int]:
    """What the kernel counts of the server's pod, in bytes: its limit, the most it had, pages of its own; and kills."""
    uid = live.box.kubectl(*SERVERS, "get", "pods", "-o", "jsonpath={.items[0].metadata.uid}")
    (pod,) = {
        found for group in namespaces.cgroups(live.places) for found in group.rglob(f"pod{uid}") if _counts(found)
    }
    if (pod / "memory.max").exists():
        names = {"limit": "memory.max", "most": "memory.peak"}
        events, own = (pod / "memory.events").read_text(), "anon "
    else:
        names = {"limit": "memory.limit_in_bytes", "most": "memory.max_usage_in_bytes"}
        events, own = (pod / "memory.oom_control").read_text(), "total_rss "
    figures = {name: int((pod / file).read_text()) for name, file in names.items()}
    return {**figures, "kills": _field(events, "oom_kill "), "own": _field((pod / "memory.stat").read_text(), own)}


def _counts(group: Path) -> bool:
    return (group / "memory.stat").exists()


def _field(text: str, start: str) -> int:
    (line,) = [line for line in text.splitlines() if line.startswith(start)]
    return int(line.split()[1])


class TestRealEngine:
    """Steps build on each other, in this order."""

    def test_make_live_ends_with_the_capital_of_france(self, live: Live) -> None:
        begin = time.monotonic()
        done = live.box.strata("live", timeout=_UP_SECONDS)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        print(f"\nup in {time.monotonic() - begin:.0f} s on {os.cpu_count()} cores: {done.stdout[-200:]}")
        assert "Paris" in done.stdout

    def test_the_service_answers_paris(self, live: Live) -> None:
        question = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "max_tokens": 16}
        assert "Paris" in json.dumps(_ask(live, "/v1/chat/completions", question))

    def test_it_runs_as_the_manifest_says(self, live: Live) -> None:
        enforced = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}"
        assert live.box.kubectl("get", "namespace", "models", "-o", enforced) == "restricted"
        process = Path("/proc") / str(live.pods()[0].process)
        status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
        assert (process / "exe").readlink().name.startswith("python"), "the stand-in is a program of Go"
        assert status["Uid"].split() == ["10001"] * 4
        assert (int(status["CapEff"], 16), status["NoNewPrivs"], status["Seccomp"]) == (0, "1", "2")
        (root,) = [line.split() for line in (process / "mountinfo").read_text().splitlines() if line.split()[4] == "/"]
        assert root[5].split(",")[0] == "ro"
        limit = live.box.kubectl(
            *SERVERS, "get", "pods", "-o", "jsonpath={..spec.containers[0].resources.limits.memory}"
        )
        assert f"{_memory(live)['limit'] >> 30}Gi" == limit

    def test_prompts_of_many_lengths_stay_within_the_limit_of_the_manifest(self, live: Live) -> None:
        before, begin = _memory(live), time.monotonic()
        lengths = random.sample(range(2, 2 * PROMPTS + 1, 2), PROMPTS)

        def one(length: int) -> object:
            words = " ".join(random.choices(_WORDS, k=length))  # noqa: S311 - no secret
            return _ask(live, "/v1/completions", {"prompt": words, "max_tokens": 1})["usage"]

        with ThreadPoolExecutor(CLIENTS) as clients:
            used = {json.dumps(usage) for usage in clients.map(one, lengths)}
        after = _memory(live)
        print(f"\n{PROMPTS} prompts in {time.monotonic() - begin:.0f} s; bytes before {before}, after {after}")
        assert len(used) == PROMPTS, "each has another length"
        (server,) = live.pods()
        assert server.is_ready
        assert server.status.containers[0].restarts == 0, "it was killed"
        assert after["kills"] == 0
        assert after["most"] < after["limit"]
        assert after["own"] < MOST_GIB << 30, "it keeps memory of prompts that are answered"
