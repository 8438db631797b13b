"""``python -m simulation.control_plane.cluster_network``: how an API server without live nodes reaches its cluster.

The API server asks for every connection to a Service or a node by HTTP CONNECT, as it does where konnectivity carries
them (Kubernetes documentation, "Set up Konnectivity service"). Nodes that kwok plays are reached as they are. Nobody
listens at the address of a Service, so this answers for its pods: whatever group of an aggregated API is asked for is
there and has no objects. Without it a group whose server runs on a played node would stay undiscovered, and as long as
one is, no namespace of the cluster ever goes (kubernetes, pkg/controller/namespace/deletion).

The API server asks only where the Service has ready endpoints, so an API goes with its pods.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import re
import ssl
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from .kwokctl import SERVICE_RANGE
from .layout import Layout

_SERVICES = ipaddress.ip_network(SERVICE_RANGE)
_GROUP_VERSION = re.compile(r"^/apis/([^/?]+/[^/?]+)/?(?:\?|$)")
_LOOK_SECONDS = 1.0
_CHUNK = 1 << 16


def main() -> int:
    """Work until the control plane is deleted."""
    layout = Layout.of(sys.argv[1], Path(sys.argv[2]))
    asyncio.run(_serve(layout))
    return 0


async def _serve(layout: Layout) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(layout.certificates / "admin.crt", layout.certificates / "admin.key")

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever goes in the middle of a connection is answered no more.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _carry(reader, writer, context)
        writer.close()

    # By its name in its folder, as paths of sockets have to be short.
    os.chdir(layout.home)
    layout.cluster_socket.unlink(missing_ok=True)
    async with await asyncio.start_unix_server(carry, layout.cluster_socket.name):
        while layout.record.exists():  # noqa: ASYNC110 - another process removes it
            await asyncio.sleep(_LOOK_SECONDS)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
    method, target, _ = await _head(reader)
    host, _, port = target.rpartition(":")
    if method != "CONNECT" or not port.isdecimal():
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return
    if _is_service(host):
        writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        await writer.start_tls(context)
        await _answer(reader, writer)
        return
    try:
        node_reader, node_writer = await asyncio.open_connection(host, int(port))
    except OSError:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return
    writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
    await asyncio.gather(_copy(reader, node_writer), _copy(node_reader, writer))


def _is_service(host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in _SERVICES
    except ValueError:
        return False


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while read := await reader.read(_CHUNK):
            writer.write(read)
            await writer.drain()
    finally:
        writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, Mapping[str, str]]:
    """Method, target and headers of a request."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = [*first.split(" "), "", ""][:3]
    return method, target, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        _, target, headers = await _head(reader)
        await reader.readexactly(int(headers.get("content-length", "0")))
        asked = _GROUP_VERSION.match(target)
        status, body = ("200 OK", _group(asked.group(1))) if asked else ("404 Not Found", _NOTHING)
        text = json.dumps(body).encode()
        about = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        writer.write(about.encode() + text)
        await writer.drain()


_NOTHING: Mapping[str, str | int] = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "NotFound",
    "message": "simulated nodes have no server that could answer",
    "code": 404,
}


def _group(name: str) -> Mapping[str, str | list[str]]:
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": []}


if __name__ == "__main__":
    sys.exit(main())
