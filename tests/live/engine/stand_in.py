"""Starting the stand-in of the engine on loopback, without a node."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from .record_engine import await_health, served

_STATE = Path(__file__).parents[3] / ".strata" / "bin"


def program() -> str:
    """The stand-in; the test is skipped without it, and fails where live tests are required."""
    found = shutil.which("live-engine", path=os.pathsep.join([str(_STATE), os.environ.get("PATH", "")]))
    if found is None:
        reason = "live-engine is not built: make toolchain-live"
        if os.environ.get("LIVE_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def small_checkpoint(folder: Path) -> Path:
    """A model's folder with a whole file of weights."""
    folder.mkdir(parents=True)
    config = {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "max_position_embeddings": 8192}
    (folder / "config.json").write_text(json.dumps(config))
    header = json.dumps({"w": {"dtype": "BF16", "shape": [512], "data_offsets": [0, 1024]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(1024))
    return folder


@contextmanager
def started(argv: Sequence[str], variables: Mapping[str, str] | None = None) -> Generator[subprocess.Popen[bytes]]:
    """The process, which is ended however the test ends."""
    process = subprocess.Popen(argv, env={**os.environ, **(variables or {})}, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def serving(
    checkpoint: Path, *further: str, plans: Mapping[str, object] | None = None
) -> Generator[tuple[tuple[str, int], subprocess.Popen[bytes]]]:
    """A healthy stand-in with the arguments of the dev stack: its address and its process."""
    port = free_port()
    file = checkpoint.parent / f"plans-{port}.json"
    quick = {"time_to_first_token": 0.02, "time_per_token": 0.01, "kv_cache_tokens": 46592}
    file.write_text(json.dumps({"qwen2-7b": plans or quick}))
    argv = [*served([program()], str(checkpoint), port), *further]
    with started(argv, {"STRATA_ENGINE_PLANS": str(file)}) as process:
        await_health(("127.0.0.1", port), process, 30)
        yield ("127.0.0.1", port), process
