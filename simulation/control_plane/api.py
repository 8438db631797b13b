"""A small client of the control plane's API.

Owns connections and errors. It knows no kinds: callers give paths and bodies, and read answers
with the models they need.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from components.contracts.errors import StrataError

from . import identity
from .layout import Layout
from .record import read_record

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

MANAGER = "strata-simulation"
"""Owner of all fields that the simulation sets."""

_TIMEOUT_SECONDS = 60.0
_RETRIES = 5
_PARALLEL = 8
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Answer(BaseModel):
    """Base of what callers read: the fields they name, all others ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ApiError(Exception):
    """The server refused a request."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(f"{status}: {message}")


class Api:
    """Requests to one control plane, as its administrator."""

    def __init__(self, layout: Layout) -> None:
        record = read_record(layout.record)
        if record is None or not record.installed:
            raise _not_running(layout.name, "it was never started")
        self._name = layout.name
        self._port = record.ports.apiserver
        self._context = identity.tls(layout)
        self._local = threading.local()

    def get(self, path: str, **query: str) -> bytes:
        """Read something."""
        return self._request("GET", path, query)

    def find(self, path: str) -> bytes | None:
        """Read something; None where it, or its kind, is not there."""
        return _if_there(lambda: self.get(path))

    def delete(self, path: str, body: Json = None) -> None:
        """Delete something; that it is gone already is well."""
        _if_there(lambda: self._request("DELETE", path, {}, body))

    def apply(self, path: str, body: Json) -> None:
        """Server-side apply: make the named fields so, whoever set them before."""
        query = {"fieldManager": MANAGER, "force": "true"}
        self._request("PATCH", path, query, body, "application/apply-patch+yaml")

    def create(self, path: str, body: Json) -> None:
        """Create something; a refusal for now, such as that of a disruption budget, is not tried again."""
        self._request("POST", path, {}, body, attempts=1)

    def merge(self, path: str, body: Json, manager: str = MANAGER) -> None:
        """JSON merge patch of something that is there.

        Args:
            path: Its path.
            body: The fields that change.
            manager: Who owns them.
        """
        self._request("PATCH", path, {"fieldManager": manager}, body, "application/merge-patch+json")

    def merge_if_there(self, path: str, body: Json, manager: str = MANAGER) -> None:
        """The same of something that may be gone."""
        _if_there(lambda: self.merge(path, body, manager))

    def stream(self, path: str, **query: str) -> Iterator[bytes]:
        """Lines of a watch, until the server ends it.

        Raises:
            StrataError: when the server is gone.
            ApiError: when it refuses the watch.
        """
        connection = self._new_connection()
        try:
            connection.request("GET", f"{path}?{urlencode(query)}", headers={"Accept": "application/json"})
            response = connection.getresponse()
            if response.status >= http.client.BAD_REQUEST:
                raise ApiError(response.status, _message(response.read()))
            # A server that is killed leaves half a line.
            while (line := response.readline()).endswith(b"\n"):
                yield line
        except (OSError, http.client.HTTPException) as error:
            raise _not_running(self._name, str(error)) from error
        finally:
            connection.close()

    def for_each(self, items: Sequence[_Item], act: Callable[[_Item], _Result]) -> list[_Result]:
        """Do something to each item, several at a time."""
        with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
            return list(pool.map(act, items))

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Json = None,
        kind: str = "application/json",
        attempts: int = _RETRIES,
    ) -> bytes:
        target = f"{path}?{urlencode(query)}" if query else path
        content = None if body is None else json.dumps(body)
        for attempt in range(attempts):
            try:
                connection = self._connection()
                connection.request(method, target, content, {"Content-Type": kind, "Accept": "application/json"})
                response = connection.getresponse()
                answer = response.read()
            except (OSError, http.client.HTTPException) as error:
                self._local.connection = None
                if attempt == attempts - 1:
                    raise _not_running(self._name, str(error)) from error
            else:
                if response.status == http.client.TOO_MANY_REQUESTS and attempt < attempts - 1:
                    time.sleep(float(response.getheader("Retry-After") or 1))
                    continue
                if response.status >= http.client.BAD_REQUEST:
                    raise ApiError(response.status, _message(answer))
                return answer
            time.sleep(0.2 * 2**attempt)
        raise _not_running(self._name, "it is too busy")

    def _connection(self) -> http.client.HTTPSConnection:
        connection: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._new_connection()
            self._local.connection = connection
        return connection

    def _new_connection(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self._port, timeout=_TIMEOUT_SECONDS, context=self._context)


class _Refusal(Answer):
    message: str = ""


def _message(answer: bytes) -> str:
    try:
        return _Refusal.model_validate_json(answer).message
    except ValueError:
        return answer[:300].decode(errors="replace")


def _if_there(ask: Callable[[], _Result]) -> _Result | None:
    try:
        return ask()
    except ApiError as error:
        if error.status == http.client.NOT_FOUND:
            return None
        raise


def _not_running(name: str, reason: str) -> StrataError:
    return StrataError.of(
        f"control plane {name}",
        cause=f"its API does not answer: {reason}",
        consequence="nothing can be created there",
        fix=f"start it with 'python -m simulation start {name}' (or 'make up')",
    )
