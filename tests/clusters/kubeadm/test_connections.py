"""Who logs in to which host, through which jump host."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from components.clusters.kubeadm.connections import Login
from components.clusters.kubeadm.hosts import Bastion, Host, HostSsh, Ssh

from .site import site

TARGET, _ = site()
HOST = TARGET.workers[0]
JUMP = Bastion(address="jump.example.com", host_key=TARGET.workers[1].host_key)


def seen(ssh: Ssh, host: Host = HOST) -> Mapping[str, object]:
    """The connection to a host, flat."""
    made = Login(target=TARGET.model_copy(update={"ssh": ssh}), private_key="key").to(host)
    assert made.proxy is None or not isinstance(made.proxy, dict)
    through = {"proxy user": getattr(made.proxy, "user", None), "proxy port": getattr(made.proxy, "port", None)}
    return {"user": made.user, "port": made.port, "key": made.host_key, **through}


@pytest.mark.parametrize(
    ("own", "user", "port"),
    [
        (HostSsh(), "strata", 2200),
        (HostSsh(user="ubuntu"), "ubuntu", 2200),
        (HostSsh(port=22), "strata", 22),
        (HostSsh(user="debian", port=2222), "debian", 2222),
    ],
    ids=["as all others", "its own user", "its own port", "both"],
)
def test_a_host_may_have_its_own_user_and_port(own: HostSsh, user: str, port: int) -> None:
    host = HOST.model_copy(update={"ssh": own})
    found = seen(Ssh(user="strata", port=2200), host)
    assert (found["user"], found["port"], found["key"]) == (user, port, HOST.host_key)


def test_the_jump_host_has_the_user_of_the_hosts_unless_it_names_one() -> None:
    assert seen(Ssh(user="strata", bastion=JUMP))["proxy user"] == "strata"
    assert seen(Ssh(user="strata", bastion=JUMP.model_copy(update={"user": "ops"})))["proxy user"] == "ops"
    assert seen(Ssh(user="strata", bastion=JUMP), HOST.model_copy(update={"ssh": HostSsh(user="u")}))["proxy user"] == (
        "strata"
    )
