"""Reaching release hosts.

Owns which hosts answer and fetching from them. Without a way out the whole stage must end in seconds: hosts are tried
side by side, each once, and one that fails later is not tried again.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from .processes import Children

PROBE_SECONDS = 3.0
_READ_SECONDS = 15.0
_CHUNK = 2**18
_TEXT_LIMIT = 2**22


class UnreachableError(Exception):
    """A host does not answer, or not with what was asked for."""


class Web:
    """Release hosts, and what is known about each."""

    def __init__(self, children: Children, probe_seconds: float = PROBE_SECONDS) -> None:
        self._children = children
        self._probe_seconds = probe_seconds
        self._dead: set[str] = set()
        self._opener = urllib.request.build_opener()

    def reachable(self, urls: Iterable[str]) -> tuple[set[str], set[str]]:
        """Hosts that answer and hosts that do not, found out within the probe time."""
        origins = {_origin(url) for url in urls}
        answered: set[str] = set()

        def probe(origin: str) -> None:
            if self._answers(origin):
                answered.add(origin)

        # A resolver that never answers cannot be given a time limit, hence threads that may be left behind.
        threads = [threading.Thread(target=probe, args=(origin,), daemon=True) for origin in origins]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + self._probe_seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        good = set(answered)
        self._dead |= origins - good
        return {_host(one) for one in good}, {_host(one) for one in origins - good}

    def text(self, url: str) -> str:
        """A small text."""
        with self._open(url) as response:
            return response.read(_TEXT_LIMIT).decode(errors="replace")

    def file(self, url: str, target: Path) -> None:
        """A file of any size."""
        with self._open(url) as response, target.open("wb") as out:
            try:
                while chunk := response.read(_CHUNK):
                    self._children.check()
                    out.write(chunk)
            except (OSError, HTTPException) as error:
                raise UnreachableError(f"{url} broke off: {error}") from error

    def _answers(self, origin: str) -> bool:
        try:
            with self._opener.open(_request(origin, method="HEAD"), timeout=self._probe_seconds):
                return True
        except urllib.error.HTTPError:
            return True  # it answered, and an error page is enough to know that
        except (OSError, HTTPException):
            return False

    def _open(self, url: str) -> IO[bytes]:
        origin = _origin(url)
        if origin in self._dead:
            raise UnreachableError(f"{_host(origin)} does not answer")
        try:
            return self._opener.open(_request(url), timeout=_READ_SECONDS)
        except urllib.error.HTTPError as error:
            raise UnreachableError(f"{url} answers {error.code}") from error
        except (OSError, HTTPException) as error:
            self._dead.add(origin)
            raise UnreachableError(f"{_host(origin)} does not answer: {error}") from error


def _request(url: str, method: str = "GET") -> urllib.request.Request:
    # `_origin` lets nothing but https, and http on loopback, come this far.
    return urllib.request.Request(url, method=method, headers={"User-Agent": "strata-toolchain"})  # noqa: S310


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise UnreachableError(f"{url} is not https")
    return f"{parts.scheme}://{parts.netloc}/"


def _host(origin: str) -> str:
    return urlsplit(origin).netloc
