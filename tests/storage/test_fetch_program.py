"""The catalog's download program against a real HTTP server that behaves like a hub, well and badly."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from components.storage import fetch_program as program

WEIGHTS = bytes(range(256)) * 4096
CONFIG = b'{"model_type": "qwen2"}'
REVISION = "f" * 40


@dataclass
class FakeHub:
    """A hub's files and how it misbehaves."""

    files: dict[str, bytes] = field(default_factory=lambda: {"model.safetensors": WEIGHTS, "config.json": CONFIG})
    corrupt_once: bool = False
    cut_after: int | None = None
    fail_once_with: int | None = None
    gated: bool = False
    cdn: str | None = None
    requests: list[tuple[str, str | None, str | None]] = field(default_factory=list[tuple[str, str | None, str | None]])
    url: str = ""


def entry(path: str, content: bytes) -> dict[str, object]:
    if path.endswith(".safetensors"):
        lfs = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
        return {"type": "file", "path": path, "size": len(content), "oid": "0", "lfs": lfs}
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()  # noqa: S324 - git's own
    return {"type": "file", "path": path, "size": len(content), "oid": blob}


def serve(hub: FakeHub) -> http.server.ThreadingHTTPServer:  # noqa: C901 - one handler, read as a whole
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.requests.append((self.path, self.headers.get("Authorization"), self.headers.get("Range")))
            if hub.gated and self.headers.get("Authorization") != "Bearer right":
                self.send_error(401)
            elif self.path.startswith("/api/models/"):
                self._answer(json.dumps([entry(path, content) for path, content in hub.files.items()]).encode())
            elif hub.cdn and self.path.endswith(".safetensors"):
                self.send_response(302)
                self.send_header("Location", f"{hub.cdn}{self.path}")
                self.end_headers()
            else:
                self._file(hub.files[self.path.partition(f"/resolve/{REVISION}/")[2]])

        def _file(self, content: bytes) -> None:
            if hub.fail_once_with:
                code, hub.fail_once_with = hub.fail_once_with, None
                self.send_error(code)
                return
            start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
            body = content[start:]
            if hub.corrupt_once and len(body) > 1000:
                hub.corrupt_once, body = False, bytes(len(body))
            if hub.cut_after and len(body) > hub.cut_after:
                cut, hub.cut_after = hub.cut_after, None
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[:cut])
                self.close_connection = True
                return
            self._answer(body, 206 if start else 200)

        def _answer(self, body: bytes, code: int = 200) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    return server


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv("LONGEST_WAIT", "0")
    made = FakeHub()
    server = serve(made)
    yield made
    server.shutdown()
    server.server_close()


def run(hub: FakeHub, folder: Path, monkeypatch: pytest.MonkeyPatch, token: str = "") -> int:
    listing = folder / "models.json"
    listing.write_text(json.dumps([{"model": "org/name", "revision": REVISION, "path": "org--name/rev"}]))
    for name, value in {"HUB_URL": hub.url, "CATALOG_DIR": str(folder), "MODELS_FILE": str(listing)}.items():
        monkeypatch.setenv(name, value)
    (folder / "token").write_text(f"{token}\n")
    monkeypatch.setenv("TOKEN_FILE", str(folder / "token"))
    return program.main()


def test_a_model_arrives_whole_and_is_marked_complete(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(hub, tmp_path, monkeypatch) == 0
    folder = tmp_path / "org--name/rev"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert (folder / "config.json").read_bytes() == CONFIG
    assert (folder / program.COMPLETE).exists()


def test_a_complete_model_is_not_fetched_again(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(hub, tmp_path, monkeypatch)
    before = len(hub.requests)
    assert run(hub, tmp_path, monkeypatch) == 0
    assert len(hub.requests) == before


def test_a_cut_connection_is_resumed_where_it_ended(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.cut_after = 300_000
    assert run(hub, tmp_path, monkeypatch) == 0
    assert any(asked and asked != "bytes=0-" for _, _, asked in hub.requests), "the rest alone has to be asked for"
    assert (tmp_path / "org--name/rev/model.safetensors").read_bytes() == WEIGHTS


def test_corrupt_bytes_are_never_kept(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.corrupt_once = True
    assert run(hub, tmp_path, monkeypatch) == 0
    assert (tmp_path / "org--name/rev/model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_hub_is_asked_again(code: int, hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.fail_once_with = code
    assert run(hub, tmp_path, monkeypatch) == 0


def test_a_gated_model_without_token_says_what_to_set(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.gated = True
    assert run(hub, tmp_path, monkeypatch) == 1
    assert "secrets.hugging_face_token" in capsys.readouterr().err


def test_a_gated_model_arrives_with_its_token(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.gated = True
    assert run(hub, tmp_path, monkeypatch, token="right") == 0


def test_the_token_stays_with_the_hub_when_it_redirects(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = FakeHub()
    server = serve(network)
    hub.gated, hub.cdn = True, network.url
    try:
        assert run(hub, tmp_path, monkeypatch, token="right") == 0
    finally:
        server.shutdown()
        server.server_close()
    assert network.requests, "the weights come from the other host"
    assert {token for _, token, _ in network.requests} == {None}, "the token must not travel"


def test_a_path_that_leaves_the_folder_is_refused(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files["../../../escaped.json"] = b"{}"
    assert run(hub, tmp_path, monkeypatch) == 1
    assert not (tmp_path.parent / "escaped.json").exists()


def test_a_repository_without_safetensors_is_refused(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del hub.files["model.safetensors"]
    assert run(hub, tmp_path, monkeypatch) == 1
