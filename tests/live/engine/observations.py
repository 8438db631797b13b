"""What a client, a kubelet and a person at the command line notice of an engine, in a form that two can be compared in.

The same observations are made of the real engine and of its stand-in. Identities, times, counts and generated text are
left out; names, order of fields, statuses, kinds, reasons and messages stay.
"""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

MODEL = "qwen2-7b"
_JSON = {"Content-Type": "application/json"}
_HI = [{"role": "user", "content": "Hi"}]
_KEPT = {"object", "role", "finish_reason", "owned_by", "detail", "message", "type", "param", "code", "parent", "group"}
_OBJECT = TypeAdapter(dict[str, object])
_LIST = TypeAdapter(list[object])
_IDENTITY = re.compile(r"\b(chatcmpl|cmpl|modelperm)-\w+")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that is observed."""

    path: str
    body: Mapping[str, object] | str | None = None
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)


def _chat(**more: object) -> Request:
    return Request(path="/v1/chat/completions", body={"model": MODEL, "temperature": 0, "messages": _HI, **more})


def _text(**more: object) -> Request:
    return Request(path="/v1/completions", body={"model": MODEL, "temperature": 0, **more})


REQUESTS: Mapping[str, Request] = {
    "health": Request(path="/health", method="GET"),
    "models": Request(path="/v1/models", method="GET"),
    "version": Request(path="/version", method="GET"),
    "ping": Request(path="/ping", method="GET"),
    "load": Request(path="/load", method="GET"),
    "a path that is not there": Request(path="/nothing", method="GET"),
    "a method that is not allowed": Request(path="/v1/models", body={}),
    "embeddings of a generative model": Request(path="/v1/embeddings", body={"model": MODEL, "input": "x"}),
    "tokenize": Request(path="/tokenize", body={"model": MODEL, "prompt": "Hi you"}),
    "chat": _chat(max_tokens=4, ignore_eos=True),
    "chat of two choices": _chat(max_tokens=2, ignore_eos=True, n=2, temperature=1),
    "chat without a model": Request(path="/v1/chat/completions", body={"messages": _HI, "max_tokens": 1}),
    "chat streamed": _chat(max_tokens=3, ignore_eos=True, stream=True),
    "chat streamed with usage": _chat(
        max_tokens=3, ignore_eos=True, stream=True, stream_options={"include_usage": True}
    ),
    "chat of two choices streamed": _chat(max_tokens=2, ignore_eos=True, n=2, temperature=1, stream=True),
    "completions of two prompts": _text(prompt=["Hi", "Oh"], max_tokens=2, ignore_eos=True),
    "completion": _text(prompt="Hi", max_tokens=3, ignore_eos=True),
    "completion streamed": _text(prompt="Hi", max_tokens=3, ignore_eos=True, stream=True),
    "completion streamed with usage": _text(
        prompt="Hi", max_tokens=3, ignore_eos=True, stream=True, stream_options={"include_usage": True}
    ),
    "an unknown model": Request(path="/v1/chat/completions", body={"model": "no", "messages": _HI}),
    "an unknown model of a completion": Request(path="/v1/completions", body={"model": "no", "prompt": "Hi"}),
    "no messages": Request(path="/v1/chat/completions", body={"model": MODEL}),
    "an empty conversation": _chat(messages=[]),
    "messages that are a text": _chat(messages="Hi", max_tokens="x"),
    "no JSON": Request(path="/v1/chat/completions", body="{bad"),
    "another content type": Request(
        path="/v1/chat/completions", body=json.dumps({"model": MODEL, "messages": _HI}), headers={"Content-Type": "x/y"}
    ),
    "fewer than one token": _chat(max_tokens=-1),
    "more tokens than the context": _chat(max_tokens=9000),
    "a negative temperature": _chat(temperature=-1),
    "a top_p above one": _chat(top_p=1.5),
    "no prompt": _text(),
    "an empty prompt": _text(prompt=""),
}

ARGUMENTS: Mapping[str, Sequence[str]] = {
    "an unknown option": ("--no-such-flag=1",),
    "a wrong choice": ("--dtype=bfloat17",),
    "a text for an integer": ("--max-num-seqs=many",),
    "a text for a number": ("--gpu-memory-utilization=most",),
    "an option without its value": ("--max-num-seqs",),
    "a switch with a value": ("--enforce-eager=true",),
    "an object that is no JSON": ("--kv-transfer-config={",),
    "a length with a wrong unit": ("--max-model-len=32q",),
    "a beginning that two options share": ("--max-num-s=4",),
    "a number out of range": ("--gpu-memory-utilization=1.5",),
    "a context longer than the model's": ("--max-model-len=16384",),
}


def send(connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPResponse:
    """Send it and return the answer, whose body is not read yet."""
    body = request.body if isinstance(request.body, str | None) else json.dumps(request.body)
    connection.request(request.method, request.path, body, dict(request.headers) if body is not None else {})
    return connection.getresponse()


def observed_requests(address: tuple[str, int]) -> dict[str, object]:
    """Every answer, each on a connection of its own, and what happens to a connection that is used again."""
    found: dict[str, object] = {}
    for name, request in REQUESTS.items():
        connection = http.client.HTTPConnection(*address, timeout=120)
        found[name] = _answer(send(connection, request))
        connection.close()
    found["metrics"] = metric_names(address)
    found["a connection that is used again"] = list(_kept(address))
    return found


def _answer(response: http.client.HTTPResponse) -> dict[str, object]:
    body = response.read().decode()
    kind = response.getheader("content-type")
    return {"status": response.status, "type": kind, "server": response.getheader("server"), "body": _body(body, kind)}


def _body(body: str, kind: str | None) -> object:
    if kind and kind.startswith("text/event-stream"):
        frames = [line.removeprefix("data: ") for line in body.split("\n") if line]
        return [frame if frame == "[DONE]" else shape(json.loads(frame)) for frame in frames]
    try:
        return shape(json.loads(body)) if body else ""
    except ValueError:
        return "no JSON"


def shape(value: object, key: str = "") -> object:
    """A document with its fields in their order, and of its values those that say something about the interface."""
    match value:
        case dict():
            members = _OBJECT.validate_python(value)
            return {"fields": [[name, shape(member, name)] for name, member in members.items()]}
        case list():
            shapes = [shape(item) for item in _LIST.validate_python(value)]
            return shapes if all(isinstance(item, dict) for item in shapes) else "a list"
        case bool() | None:
            return value
        case str():
            return _IDENTITY.sub(r"\1-…", value) if key in _KEPT else "a text"
        case int() | float():
            return value if key in {"code", "index", "max_model_len"} else "a number"
        case _:
            raise TypeError(value)


def metric_names(address: tuple[str, int]) -> list[str]:
    """Names, kinds and labels of the engine's metrics."""
    connection = http.client.HTTPConnection(*address, timeout=60)
    text = send(connection, Request(path="/metrics", method="GET")).read().decode()
    connection.close()
    kinds = {match[1]: match[2] for match in re.finditer(r"^# TYPE (vllm:\S+) (\w+)$", text, re.MULTILINE)}
    found = {f"{name} {kind}" for name, kind in kinds.items()}
    for match in re.finditer(r"^(vllm:\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        if not match[1].startswith("vllm:cache_config_info"):
            labels = sorted(set(re.findall(r'(\w+)="', match[2] or "")) - {"le"})
            found.add(f"{match[1]} {{{','.join(labels)}}}")
    return sorted(found)


def _kept(address: tuple[str, int]) -> Iterator[list[object]]:
    connection = http.client.HTTPConnection(*address, timeout=120)
    for name in ("health", "chat", "an unknown model", "chat streamed", "models"):
        response = send(connection, REQUESTS[name])
        response.read()
        yield [name, response.status, response.getheader("connection"), connection.sock is not None]
    connection.close()


def observed_arguments(command: Sequence[str], model: str, environment: Mapping[str, str]) -> dict[str, object]:
    """How the engine ends that was started with a wrong argument."""
    return {
        name: _ending([*command, "serve", model, "--host=127.0.0.1", "--port=8163", *wrong], environment)
        for name, wrong in ARGUMENTS.items()
    }


def observed_checkpoints(
    command: Sequence[str], checkpoint: Path, scratch: Path, environment: Mapping[str, str]
) -> dict[str, object]:
    """How the engine ends whose model's folder is missing or damaged."""
    folders = {"no folder": scratch / "nothing", **dict(damaged(checkpoint, scratch))}
    return {
        name: _ending([*command, "serve", str(folder), "--host=127.0.0.1", "--port=8163"], environment, folder)
        for name, folder in folders.items()
    }


def damaged(checkpoint: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Copies of the folder, each with one fault."""
    weights = (checkpoint / "model.safetensors").read_bytes()
    faults: dict[str, dict[str, bytes | None]] = {
        "no config.json": {"config.json": None},
        "a config.json that is cut": {"config.json": b'{"architectures": ['},
        "no weights": {"model.safetensors": None},
        "weights that are cut": {"model.safetensors": weights[: len(weights) // 2]},
    }
    for name, changes in faults.items():
        folder = scratch / name.replace(" ", "-")
        folder.mkdir()
        for file in checkpoint.iterdir():
            if file.is_file() and file.name not in changes:
                (folder / file.name).symlink_to(file.resolve())
        for file, content in changes.items():
            if content is not None:
                (folder / file).write_bytes(content)
        yield name, folder


def _ending(argv: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> dict[str, object]:
    done = subprocess.run(argv, env=dict(environment), capture_output=True, text=True, timeout=400, check=False)
    lines = [re.sub(r"^\(\w+ pid=\d+\) ", "", line.rstrip()) for line in done.stderr.splitlines()]
    said = [line for line in lines if re.match(r"(vllm( serve)?: error:|[\w.]*(Error|Exception)\b.*:)", line)]
    last = said[-1] if said else (lines[-1] if lines else "")
    return {"status": done.returncode, "last": last.replace(str(folder), "FOLDER") if folder else last}


@dataclass(frozen=True, kw_only=True)
class _Ask:
    """One request during a drain."""

    name: str
    path: str
    kept: bool


def observed_drain(address: tuple[str, int], server: subprocess.Popen[bytes], tokens: int) -> dict[str, object]:
    """What clients see between SIGTERM and the end: streams under way, probes, and new requests.

    Args:
        address: Where the engine answers.
        server: Its process, which ends here.
        tokens: Length of the streams: some seconds of work.
    """
    ends: list[str] = []
    body = _chat(max_tokens=tokens, ignore_eos=True, stream=True, stream_options={"include_usage": True})

    def stream() -> None:
        connection = http.client.HTTPConnection(*address, timeout=120)
        text = send(connection, body).read().decode()
        frames = [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: {")]
        counted = frames[-1].get("usage", {}).get("completion_tokens") == tokens
        ends.append(f"{'whole' if counted else 'cut'}, {text.strip().split()[-1]}")

    streams = [threading.Thread(target=stream) for _ in range(2)]
    for thread in streams:
        thread.start()
    kept = http.client.HTTPConnection(*address, timeout=60)
    send(kept, REQUESTS["health"]).read()
    time.sleep(1.5)
    server.send_signal(signal.SIGTERM)
    time.sleep(1.0)
    found: dict[str, object] = {
        "health while draining": _outcome(address, REQUESTS["health"]),
        "models while draining": _outcome(address, REQUESTS["models"]),
        "metrics while draining": _outcome(address, Request(path="/metrics", method="GET"))["status"],
        "health on a kept connection while draining": _outcome(address, REQUESTS["health"], kept),
        "a new chat while draining": _outcome(address, _chat(max_tokens=1)),
        "a new streamed chat while draining": _outcome(address, _chat(max_tokens=1, stream=True)),
        "a new completion while draining": _outcome(address, _text(prompt="Hi", max_tokens=1)),
        "the connection of a chat that was refused while draining": _afterwards(address, _chat(max_tokens=1)),
    }
    for thread in streams:
        thread.join()
    begin = time.monotonic()
    found["streams under way"] = sorted(ends)
    found["status at the end"] = server.wait(timeout=120)
    found["seconds from the last stream to the end"] = "below 15" if time.monotonic() - begin < 15 else "more"
    return found


def _afterwards(address: tuple[str, int], request: Request) -> str:
    """Whether a connection can still be used when its request has been answered."""
    connection = http.client.HTTPConnection(*address, timeout=30)
    send(connection, request).read()
    time.sleep(0.5)
    try:
        return f"answers {send(connection, REQUESTS['health']).status}"
    except (OSError, http.client.HTTPException):
        return "is closed"
    finally:
        connection.close()


def _outcome(
    address: tuple[str, int], request: Request, kept: http.client.HTTPConnection | None = None
) -> dict[str, object]:
    connection = kept or http.client.HTTPConnection(*address, timeout=30)
    try:
        response = send(connection, request)
        closing = response.getheader("connection")
        return {**_answer(response), "connection": closing}
    except (OSError, http.client.HTTPException) as error:
        return {"status": "no answer", "why": type(error).__name__}
    finally:
        if kept is None:
            connection.close()
