"""Hosts that do not answer are named before any other is touched."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from components.clusters.kubeadm.hosts import Bastion, HostSsh
from components.clusters.kubeadm.reachability import require_hosts
from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.errors import StrataError

from .site import site

TARGET, _ = site()
KEY = TARGET.workers[0].host_key


@pytest.fixture
def ssh_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def behind(bastion: Bastion | None, port: int = 22) -> KubeadmTarget:
    here = [host.model_copy(update={"address": "127.0.0.1"}) for host in (*TARGET.control_plane.hosts, *TARGET.workers)]
    first, second = here[: len(TARGET.control_plane.hosts)], here[len(TARGET.control_plane.hosts) :]
    return TARGET.model_copy(
        update={
            "control_plane": TARGET.control_plane.model_copy(update={"hosts": tuple(first)}),
            "workers": tuple(second),
            "ssh": TARGET.ssh.model_copy(update={"bastion": bastion, "port": port}),
        }
    )


def test_hosts_that_answer_are_fine(ssh_port: int) -> None:
    require_hosts(behind(None, ssh_port))
    require_hosts(behind(Bastion(address="127.0.0.1", port=ssh_port, user="strata", host_key=KEY)))


def test_a_host_is_asked_on_its_own_port(ssh_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        closed = closing.getsockname()[1]
    target = behind(None, closed)
    first, *others = target.workers
    with pytest.raises(StrataError) as refused:
        require_hosts(
            target.model_copy(update={"workers": (first.model_copy(update={"ssh": HostSsh(port=ssh_port)}), *others)})
        )
    assert "target.workers[0].address" not in {problem.field for problem in refused.value.problems}
    assert len(refused.value.problems) == 8


def test_every_silent_host_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    with pytest.raises(StrataError) as refused:
        require_hosts(behind(None, port))
    assert len(refused.value.problems) == 9
    assert refused.value.problems[3].field == "target.workers[0].address"


def test_a_silent_bastion_is_the_only_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    with pytest.raises(StrataError) as refused:
        require_hosts(behind(Bastion(address="127.0.0.1", port=port, user="strata", host_key=KEY)))
    assert [problem.field for problem in refused.value.problems] == ["target.ssh.bastion.address"]
