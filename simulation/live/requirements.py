"""Where live nodes can run: Linux as root, with everything installed, and no others of another project there.

Owns the answer. It changes nothing and is asked before anything else.
"""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from components.contracts.errors import Problem

from ..control_plane.api import Answer
from ..control_plane.kwokctl import SERVICE_RANGE
from .addresses import HOST, NODE_NETWORK, POD_NETWORK
from .places import Places
from .programs import Programs

_ELSEWHERE = "on a Linux machine or in a virtual machine, as root; or test on a cluster of yours with `kind: existing`"


def requirement_problems(places: Places) -> list[Problem]:
    """Why live nodes cannot run here; empty where they can."""
    return system_problems() or [*Programs(places.layout.state).problems(), *_taken(places)]


def system_problems() -> list[Problem]:
    """Why the system itself does not allow it, whatever is installed."""
    problem = _system_problem()
    return [problem] if problem else []


def _system_problem() -> Problem | None:
    consequence = "no pod would truly run; `make up` simulates them"
    if sys.platform != "linux":
        return Problem(
            field="this machine",
            cause=f"its system is {sys.platform}",
            consequence=consequence,
            fix=f"run the same command {_ELSEWHERE}",
        )
    if os.geteuid() != 0 or not _may_make_namespaces():
        return Problem(
            field="this machine",
            cause="you are not root here" if os.geteuid() else "root may not make namespaces and mounts here",
            consequence=consequence,
            fix=f"run the same command {_ELSEWHERE}",
        )
    return None


def _may_make_namespaces() -> bool:
    admin = 1 << 21  # CAP_SYS_ADMIN of linux/capability.h
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) & admin)
    return False


def _taken(places: Places) -> Iterator[Problem]:
    """Live nodes of another control plane, and networks of this machine that have the addresses of live nodes."""
    links = [_Link.model_validate(entry) for entry in _asked("address")]
    for link in links:
        if link.name != places.host_link and any(address.local == HOST for address in link.addresses):
            yield Problem(
                field="this machine",
                cause=f"live nodes of another control plane run here; their link is {link.name}",
                consequence="Services of both would have the same addresses on the host",
                fix="make live-down in that checkout, or with that STACK",
            )
            return
    ours = [ipaddress.ip_network(network) for network in (NODE_NETWORK, SERVICE_RANGE, POD_NETWORK)]
    for route in (_Route.model_validate(entry) for entry in _asked("route")):
        network = None if route.to == "default" else ipaddress.ip_network(route.to)
        for own in ours:
            if route.link != places.host_link and network is not None and network.overlaps(own):
                yield Problem(
                    field="this machine",
                    cause=f"its route to {route.to} through {route.link} covers {own}, which live nodes use",
                    consequence="that network, or the live nodes, could not be reached",
                    fix="leave that network, or run make live in a virtual machine",
                )


class _Address(Answer):
    local: str = ""


class _Link(Answer):
    name: str = Field(alias="ifname")
    addresses: list[_Address] = Field(default=[], alias="addr_info")


class _Route(Answer):
    to: str = Field(alias="dst")
    link: str = Field(default="", alias="dev")


def _asked(what: str) -> list[object]:
    done = subprocess.run(["ip", "-4", "-j", what, "show"], capture_output=True, text=True, check=False)
    answer: list[object] = json.loads(done.stdout or "[]")
    return answer
