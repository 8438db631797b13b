"""A model hub without a way out: it has every model, all with one checkpoint, generated or from a folder.

It speaks as much of Hugging Face's protocol as the catalog's program needs: the tree of a revision with sizes and
hashes, and files with ranges. ``python -m simulation.live.hub --port 8090 --bytes 200000000`` runs it. A
generated model has as many bytes as asked for, the same ones each time, so that a download can be cut, taken up again
and verified; the stand-ins of engines load it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

_SHARDS = 4
_CHUNK = 1 << 20
_POSITIONS = 131072
_TREE = re.compile(r"^/api/models/[\w.-]+/[\w.-]+/tree/[\w.-]+(\?.*)?$")
_FILE = re.compile(r"^/[\w.-]+/[\w.-]+/resolve/[\w.-]+/(?P<path>[\w.-]+)$")
_RANGE = re.compile(r"^bytes=(\d+)-$")


@dataclass(frozen=True)
class Weights:
    """A file of weights: a header, and then one tensor of ``size`` bytes."""

    number: int
    size: int

    @property
    def tensor(self) -> str:
        """Name of its only tensor."""
        return f"model.layers.{self.number}.weight"

    @property
    def head(self) -> bytes:
        """The header with its length."""
        about = {self.tensor: {"dtype": "BF16", "shape": [self.size // 2], "data_offsets": [0, self.size]}}
        text = json.dumps(about).encode()
        return struct.pack("<Q", len(text)) + text

    @property
    def whole_size(self) -> int:
        """Size of the file in bytes."""
        return len(self.head) + self.size

    def content(self, start: int = 0) -> Iterator[bytes]:
        """The file from byte ``start``."""
        head = self.head
        yield head[start:]
        at = max(0, start - len(head))
        block = hashlib.shake_256(self.tensor.encode()).digest(_CHUNK)
        while at < self.size:
            offset = at % _CHUNK
            piece = block[offset : offset + min(_CHUNK - offset, self.size - at)]
            at += len(piece)
            yield piece


@dataclass(frozen=True)
class Stored:
    """A file that lies in a folder."""

    path: Path

    @property
    def whole_size(self) -> int:
        """Size of the file in bytes."""
        return self.path.stat().st_size

    def content(self, start: int = 0) -> Iterator[bytes]:
        """The file from byte ``start``."""
        with self.path.open("rb") as stream:
            stream.seek(start)
            while piece := stream.read(_CHUNK):
                yield piece


Files = Mapping[str, bytes | Weights | Stored]
"""The files of a model, by name."""


def stored(folder: Path) -> Files:
    """The files of a model that lie in a folder."""
    return {file.name: Stored(file) for file in sorted(folder.iterdir()) if file.is_file()}


def checkpoint(size: int) -> Files:
    """The files of a generated model.

    Args:
        size: Bytes of all weights together.
    """
    each = size // _SHARDS // 2 * 2
    shards = {f"model-{n + 1:05}-of-{_SHARDS:05}.safetensors": Weights(n, each) for n in range(_SHARDS)}
    config = {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "max_position_embeddings": _POSITIONS}
    index = {
        "metadata": {"total_size": each * _SHARDS},
        "weight_map": {weights.tensor: name for name, weights in shards.items()},
    }
    small = {"config.json": config, "model.safetensors.index.json": index, "tokenizer_config.json": {}}
    return {**{name: json.dumps(text).encode() for name, text in small.items()}, **shards}


def write_checkpoint(folder: Path, size: int) -> None:
    """Fill a folder with the files, as a finished download would."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in checkpoint(size).items():
        with (folder / name).open("wb") as stream:
            stream.writelines([file] if isinstance(file, bytes) else file.content())


def _entry(name: str, file: bytes | Weights | Stored) -> Mapping[str, object]:
    if isinstance(file, bytes):
        blob = hashlib.sha1(f"blob {len(file)}\0".encode() + file).hexdigest()  # noqa: S324 - as git names a blob
        return {"type": "file", "path": name, "size": len(file), "oid": blob}
    digest = hashlib.sha256()
    for piece in file.content():
        digest.update(piece)
    pointer = {"oid": digest.hexdigest(), "size": file.whole_size}
    return {"type": "file", "path": name, "size": file.whole_size, "oid": "0" * 40, "lfs": pointer}


@dataclass(frozen=True)
class _Model:
    """What every model of a hub is."""

    files: Files
    pace: float

    @cached_property
    def tree(self) -> bytes:
        return json.dumps([_entry(name, file) for name, file in self.files.items()]).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ClassVar[_Model]

    def do_GET(self) -> None:
        """Answer for a tree or a file."""
        if _TREE.match(self.path):
            self._send(200, len(self.model.tree), iter([self.model.tree]))
            return
        found = _FILE.match(self.path)
        file = self.model.files.get(found["path"]) if found else None
        if file is None:
            self._send(404, 0, iter(()))
            return
        asked = _RANGE.match(self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        if asked:
            sys.stdout.write(f"{self.path} from byte {start:,}\n")
            sys.stdout.flush()
        whole = len(file) if isinstance(file, bytes) else file.whole_size
        if start > whole:
            self._send(416, 0, iter(()))
            return
        content = iter([file[start:]]) if isinstance(file, bytes) else file.content(start)
        self._send(206 if asked else 200, whole - start, content)

    def _send(self, status: int, size: int, content: Iterator[bytes]) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        for piece in content:
            self.wfile.write(piece)
            time.sleep(len(piece) / self.model.pace)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class has
        """Say nothing: the catalog's program says what it does."""


def hub(address: tuple[str, int], files: Files, *, pace: float = math.inf) -> ThreadingHTTPServer:
    """A server that is not running yet.

    Args:
        address: Where it listens; port 0 takes a free one.
        files: The files of each model.
        pace: How many bytes a connection gets in a second.
    """
    handler = type("Handler", (_Handler,), {"model": _Model(files, pace)})
    return ThreadingHTTPServer(address, handler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bytes", type=int, default=200_000_000)
    options = parser.parse_args()
    hub((options.host, options.port), checkpoint(options.bytes)).serve_forever()
