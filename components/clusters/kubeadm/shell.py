"""Building blocks of the shell scripts that hosts run.

Scripts use no redirection, no directory changes and no commands by path, so that they also run in a
restricted shell: what a script can touch is what its commands can. Each may run again after it was
cut off half-way.
"""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote

ADMIN = "--kubeconfig=/etc/kubernetes/admin.conf"
"""Flag with which ``kubectl`` on a control plane host has full rights."""


def script(*lines: str) -> str:
    """The lines as one script that ends at the first failure."""
    return "\n".join(("set -eu", *lines)) + "\n"


def write_file(path: str, content: str, *, mode: str = "0644") -> str:
    """A line that writes a file of root's, with the folders above it."""
    return f"printf %s {quote(content)} | sudo install -D -m {mode} /dev/stdin {quote(path)}"


def write_input(path: str, *, mode: str = "0600") -> str:
    """A line that writes the script's input to a file of root's; for content that is secret."""
    return f"sudo install -D -m {mode} /dev/stdin {quote(path)}"


def apt_install(packages: Iterable[str]) -> str:
    """A line that installs packages, in exactly the versions given."""
    names = " ".join(quote(package) for package in packages)
    return f"sudo DEBIAN_FRONTEND=noninteractive apt-get install --yes --allow-change-held-packages {names}"


def kubectl(arguments: str) -> str:
    """A line that runs ``kubectl`` with full rights; arguments are quoted already."""
    return f"sudo kubectl {ADMIN} {arguments}"


def restart_if_active(unit: str) -> str:
    """A line that restarts a service where it runs already."""
    return f"if sudo systemctl is-active --quiet {unit}; then sudo systemctl restart {unit}; fi"


def download(url: str, sha256: str, name: str) -> tuple[str, ...]:
    """Lines that download a file into the home folder and refuse one with another checksum."""
    return (
        f"curl --fail --silent --show-error --location --retry 3 --output {quote(name)} {quote(url)}",
        f"printf '%s  %s\\n' {sha256} {quote(name)} | sha256sum --check --status -",
    )
