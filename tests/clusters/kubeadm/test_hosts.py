"""Keys and users of hosts: what SSH takes is taken, and everything else is called what it is."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.clusters.kubeadm.hosts import Ssh, Worker
from components.contracts.errors import StrataError

from .site import site

TARGET, _ = site()


def worker(host_key: str) -> Worker:
    return Worker(name="a", address="10.0.0.1", host_key=host_key, pool="p", zone="z")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("SHA256:uNiVztksCsDhcc0u9e8BrJQXVUpKZIDTMczCvj3tD2s", "fingerprint"),
        ("MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "fingerprint"),
        ("16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "fingerprint"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "perhaps a private one"),
        ("ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAABgQDJSSKBODvRUl3qbbPbbbbbbbbbbbbbbbbb", "cut or mixed up"),
        (
            "10.40.0.21 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx0Zm9vYmFyYmF6MTIzNDU2Nzg5MGFiY2RlZg",
            "not a host's public key",
        ),
    ],
)
def test_what_is_not_a_host_key_is_called_what_it_is(key: str, said: str) -> None:
    with pytest.raises((StrataError, ValidationError), match=said):
        worker(key)


KEY = TARGET.workers[0].host_key


@pytest.mark.parametrize("comment", [" root@h100-1", "  two words", "\tkey of h100-1"])
def test_the_comment_of_a_copied_key_is_left_out(comment: str) -> None:
    assert worker(KEY + comment).host_key == KEY


@pytest.mark.parametrize("user", ["strata", "ana.maria", "Strata", "CORP\\ana", "ana@corp.example.com", "pc$"])
def test_users_of_directories_may_log_in(user: str) -> None:
    assert Ssh(user=user).user == user


@pytest.mark.parametrize("user", ["", "-oProxyCommand=x", "a b", "a\n", "a;b", "a'b", "@b"])
def test_a_user_that_is_more_than_a_name_is_refused_with_the_form(user: str) -> None:
    with pytest.raises((StrataError, ValidationError), match="not a user's name for SSH"):
        Ssh(user=user)
