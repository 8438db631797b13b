"""Whether hosts answer before anything is run on one of them.

A run that finds the fourth host switched off has changed three already.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ...contracts.errors import Problem, raise_problems
from .settings import KubeadmTarget

_SECONDS = 5.0
_AT_ONCE = 32


def require_hosts(target: KubeadmTarget) -> None:
    """Return when every host accepts a connection on its SSH port, or the bastion where there is one.

    Hosts behind a bastion are seen by it alone.

    Raises:
        StrataError: every host that does not answer, at once.
    """
    endpoints = list(_ssh_endpoints(target))
    with ThreadPoolExecutor(_AT_ONCE) as asking:
        answers = list(asking.map(_connection_error, endpoints))
    problems = [
        Problem(
            field=field,
            cause=f"no connection to {address}:{port}: {error}",
            consequence="the other hosts would be changed, and the run would stop half-way",
            fix="switch the host on, open the port for this machine, or run this from inside the site",
        )
        for (field, address, port), error in zip(endpoints, answers, strict=True)
        if error
    ]
    raise_problems(problems)


def _ssh_endpoints(target: KubeadmTarget) -> Iterator[tuple[str, str, int]]:
    """Field, address and port of everything that is connected to from here."""
    bastion = target.ssh.bastion
    if bastion:
        yield "target.ssh.bastion.address", bastion.address, bastion.port
        return
    for index, host in enumerate(target.control_plane.hosts):
        yield f"target.control_plane.hosts[{index}].address", host.address, target.ssh.port_of(host)
    for index, host in enumerate(target.workers):
        yield f"target.workers[{index}].address", host.address, target.ssh.port_of(host)


def _connection_error(endpoint: tuple[str, str, int]) -> str:
    """Why no connection could be made; empty when one could."""
    _, address, port = endpoint
    try:
        socket.create_connection((address, port), timeout=_SECONDS).close()
    except OSError as error:
        return str(error)
    return ""
