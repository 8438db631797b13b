"""Files that hosts get before they download anything."""

from __future__ import annotations

from collections.abc import Iterator

from ....contracts.errors import Problem
from ..authorities import read_certificates
from ..settings import KubeadmTarget


def ca_bundle_problems(target: KubeadmTarget) -> Iterator[Problem]:
    """A bundle of certificates that no host could be given."""
    if target.ca_bundle is None:
        return
    try:
        read_certificates(target.ca_bundle)
    except ValueError as error:
        yield Problem(
            field="target.ca_bundle",
            cause=f"{target.ca_bundle} {error}",
            consequence="hosts would not trust mirrors and registries with certificates of a private authority",
            fix="name a PEM file of the project with the certificates of the authorities and nothing else",
        )
