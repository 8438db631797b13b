"""Files that hosts get before they download anything."""

from __future__ import annotations

from collections.abc import Iterator

from ....contracts import certificates
from ....contracts.errors import Problem
from ..settings import KubeadmTarget


def ca_bundle_problems(target: KubeadmTarget) -> Iterator[Problem]:
    """A bundle of certificates that no host could be given."""
    yield from certificates.ca_bundle_problems(
        target.ca_bundle,
        "target.ca_bundle",
        "hosts would not trust mirrors and registries with certificates of a private authority",
    )
