"""Certificates of private authorities: read from a file of the project, and put into the trust store of hosts.

containerd, curl and apt read the system's store, so a registry or mirror with a private certificate needs no settings
of its own.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from ...contracts.small_files import small_text
from .shell import restart_if_active, script, write_file

_FOLDER = "/usr/local/share/ca-certificates/strata"
# A script is one argument of the host's shell, which Linux limits to 128 KiB (execve(2), MAX_ARG_STRLEN).
_MOST_BYTES = 65_536
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def read_certificates(path: str) -> tuple[str, ...]:
    """The certificates of a PEM file, each in PEM.

    Args:
        path: The file; relative paths start in the folder of the project.

    Raises:
        ValueError: It is not such a file; the message says why, in words that begin with a verb.
    """
    text = small_text(Path(path), _MOST_BYTES)
    if "PRIVATE KEY-----" in text:
        raise ValueError("holds a private key, which must not be on other machines")
    found = tuple(_CERTIFICATE.findall(text))
    if not found:
        raise ValueError("holds no certificate in PEM: no line -----BEGIN CERTIFICATE-----")
    if text.count("-----BEGIN CERTIFICATE") != len(found):
        raise ValueError("has a certificate that is cut off or is not base64")
    for number, certificate in enumerate(found, 1):
        try:
            ssl.create_default_context(cadata=certificate)
        except (ssl.SSLError, ValueError):
            raise ValueError(f"has a certificate that cannot be decoded, number {number} of {len(found)}") from None
    return found


def trust(certificates: tuple[str, ...]) -> str:
    """Adds them to the trust store, in place of those of before: one to a file, as ``update-ca-certificates`` wants."""
    return script(
        f"sudo rm --recursive --force {_FOLDER}",
        *(write_file(f"{_FOLDER}/{number}.crt", f"{text}\n") for number, text in enumerate(certificates, 1)),
        "sudo update-ca-certificates --fresh",
        restart_if_active("containerd"),
    )


def distrust() -> str:
    """Takes them out of the trust store."""
    return script(
        f"sudo rm --recursive --force {_FOLDER}",
        "sudo update-ca-certificates --fresh",
        restart_if_active("containerd"),
    )
