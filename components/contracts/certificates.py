"""Certificates of private authorities, read from a file of the project."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

from .errors import Problem
from .small_files import small_text

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


def ca_bundle_problems(path: str | None, field: str, consequence: str) -> Iterator[Problem]:
    """A bundle of certificates that nobody could be given.

    Args:
        path: The file; None where there is none.
        field: The setting that names it.
        consequence: What would come of it.
    """
    if path is None:
        return
    try:
        read_certificates(path)
    except ValueError as error:
        yield Problem(
            field=field,
            cause=f"{path} {error}",
            consequence=consequence,
            fix="name a PEM file of the project with the certificates of the authorities and nothing else",
        )
