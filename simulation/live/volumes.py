"""Volumes of live pods: folders of this machine that the controller manager makes for root alone.

Owns opening them to the user of a pod, as a driver does that applies ``fsGroup``.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from ..control_plane.api import Answer, Api
from ..control_plane.volumes import VOLUMES

_FOR_EVERYONE = 0o777


class _HostPath(Answer):
    path: str


class _Spec(Answer):
    host_path: _HostPath | None = Field(default=None, alias="hostPath")


class _Volume(Answer):
    spec: _Spec


class _VolumeList(Answer):
    items: list[_Volume]


def open_volumes(api: Api) -> None:
    """Let every user write to the volumes that the controller manager made."""
    for volume in _VolumeList.model_validate_json(api.get("/api/v1/persistentvolumes")).items:
        folder = Path(volume.spec.host_path.path) if volume.spec.host_path else None
        if folder is None or not folder.is_relative_to(VOLUMES) or not folder.is_dir():
            continue
        if folder.stat().st_mode & _FOR_EVERYONE != _FOR_EVERYONE:
            folder.chmod(_FOR_EVERYONE)
