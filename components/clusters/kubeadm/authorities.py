"""Certificates of private authorities, put into the trust store of hosts.

containerd, curl and apt read the system's store, so a registry or mirror with a private certificate needs no settings
of its own.
"""

from __future__ import annotations

from .shell import restart_if_active, script, write_file

_FOLDER = "/usr/local/share/ca-certificates/strata"


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
