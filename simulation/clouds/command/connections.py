"""Who may connect to which host, and what ``ssh`` says otherwise.

Words of the refusals: golang.org/x/crypto/ssh, which the real provider uses
(pulumi/pulumi-command, provider/pkg/provider/remote/connection.go).
"""

from __future__ import annotations

import base64
import binascii
import struct

from ...provider.errors import CloudError
from ...provider.values import Object, text
from .site import Site, SiteHost

_ARMOUR = "-----BEGIN OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
# Cipher, key derivation and its options come before the number of keys (openssh/openssh-portable, PROTOCOL.key).
_TEXTS_BEFORE_KEYS = 3


def connect(site: Site, connection: Object) -> SiteHost:
    """The host at the other end.

    Raises:
        CloudError: when no host answers, another host answers, or the port stays closed.
    """
    proxy = connection.get("proxy")
    if not isinstance(proxy, dict) or text(proxy, "host") != site.bastion:
        raise _timeout(text(connection, "host"), connection)
    _shake_hands(proxy, site, site.bastion_key, site.user)
    host = site.at(text(connection, "host"))
    if host is None:
        raise _timeout(text(connection, "host"), connection)
    if connection.get("port", 22) != host.port:
        raise CloudError("Unreachable", f"dial tcp {host.address}:{connection.get('port', 22)}: connection refused")
    _shake_hands(connection, site, host.host_key, host.user or site.user)
    return host


def _timeout(address: str, connection: Object) -> CloudError:
    port = connection.get("port", 22)
    return CloudError("Unreachable", f"dial tcp {address}:{port}: i/o timeout")


def _shake_hands(connection: Object, site: Site, host_key: str, user: str) -> None:
    if not text(connection, "hostKey"):
        raise CloudError("HandshakeFailed", "the connection names no host key, so any machine could pose as the host")
    if text(connection, "hostKey").split()[:2] != host_key.split()[:2]:
        raise CloudError("HandshakeFailed", "ssh: handshake failed: ssh: host key mismatch")
    if text(connection, "user") != user or public_key(text(connection, "privateKey")) != site.authorized:
        raise CloudError(
            "HandshakeFailed",
            "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], "
            "no supported methods remain",
        )


def public_key(private_key: str) -> str:
    """The public half of a private key, which stands in it unencrypted.

    Raises:
        CloudError: when it is no private key.
    """
    if not private_key.strip().startswith(_ARMOUR):
        raise CloudError("NoKey", "ssh: no key found")
    lines = [line for line in private_key.strip().splitlines() if not line.startswith("-----")]
    try:
        content = base64.b64decode("".join(lines), validate=True).removeprefix(_MAGIC)
        for _ in range(_TEXTS_BEFORE_KEYS):
            _, content = _cut(content)
        blob, _ = _cut(content[4:])
        kind, _ = _cut(blob)
    except (binascii.Error, struct.error) as error:
        raise CloudError("NoKey", f"ssh: invalid openssh private key format: {error}") from None
    return f"{kind.decode()} {base64.b64encode(blob).decode()}"


def _cut(content: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", content[:4])
    return content[4 : 4 + length], content[4 + length :]
