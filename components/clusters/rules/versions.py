"""Versions of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...contracts.errors import Problem

VERSION_FIELD = "target.kubernetes_version"


def minor(version: str) -> int:
    """Minor version of Kubernetes: 34 of ``1.34`` and of ``1.34.2``."""
    return int(version.split(".")[1])


_MINORS_AHEAD = 6
"""Kubernetes releases three minor versions a year; a table that is older than two years says nothing at all."""


def is_newer(version: str, listed: Iterable[str]) -> bool:
    """Whether a version is newer than all that a table lists, and may have come out since it was read.

    Source: https://kubernetes.io/releases/release, "three times per year".
    """
    newest = max(minor(known) for known in listed)
    return newest < minor(version) <= newest + _MINORS_AHEAD


def unoffered_version(service: str, version: str, offered: Sequence[str]) -> Problem:
    """The problem with a version that a cloud does not offer.

    Args:
        service: The cloud's service, such as ``EKS``.
        version: The version of the settings.
        offered: Versions that the service offers.
    """
    return Problem(
        field=VERSION_FIELD,
        cause=f"{service} does not offer Kubernetes {version}",
        consequence=f"no cluster can be made with it, and {service} upgrades one that runs it by itself",
        fix=f"use one of: {', '.join(offered)}" if offered else f"bring the table of {service} versions up to date",
    )
