"""Kubernetes versions that EKS has, and the node images of each."""

from __future__ import annotations

from ...provider.store import Account, Record

KUBERNETES = {
    "1.31": "1.31.13",
    "1.32": "1.32.9",
    "1.33": "1.33.5",
    "1.34": "1.34.2",
    "1.35": "1.35.0",
    "1.36": "1.36.0",
}
"""The newest patch by minor version, standard and extended support together.

Source: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html; patches as far as known.
"""
IN_EXTENDED_SUPPORT = frozenset({"1.31", "1.32", "1.33"})
"""Source: as above, read 2026-11-27."""
DEFAULT_KUBERNETES = "1.35"
LATEST_KUBERNETES = list(KUBERNETES)[-1]
_IMAGE_DATE = "20260401"


def minor(version: str) -> int:
    """The minor version as a number; 0 for what is none, which is older than everything."""
    parts = version.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def newest_release(version: str) -> str:
    """The newest node image of a Kubernetes version, such as ``1.34.2-20260401``."""
    return f"{KUBERNETES.get(version, f'{version}.0')}-{_IMAGE_DATE}"


def running_release(account: Account, group: Record) -> str:
    """The image that the nodes of a group run, which need not be the one that was named last."""
    noted = account.fact(_fact(group.identifier))
    return noted or group.text("releaseVersion") or newest_release(group.text("version"))


def note_release(account: Account, group: str, release: str) -> None:
    """Remember which image the nodes of a group run.

    Args:
        account: Whose.
        group: Id of the node group.
        release: The image.
    """
    account.set_fact(_fact(group), release)


def _fact(group: str) -> str:
    return f"release:{group}"
