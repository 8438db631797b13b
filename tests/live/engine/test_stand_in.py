"""What the stand-in of the engine does that one engine alone on a CPU cannot be asked: plans, peers, long streams."""

from __future__ import annotations

import csv
import http.client
import json
import re
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

from components.contracts.versions import VLLM_VERSION
from components.serving.engines.vllm import METRICS
from tests.serving.record_vllm import EVERY_OPTION, RECORDED

from .observations import Request, metric_names, send
from .record_engine import await_health, served
from .stand_in import free_port, program, serving, small_checkpoint, started

_STREAM = {"model": "qwen2-7b", "messages": [{"role": "user", "content": "Hi"}], "ignore_eos": True, "stream": True}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return small_checkpoint(tmp_path / "checkpoint")


def _ask(address: tuple[str, int], **more: object) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(*address, timeout=60)
    return send(connection, Request(path="/v1/chat/completions", body={**_STREAM, **more}))


def test_it_knows_every_option_of_the_release_that_stacks_run() -> None:
    release = json.loads(RECORDED.read_text())
    with EVERY_OPTION.open(encoding="utf-8", newline="") as file:
        assert {row["option"] for row in csv.DictReader(file)} == set(release["flags"])
    assert release["version"] == VLLM_VERSION
    main = (EVERY_OPTION.parent / "main.go").read_text()
    assert f'const version = "{VLLM_VERSION}"' in main


def test_it_is_as_fast_as_its_plan_says(checkpoint: Path) -> None:
    plan = {"time_to_first_token": 0.4, "time_per_token": 0.05, "kv_cache_tokens": 4096}
    with serving(checkpoint, plans=plan) as (address, _):
        begin = time.monotonic()
        response = _ask(address, max_tokens=11)
        while not re.search(rb'"content":"[^"]', response.readline()):
            assert time.monotonic() - begin < 10
        first = time.monotonic() - begin
        response.read()
        whole = time.monotonic() - begin
    assert 0.4 <= first < 1.5
    assert 0.4 + 10 * 0.05 * 0.9 <= whole < 3


def test_it_exports_what_servers_are_scaled_by(checkpoint: Path) -> None:
    with serving(checkpoint) as (address, _):
        names = metric_names(address)
        for metric in (METRICS.waiting, METRICS.running, METRICS.kv_usage):
            assert f"{metric} {{engine,{METRICS.model_label}}}" in names
        connection = http.client.HTTPConnection(*address)
        text = send(connection, Request(path="/metrics", method="GET")).read().decode()
        connection.close()
    assert 'num_gpu_blocks="2912"' in text  # 46,592 tokens in blocks of 16


def test_a_stream_that_outlasts_the_shutdown_timeout_ends_with_done_and_without_a_reason(checkpoint: Path) -> None:
    plan = {"time_to_first_token": 0.1, "time_per_token": 0.1, "kv_cache_tokens": 4096}
    with serving(checkpoint, "--shutdown-timeout=1", plans=plan) as (address, process):
        response = _ask(address, max_tokens=200, stream_options={"include_usage": True})
        response.readline()
        process.send_signal(signal.SIGTERM)
        frames = [line for line in response.read().decode().split("\n") if line]
    assert frames[-1] == "data: [DONE]"
    assert all(json.loads(frame[6:])["choices"][0]["finish_reason"] is None for frame in frames[:-1] if "{" in frame)


def test_a_file_that_the_index_names_and_the_folder_lacks_ends_it(checkpoint: Path) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (checkpoint / "model.safetensors.index.json").write_text(json.dumps(index))
    argv = served([program()], str(checkpoint), free_port())
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "model-00002-of-00002.safetensors" in done.stderr.splitlines()[-2]


def test_a_context_that_the_model_has_not_ends_it(checkpoint: Path) -> None:
    argv = [*served([program()], str(checkpoint), free_port()), "--max-model-len=16384"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "greater than the derived max_model_len" in done.stderr


def test_a_replica_of_two_nodes_answers_when_both_are_there_and_ends_when_one_is_gone(checkpoint: Path) -> None:
    port, meeting = free_port(), free_port()
    group = ["--nnodes=2", "--master-addr=127.0.0.1", f"--master-port={meeting}"]
    argv = [*served([program()], str(checkpoint), port), *group]
    with started([*argv, "--node-rank=0"]) as first:
        with pytest.raises(TimeoutError):
            await_health(("127.0.0.1", port), first, 1.5)
        with started([*argv, "--node-rank=1", "--headless"]) as second:
            await_health(("127.0.0.1", port), first, 20)
            assert second.poll() is None
        assert first.wait(timeout=20) == 1


def test_a_decoding_replica_reaches_the_one_that_computed_the_prompt(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = free_port()
    monkeypatch.setenv("VLLM_NIXL_SIDE_CHANNEL_HOST", "127.0.0.1")
    monkeypatch.setenv("VLLM_NIXL_SIDE_CHANNEL_PORT", str(side))
    transfer = '--kv-transfer-config={"kv_connector":"NixlConnector","kv_role":"kv_both"}'
    with serving(checkpoint, transfer) as (address, _):
        asked = {"do_remote_decode": True, "do_remote_prefill": False}
        prefilled = json.load(_ask(address, max_tokens=1, stream=False, kv_transfer_params=asked))
        handed = prefilled["kv_transfer_params"]
        assert (handed["remote_host"], handed["remote_port"]) == ("127.0.0.1", side)
        assert _ask(address, max_tokens=2, kv_transfer_params=handed).status == 200
        gone = {**handed, "remote_port": free_port()}
        assert _ask(address, max_tokens=2, kv_transfer_params=gone).status == 500


def test_a_tensor_that_a_shard_does_not_hold_to_its_end_is_noticed(checkpoint: Path) -> None:
    header = json.dumps({"w": {"dtype": "BF16", "shape": [600], "data_offsets": [0, 1200]}}).encode()
    (checkpoint / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(1024))
    done = subprocess.run(
        served([program()], str(checkpoint), free_port()), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "file not fully covered" in done.stderr
