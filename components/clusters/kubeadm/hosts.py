"""The machines of a site as users write them: names, addresses, keys, and how Pulumi logs in."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from ...contracts.addresses import Address, HostAddress
from ...contracts.model import Contract
from ...contracts.names import LabelValue, ObjectName
from ...contracts.shown_text import excerpt

_KEY_FORM = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|rsa-sha2-512|ssh-rsa) ([A-Za-z0-9+/]{40,}={0,2})")
# sshd(8): a public key in a file may be followed by a comment, which is no part of the key.
_COMMENT = r"[ \t]+[^\x00-\x1f\x7f]*"
_KEY_EXAMPLE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx0Zm9vYmFyYmF6MTIzNDU2Nzg5MGFiY2RlZg"
_FINGERPRINT = re.compile(r"(SHA256|MD5):.*|[0-9a-f]{2}(:[0-9a-f]{2}){15}")


def _host_key(text: str) -> str:
    how = "write what `ssh-keyscan -t ed25519 HOST` prints after the host's name"
    if _FINGERPRINT.fullmatch(text):
        raise ValueError(f"{excerpt(text)!r} is the fingerprint of a key, which says nothing of the key itself; {how}")
    if text.startswith("-----BEGIN"):
        raise ValueError(f"this is a file of a key, perhaps a private one, and not a host's public key; {how}")
    form = re.fullmatch(rf"({_KEY_FORM.pattern})(?:{_COMMENT})?", text)
    if form is None:
        raise ValueError(f"{excerpt(text)!r} is not a host's public key, such as '{_KEY_EXAMPLE}'; {how}")
    kind = "ssh-rsa" if form[2].startswith("rsa-") else form[2]
    # RFC 4253, section 6.6: the key starts with the length of its kind, in four bytes, and the kind itself.
    start = len(kind).to_bytes(4, "big") + kind.encode()
    held = b64decode(form[3] + "=" * (-len(form[3]) % 4))
    if not held.startswith(start) or not _is_whole(held):
        raise ValueError(f"{excerpt(text)!r} does not hold a key of kind {kind}, and was cut or mixed up; {how}")
    return form[1]


def _is_whole(key: bytes) -> bool:
    """Whether each part of a key has the length that stands before it (RFC 4251, section 5)."""
    while key:
        length = 4 + int.from_bytes(key[:4], "big")
        if len(key) < length:
            return False
        key = key[length:]
    return True


HostKey = Annotated[
    str,
    AfterValidator(_host_key),
    WithJsonSchema({"type": "string", "pattern": f"^({_KEY_FORM.pattern})({_COMMENT})?$", "examples": [_KEY_EXAMPLE]}),
]
"""Public key of a host: ``ssh-keyscan``'s answer without the host's name, or the host's ``ssh_host_…_key.pub``."""

# The name is sent to the SSH server as it is; useradd, SSSD and Active Directory decide what it may be. With blanks,
# quotes or - at the start, ssh and sudo on a command line would read it as more than a name.
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,255}\$?"


def _user_name(text: str) -> str:
    if re.fullmatch(_USER, text) is None:
        raise ValueError(
            f"{excerpt(text)!r} is not a user's name for SSH: letters and digits, then also . _ - + @ and a backslash; "
            r"write it like strata, ana.maria, ana@corp.example.com or CORP\ana"
        )
    return text


UserName = Annotated[
    str,
    AfterValidator(_user_name),
    WithJsonSchema({"type": "string", "pattern": f"^({_USER})$", "examples": ["strata", "ana@corp.example.com"]}),
]
"""User of a host: a local one, or one of a directory, such as ``ana@corp.example.com``."""
Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""


class HostSsh(Contract):
    """How Pulumi logs in to one host, where that differs from the other hosts."""

    user: UserName | None = None
    """A user who may run anything with ``sudo`` without a password; ``ssh.user`` where left out."""
    port: Port | None = None
    """Port of its SSH server; ``ssh.port`` where left out."""


class Host(Contract):
    """One machine that runs Ubuntu or Debian and lets Pulumi in over SSH."""

    name: ObjectName
    """Name of the host and of its node."""
    address: Address
    """Address by which nodes reach each other, and Pulumi reaches the host."""
    host_key: HostKey
    """Its SSH key; a machine with another one is not spoken to."""
    ssh: HostSsh = HostSsh()
    """User and port where they differ from the other hosts'."""


class Worker(Host):
    """A host of a node pool."""

    pool: ObjectName
    """Node pool that it belongs to."""
    zone: LabelValue
    """Rack or room that fails as one; one of the pool's zones."""


class Bastion(Contract):
    """A host through which all others are reached."""

    address: HostAddress
    """Address or name of the jump host."""
    port: Port = 22
    """Port of its SSH server."""
    user: UserName | None = None
    """User on it; ``ssh.user`` where left out."""
    host_key: HostKey
    """Its public key, as ``ssh-keyscan`` prints it without the name."""


class Ssh(Contract):
    """How Pulumi logs in; the private key is the secret that ``secrets.ssh_private_key`` names."""

    user: UserName
    """A user who may run anything with ``sudo`` and is not asked for a password; a host may name another one."""
    port: Port = 22
    """Port of the SSH servers; a host may name another one."""
    bastion: Bastion | None = None
    """Jump host that the connections go through."""

    def user_of(self, host: Host) -> str:
        """Who logs in to a host."""
        return host.ssh.user or self.user

    def port_of(self, host: Host) -> int:
        """Where a host's SSH server listens."""
        return host.ssh.port or self.port
