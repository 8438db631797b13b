"""Clients that ask a model without a pause while something is done to its servers, and what became of each request.

Some open a connection for each request, some keep theirs until it fails, as libraries of clients do. They end with the
block that they run in.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

WHOLE = "whole"
CUT = "cut"
"""How a stream ends that began: with the reason why its last token is the last, or without."""
_PATIENCE_SECONDS = 30.0
_TOKENS = (4, 24)
# Nobody asks a thousand times a second because there was an error.
_PAUSE_SECONDS = 0.1


class Kind(StrEnum):
    """What a client does with its connection once it has an answer."""

    FRESH = "fresh connections"
    KEPT = "kept connections"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What became of one request.

    Attributes:
        client: Number of its client.
        begin: When it was sent, as a monotonic time.
        finish: When it ended.
        end: ``whole``, ``cut``, or what happened before anything of an answer came.
    """

    client: int
    begin: float
    finish: float
    end: str


@dataclass
class Load:
    """What a number of clients saw until now.

    Attributes:
        clients: How many of each kind there are.
        requests: Their requests, of all of them.
    """

    clients: int
    requests: list[Request] = field(default_factory=list[Request])

    def of(self, kind: Kind) -> Sequence[Request]:
        """Requests of one kind of clients."""
        return [request for request in self.requests if self.kind_of(request.client) is kind]

    def kind_of(self, client: int) -> Kind:
        """What a client does."""
        return Kind.FRESH if client < self.clients else Kind.KEPT

    def lost(self, kind: Kind) -> Counter[str]:
        """How often what happened to requests before anything of an answer came."""
        return Counter(request.end for request in self.of(kind) if request.end not in (WHOLE, CUT))

    def cut(self, kind: Kind) -> int:
        """How many streams ended too early."""
        return sum(request.end == CUT for request in self.of(kind))

    def longest_trouble(self, kind: Kind) -> float:
        """The longest time in which a client got nothing: from its first failure to its next request that went well."""
        longest, since = 0.0, dict[int, float]()
        for request in sorted(self.of(kind), key=lambda request: request.begin):
            if request.end == WHOLE:
                longest = max(longest, request.begin - since.pop(request.client, request.begin))
            else:
                since.setdefault(request.client, request.begin)
        return longest

    def figures(self) -> str:
        """For people, one line for each kind."""
        return "\n".join(self._line(kind) for kind in Kind)

    def _line(self, kind: Kind) -> str:
        asked = self.of(kind)
        lost = ", ".join(f"{count} {end}" for end, count in sorted(self.lost(kind).items())) or "none"
        slowest = max((request.finish - request.begin for request in asked), default=0.0)
        return (
            f"  {kind}: {len(asked)} requests, lost: {lost}, cut: {self.cut(kind)}, "
            f"slowest {slowest:.1f} s, longest without an answer {self.longest_trouble(kind):.1f} s"
        )


@contextmanager
def asking(address: str, port: int, model: str, clients: int = 20) -> Generator[Load]:
    """Ask for as long as the block runs, with so many clients of each kind."""
    load, ended = Load(clients), threading.Event()
    threads = [
        threading.Thread(target=_client, args=(load, number, (address, port), model, ended))
        for number in range(2 * clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _client(load: Load, number: int, address: tuple[str, int], model: str, ended: threading.Event) -> None:
    connection = http.client.HTTPConnection(*address, timeout=_PATIENCE_SECONDS)
    while not ended.is_set():
        begin = time.monotonic()
        end = _ask(connection, model)
        load.requests.append(Request(client=number, begin=begin, finish=time.monotonic(), end=end))
        answered = end == WHOLE or end.isdecimal()
        if load.kind_of(number) is Kind.FRESH or not answered:
            connection.close()
        if end != WHOLE:
            ended.wait(_PAUSE_SECONDS)
    connection.close()


def _ask(connection: http.client.HTTPConnection, model: str) -> str:
    question = {
        "model": model,
        "stream": True,
        "max_tokens": random.randint(*_TOKENS),  # noqa: S311 - no secret
        "messages": [{"role": "user", "content": "Who are you?"}],
    }
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(question), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != http.client.OK:
            response.read()
            return str(response.status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    return _followed(response)


def _followed(response: http.client.HTTPResponse) -> str:
    """How a stream ended; ``[DONE]`` alone does not say that it was whole."""
    begun, reason, done = False, None, False
    try:
        for frame in _frames(response):
            begun = True
            if frame == "[DONE]":
                done = True
            else:
                choices = json.loads(frame)["choices"]
                reason = choices[0]["finish_reason"] if choices else reason
    except (OSError, http.client.HTTPException, ValueError) as error:
        return CUT if begun else type(error).__name__
    if reason and done:
        return WHOLE
    return CUT if begun else "nothing"


def _frames(response: http.client.HTTPResponse) -> Iterator[str]:
    for line in response:
        if line.startswith(b"data: "):
            yield line.decode().removeprefix("data: ").strip()
