"""GKE versions on offer, and how they compare.

Source: https://cloud.google.com/kubernetes-engine/docs/release-schedule, and the release notes of the regular
channel.
"""

from __future__ import annotations

GKE = (
    "1.31.14-gke.1107000",
    "1.32.9-gke.1130000",
    "1.33.5-gke.1201000",
    "1.34.1-gke.2037001",
    "1.35.0-gke.3030000",
)
"""The newest patch of each minor version."""
DEFAULT = "1.34.1-gke.2037001"
CHANNELS = {
    "RAPID": GKE[2:],
    "REGULAR": GKE[1:],
    "STABLE": GKE[1:4],
    "EXTENDED": GKE,
}
"""Versions of each release channel; those of long support stay in their own."""
WITHOUT_CHANNEL = GKE[1:]
"""``validMasterVersions`` of the API: for clusters in no channel."""


def newest_by_channel(prefix: str) -> dict[str, str]:
    """The newest version of each channel that begins with a text; channels without one are left out."""
    found = {name: [version for version in held if version.startswith(prefix)] for name, held in CHANNELS.items()}
    return {name: held[-1] for name, held in found.items() if held}


def numbers(version: str) -> tuple[int, int, int, int]:
    """The version as numbers, such as 1, 34, 1 and 2037001; what is left out is as new as can be."""
    front, _, build = version.partition("-gke.")
    parts = [int(part) for part in front.split(".")]
    newest = 10**9
    patch = parts[2] if len(parts) > 2 else newest  # noqa: PLR2004 - the third is the patch
    return parts[0], parts[1], patch, int(build) if build else newest


def resolved(wanted: str) -> str:
    """The version that GKE makes of a minor version, ``latest`` or an exact one; empty when it offers none.

    Source: https://cloud.google.com/kubernetes-engine/versioning#specifying_cluster_version.
    """
    if not wanted or wanted == "latest":
        return DEFAULT
    minor = ".".join(wanted.split(".")[:2])
    newest = next((version for version in GKE if version.startswith(f"{minor}.")), "")
    if "-gke." not in wanted:
        return newest
    return wanted if newest and numbers(wanted) <= numbers(newest) else ""
