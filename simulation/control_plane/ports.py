"""TCP ports of a control plane on the loopback address.

Owns choosing free ones and telling whether they are free. Ports are kept for the life of a
cluster, as its kubeconfig names one of them.
"""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterable

from components.contracts.errors import StrataError
from components.contracts.model import Contract

# Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 elsewhere).
_FIRST, _LAST = 20000, 32767
_ATTEMPTS = 500


class Ports(Contract):
    """One port for each listener."""

    etcd: int
    etcd_peer: int
    apiserver: int
    controller_manager: int
    scheduler: int
    kwok: int

    def all(self) -> tuple[int, ...]:
        """Every port."""
        return (self.etcd, self.etcd_peer, self.apiserver, self.controller_manager, self.scheduler, self.kwok)


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # Connections that ended a moment ago do not hinder a server, so they must not hinder this either.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose_ports(taken: Iterable[int]) -> Ports:
    """Six free ports, none of them in ``taken``.

    Raises:
        StrataError: when there seem to be none.
    """
    unusable = set(taken)
    chosen: list[int] = []
    for _ in range(_ATTEMPTS):
        port = random.randint(_FIRST, _LAST)  # noqa: S311 - no secret
        if port in unusable or not is_free(port):
            continue
        unusable.add(port)
        chosen.append(port)
        if len(chosen) == len(Ports.model_fields):
            return Ports(**dict(zip(Ports.model_fields, chosen, strict=True)))
    raise StrataError.of(
        "ports",
        cause=f"no six free TCP ports between {_FIRST} and {_LAST} on 127.0.0.1",
        consequence="the control plane has nowhere to listen",
        fix="stop other servers, or other control planes with 'python -m simulation stop NAME'",
    )
