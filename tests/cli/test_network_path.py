"""Before a run on a real cloud: is there a way to the API server, and which one should there be?"""

from __future__ import annotations

import json
import socket
from collections.abc import Generator

import pytest

from cli.network_path import require_network_path
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.errors import StrataError

PRIVATE = PrivateAccess(kind="private", cidrs=("10.250.0.0/16",))
PUBLIC = PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listening() -> Generator[int, None, None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def kubeconfig(port: int) -> str:
    return json.dumps(
        {
            "clusters": [{"name": "a", "cluster": {"server": f"https://127.0.0.1:{port}"}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        }
    )


def test_an_api_server_that_accepts_a_connection_is_well(listening: int) -> None:
    require_network_path(kubeconfig(listening), PRIVATE)


def test_a_private_one_without_a_way_names_the_networks_and_how_to_join_them(silent: int) -> None:
    with pytest.raises(StrataError) as refused:
        require_network_path(kubeconfig(silent), PRIVATE)
    problem = refused.value.problems[0]
    assert problem.field == "target.api_access"
    for part in ("private", "10.250.0.0/16", "VPN", "transit gateway"):
        assert part in problem.fix


def test_a_public_one_without_a_way_names_who_may_connect(silent: int) -> None:
    with pytest.raises(StrataError) as refused:
        require_network_path(kubeconfig(silent), PUBLIC)
    assert "198.51.100.0/24" in refused.value.problems[0].fix


def test_behind_a_proxy_nobody_can_tell_and_nothing_is_refused(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    require_network_path(kubeconfig(silent), PRIVATE)
