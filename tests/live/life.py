"""The dev stack on live nodes, in a copy of the project, as the tests of its life ask and hurt it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from simulation.live import namespaces
from simulation.live.places import Places
from tests.live.clients import Load, asking
from tests.live.snapshot import snapshot
from tests.sandbox import Sandbox, sandbox

MODEL = "qwen2-7b"
SERVERS = ("-n", "models", "-l", "app.kubernetes.io/name=vllm")
NODES = frozenset({"h100-0", "h100-1", "cpu-0"})
BACK_SECONDS = 60.0
BYTES = 200_000_000
"""Of the generated checkpoint: enough to cut its download."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Metadata(_Answer):
    name: str
    deleted: str | None = Field(None, alias="deletionTimestamp")


class _Container(_Answer):
    id: str = Field("", alias="containerID")
    ready: bool
    restarts: int = Field(alias="restartCount")


class _Status(_Answer):
    containers: list[_Container] = Field([], alias="containerStatuses")


class _Spec(_Answer):
    node: str = Field("", alias="nodeName")


class Pod(_Answer):
    """What tests look at of a pod."""

    metadata: _Metadata
    spec: _Spec
    status: _Status

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked."""
        return bool(self.status.containers) and all(container.ready for container in self.status.containers)

    @property
    def process(self) -> int:
        """Its program on this machine."""
        identity = self.status.containers[0].id.rpartition("/")[2]
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and identity in _text(entry / "cgroup"):
                return int(entry.name)
        raise AssertionError(f"no process of {self.metadata.name} runs")


class _PodList(_Answer):
    items: list[Pod]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


@dataclass(frozen=True)
class Live:
    """The stack in a copy of the project, and the machine before it came."""

    box: Sandbox
    before: Mapping[str, frozenset[str]]

    @property
    def places(self) -> Places:
        """Where the files of its live nodes lie."""
        return Places(self.box.control_plane.layout)

    def up(self) -> str:
        """Bring it up with two nodes of the servers' pool; what was said."""
        done = self.box.strata("live", "--nodes", "2", timeout=600, LIVE_MODEL_BYTES=str(BYTES))
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    def down(self) -> None:
        """End its live nodes, and the stack with them."""
        done = self.box.strata("live-down")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

    def service(self, name: str = MODEL) -> tuple[str, int]:
        """Address and port of a Service."""
        path = "jsonpath={.spec.clusterIP} {.spec.ports[0].port}"
        address, port = self.box.kubectl("-n", "models", "get", "service", name, "-o", path).split()
        return address, int(port)

    def stream(self) -> list[str]:
        """Frames of a streamed answer through the Service, from the host."""
        connection = http.client.HTTPConnection(*self.service(), timeout=5)
        question = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "Who are you?"}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(question), {"Content-Type": "application/json"})
        text = connection.getresponse().read().decode()
        connection.close()
        return [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]

    def answers(self) -> bool:
        """Whether a stream ends as it should."""
        try:
            return self.stream()[-1:] == ["[DONE]"]
        except (OSError, http.client.HTTPException):
            return False

    def pids(self) -> dict[str, int]:
        """Processes of the nodes, by name."""
        return namespaces.named(self.places)

    def ready_nodes(self) -> int:
        """How many live nodes are ready."""
        return self.box.kubectl("get", "nodes", "-l", "simulation.strata.dev/live=true").count(" Ready ")

    def pods(self, *chosen: str) -> Sequence[Pod]:
        """Pods that are not going; those of the model's servers by default."""
        return [pod for pod in self._pods(*(chosen or SERVERS)) if pod.metadata.deleted is None]

    def servers(self, count: int) -> bool:
        """Whether there are so many servers, all of them ready, and none that is going."""
        pods = self._pods(*SERVERS)
        return len(pods) == count and all(pod.is_ready and pod.metadata.deleted is None for pod in pods)

    def restarted(self, pod: Pod, chosen: Sequence[str]) -> bool:
        """Whether a pod's program was started once more, and can be asked."""
        (now,) = [other for other in self.pods(*chosen) if other.metadata.name == pod.metadata.name]
        return now.is_ready and now.status.containers[0].restarts == pod.status.containers[0].restarts + 1

    def failed(self, server: Pod) -> bool:
        """Whether a server was started again, and ended by itself since."""
        (now,) = [pod for pod in self.pods() if pod.metadata.name == server.metadata.name]
        return not now.is_ready and now.status.containers[0].restarts > server.status.containers[0].restarts + 1

    def logs(self, server: Pod) -> str:
        """What a server said since its last start, or before it ended."""
        return self.box.run(
            ["kubectl", f"--kubeconfig={self.box.kubeconfig}", "-n", "models", "logs", server.metadata.name]
        ).stdout

    def checkpoint(self) -> Path:
        """The folder of the model's files, on the volume of the catalog."""
        path = 'jsonpath={.items[?(@.spec.claimRef.name=="model-catalog")].spec.hostPath.path}'
        (config,) = Path(self.box.kubectl("get", "persistentvolumes", "-o", path)).rglob("config.json")
        return config.parent

    def _pods(self, *chosen: str) -> Sequence[Pod]:
        return _PodList.model_validate_json(self.box.kubectl(*chosen, "get", "pods", "-o", "json")).items

    @contextmanager
    def asked(self, about: str) -> Generator[Load]:
        """Ask the model for as long as the block runs, with 20 clients of each kind; their figures are printed."""
        with asking(*self.service(), MODEL) as load:
            time.sleep(1)
            yield load
            time.sleep(1)
        print(f"\n{about}, under {load.clients} clients of each kind:\n{load.figures()}")


@contextmanager
def dev_stack(project: Path, folder: Path) -> Generator[Live]:
    """A copy of the project with the stack; whatever it made is gone afterwards."""
    with sandbox(project, folder, "dev") as box:
        live = Live(box, snapshot(box.folder))
        try:
            yield live
        finally:
            box.strata("live-down")


def within(seconds: float, holds: Callable[[], bool], what: str) -> None:
    """Fail the test when something does not hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)
