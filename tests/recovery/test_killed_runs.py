"""Runs that are killed, and clusters that others touched: the next `up` ends where an undisturbed one does.

``KILLS`` sets how many points of a run are tried; ``make recovery`` tries twenty.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.recovery.observed import observed
from tests.sandbox import Sandbox, sandbox

KILLS = int(os.environ.get("KILLS", "3"))
pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox, None, None]:
    with sandbox(project, tmp_path_factory.mktemp("recovery"), "dev") as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(box: Sandbox) -> tuple[dict[str, str], float]:
    """What an undisturbed run leaves in the cluster, and how long the engine worked."""
    succeed(box, "start")
    begin = time.monotonic()
    succeed(box, "up")
    return observed(box), time.monotonic() - begin


def succeed(box: Sandbox, command: str) -> str:
    done = box.strata(command)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def start_over(box: Sandbox) -> None:
    """An empty cluster and an empty backend, faster than a destroy."""
    box.control_plane.reset()
    shutil.rmtree(box.folder / ".strata/backend", ignore_errors=True)
    succeed(box, "start")


def engine_of(pid: int) -> int | None:
    """Process id of the engine that a command of ours started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for child in children.read_text().split() if children.exists() else []:
        command = Path(f"/proc/{child}/cmdline")
        if command.exists() and b"pulumi\0up" in command.read_bytes():
            return int(child)
    return None


def below(pid: int) -> list[int]:
    """Every process that this one started, directly or not."""
    # Programs in Go start others from any of their threads.
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(child) for children in threads for child in children.read_text().split()]
    return [*own, *(further for child in own for further in below(child))]


def end(pid: int) -> None:
    """End a process if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def run_and_kill(box: Sandbox, after: float, kill_signal: signal.Signals = signal.SIGKILL) -> bool:
    """Start `up` and signal the engine so many seconds after it began; whether it was still running."""
    command = [str(box.folder / ".venv/bin/python"), "-m", "cli", "up", box.stack]
    process = subprocess.Popen(
        command, cwd=box.folder, env=box.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    orphans: list[int] = []
    try:
        while process.poll() is None and (engine := engine_of(process.pid)) is None:
            time.sleep(0.02)
        time.sleep(after)
        engine = engine_of(process.pid) if process.poll() is None else None
        if engine is None:
            return False
        # A killed engine cannot end its plugins, and not all of them notice that it is gone.
        orphans = below(engine) if kill_signal == signal.SIGKILL else []
        os.kill(engine, kill_signal)
        return True
    finally:
        process.wait(timeout=120)
        for orphan in orphans:
            end(orphan)


def locks(box: Sandbox) -> Path:
    """Where the backend keeps the stack's locks."""
    return box.folder / ".strata/backend/.pulumi/locks/organization/strata/dev"


def pending(box: Sandbox) -> int:
    state = json.loads((box.folder / ".strata/backend/.pulumi/stacks/strata/dev.json").read_text())
    return len(state["checkpoint"]["latest"].get("pending_operations") or [])


def assert_same_end(box: Sandbox, expected: dict[str, str]) -> None:
    found = observed(box)
    assert set(found) == set(expected), f"orphans or losses: {set(found) ^ set(expected)}"
    assert found == expected, f"other content: {[name for name in found if found[name] != expected[name]]}"
    assert pending(box) == 0, "operations stay pending"
    out = succeed(box, "up")
    assert not re.search(r"\d+ (created|updated|deleted|replaced)", out), (
        f"a further run changes things:\n{out[-1500:]}"
    )


@pytest.mark.parametrize("point", range(KILLS))
def test_a_killed_engine_is_taken_up_again(point: int, box: Sandbox, undisturbed: tuple[dict[str, str], float]) -> None:
    expected, duration = undisturbed
    start_over(box)
    killed = run_and_kill(box, after=duration * 0.8 * (point + 0.5) / KILLS)
    locked = bool(list(locks(box).glob("*.json")))
    out = succeed(box, "up")
    print(f"kill point {point}: {'killed' if killed else 'ended before'}, {'locked' if locked else 'no lock'}")
    assert locked == ("was killed" in out), "a stale lock is explained before it is released"
    if point == KILLS // 2:
        assert killed, "a point in the middle has to hit a running engine, or nothing is tested"
        assert locked, "an engine at work holds a lock"
    assert_same_end(box, expected)


def test_an_engine_killed_while_it_wrote_the_state_is_taken_up_again(
    box: Sandbox, undisturbed: tuple[dict[str, str], float]
) -> None:
    start_over(box)
    run_and_kill(box, after=undisturbed[1] * 0.3)
    next(box.folder.glob(".strata/backend/.pulumi/stacks/*/dev.json.attrs")).write_bytes(b"")
    assert "an incomplete file" in succeed(box, "up")
    assert_same_end(box, undisturbed[0])


def test_an_interrupted_engine_is_taken_up_again(box: Sandbox, undisturbed: tuple[dict[str, str], float]) -> None:
    start_over(box)
    run_and_kill(box, after=undisturbed[1] * 0.3, kill_signal=signal.SIGINT)
    succeed(box, "up")
    assert_same_end(box, undisturbed[0])


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_an_api_server_killed_in_mid_update_is_started_again(
    part: float, box: Sandbox, undisturbed: tuple[dict[str, str], float]
) -> None:
    start_over(box)
    command = [str(box.folder / ".venv/bin/python"), "-m", "cli", "up", box.stack]
    with (box.folder / "up.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=box.folder, env=box.environment, stdout=log, stderr=log)
        time.sleep(undisturbed[1] * part)
        server = next(
            component for component in box.control_plane.status().components if component.name == "kube-apiserver"
        )
        assert server.pid, "the API server runs during an update"
        os.kill(server.pid, signal.SIGKILL)
        code = process.wait(timeout=240)
        log.seek(0)
        assert code == 0, f"the run that it happened to repairs it and goes on:\n{log.read()[-4000:]}"
    assert_same_end(box, undisturbed[0])


@pytest.mark.usefixtures("undisturbed")
class TestTouchedByHand:
    def test_deleted_and_edited_objects_are_repaired(
        self, box: Sandbox, undisturbed: tuple[dict[str, str], float]
    ) -> None:
        succeed(box, "up")
        box.kubectl("delete", "service", "qwen2-7b", "-n", "models")
        box.kubectl("delete", "networkpolicy", "default-deny", "-n", "models")
        box.kubectl("set", "image", "deployment/qwen2-7b", "server=example.com/evil:1", "-n", "models")
        box.kubectl("label", "namespace", "models", "pod-security.kubernetes.io/enforce=privileged", "--overwrite")
        box.kubectl(
            "patch", "configmap", "model-catalog-program", "-n", "models", "-p", '{"data":{"models.json":"[]"}}'
        )
        succeed(box, "up")
        assert_same_end(box, undisturbed[0])

    def test_a_second_run_never_takes_the_lock_of_a_living_one(self, box: Sandbox) -> None:
        locks(box).mkdir(parents=True, exist_ok=True)
        holder = subprocess.Popen(["bash", "-c", "exec -a pulumi sleep 60"])
        lock = {"pid": holder.pid, "username": "someone", "hostname": os.uname().nodename, "timestamp": "now"}
        path = locks(box) / "0000.json"
        path.write_text(json.dumps(lock))
        try:
            done = box.strata("up")
            assert done.returncode == 1
            assert f"process {holder.pid}" in done.stderr
            assert path.exists(), "the lock of a living process stays"
        finally:
            holder.kill()
            holder.wait()
            path.unlink()

    def test_plain_pulumi_names_the_command_that_starts_the_cluster(self, box: Sandbox) -> None:
        box.control_plane.stop()
        done = box.run(["pulumi", "up", "--yes", "--non-interactive", "-s", "dev"])
        assert done.returncode != 0, "an unreachable cluster is never unchanged"
        assert "make start STACK=dev" in done.stdout + done.stderr
        succeed(box, "up")
