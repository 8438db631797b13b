"""``python -m simulation.control_plane.provisioner``: makes and removes the volumes of the installed CSI drivers.

Owns what external provisioners do: a claim that the controller manager hands to an installed driver
gets a volume, and a released volume whose policy says so is removed. Binding is the controller
manager's own. Volumes hold no files, as simulated pods read none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from components.contracts.errors import StrataError

from .api import Answer, Api, ApiError, Json
from .drivers import Driver, read_drivers
from .layout import Layout

_POLL_SECONDS = 0.5
_ASKED = "volume.kubernetes.io/storage-provisioner"
_SELECTED_NODE = "volume.kubernetes.io/selected-node"
_MADE_BY = "pv.kubernetes.io/provisioned-by"
_ZONE = "topology.kubernetes.io/zone"


class _Metadata(Answer):
    name: str
    namespace: str = ""
    uid: str = ""
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}
    deletion: str | None = Field(None, alias="deletionTimestamp")


class _Resources(Answer):
    requests: dict[str, str] = {}


class _ClaimSpec(Answer):
    access_modes: list[str] = Field([], alias="accessModes")
    storage_class: str | None = Field(None, alias="storageClassName")
    volume: str = Field("", alias="volumeName")
    mode: str = Field("Filesystem", alias="volumeMode")
    resources: _Resources = _Resources()


class Claim(Answer):
    """A claim on a volume."""

    metadata: _Metadata
    spec: _ClaimSpec


class StorageClass(Answer):
    """What a claim's class says."""

    metadata: _Metadata
    provisioner: str
    reclaim: str = Field("Delete", alias="reclaimPolicy")
    mount_options: list[str] = Field([], alias="mountOptions")
    parameters: dict[str, str] = {}


class _VolumeSpec(Answer):
    reclaim: str = Field("Retain", alias="persistentVolumeReclaimPolicy")


class _Status(Answer):
    phase: str = ""


class _Volume(Answer):
    metadata: _Metadata
    spec: _VolumeSpec
    status: _Status = _Status()


class _Node(Answer):
    metadata: _Metadata


class _Claims(Answer):
    items: list[Claim]


class _Classes(Answer):
    items: list[StorageClass]


class _Volumes(Answer):
    items: list[_Volume]


def main() -> int:
    """Work until the control plane is deleted."""
    layout = Layout.of(sys.argv[1], Path(sys.argv[2]))
    while layout.drivers.exists():
        try:
            _work(layout)
        except StrataError as error:
            # The API server is down; whoever ends it for good ends this process too.
            _tell(str(error))
            time.sleep(_POLL_SECONDS)
    return 0


def _work(layout: Layout) -> None:
    # A new client every time that the API was lost, as it may have come back elsewhere.
    api = Api(layout)
    while layout.drivers.exists():
        drivers = read_drivers(layout)
        try:
            provision(api, drivers)
            _remove_released(api, drivers)
        except ApiError as error:
            _tell(str(error))
        time.sleep(_POLL_SECONDS)


def provision(api: Api, drivers: Mapping[str, Driver]) -> None:
    """Make a volume for every claim that waits for one of the drivers."""
    claims = _Claims.model_validate_json(api.get("/api/v1/persistentvolumeclaims")).items
    waiting = [claim for claim in claims if _waits(claim, drivers)]
    if not waiting:
        return
    classes = _Classes.model_validate_json(api.get("/apis/storage.k8s.io/v1/storageclasses")).items
    by_name = {storage_class.metadata.name: storage_class for storage_class in classes}
    for claim in waiting:
        kind = by_name.get(claim.spec.storage_class or "")
        if kind is not None:
            try:
                _provision_one(api, claim, kind, drivers[claim.metadata.annotations[_ASKED]])
            except ApiError as error:
                # One claim that cannot be served, such as one of a node that is gone, holds up no other.
                _tell(f"{claim.metadata.namespace}/{claim.metadata.name}: {error}")


def _provision_one(api: Api, claim: Claim, kind: StorageClass, driver: Driver) -> None:
    lacking = sorted(set(claim.spec.access_modes) - set(driver.access))
    if lacking:
        _refuse(api, claim, f"{driver.name} does not support {', '.join(lacking)}")
        return
    name = f"pvc-{claim.metadata.uid}"
    api.apply(f"/api/v1/persistentvolumes/{name}", volume(name, claim, kind, _zone(api, claim)))


def volume(name: str, claim: Claim, kind: StorageClass, zone: str) -> Json:
    """The volume that a claim gets.

    Args:
        name: Its name.
        claim: Whose it is.
        kind: The claim's storage class.
        zone: The only zone from which it can be used; empty where any can.
    """
    about = claim.metadata
    terms = [{"matchExpressions": [{"key": _ZONE, "operator": "In", "values": [zone]}]}]
    affinity: dict[str, Json] = {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}} if zone else {}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {_MADE_BY: kind.provisioner}},
        "spec": {
            "accessModes": claim.spec.access_modes,
            "capacity": {"storage": claim.spec.resources.requests.get("storage", "1Gi")},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": about.name,
                "namespace": about.namespace,
                "uid": about.uid,
            },
            **_backing(kind.provisioner, about.uid),
            "mountOptions": kind.mount_options,
            "persistentVolumeReclaimPolicy": kind.reclaim,
            "storageClassName": kind.metadata.name,
            "volumeMode": claim.spec.mode,
            **affinity,
        },
    }


def _backing(provisioner: str, uid: str) -> dict[str, Json]:
    # The API takes no slash in the name of a CSI driver; provisioners with one make folders of a node.
    if "/" in provisioner:
        return {"hostPath": {"path": f"/opt/{provisioner.rpartition('/')[2]}/{uid}", "type": "DirectoryOrCreate"}}
    return {"csi": {"driver": provisioner, "volumeHandle": f"vol-{uid}"}}


def _waits(claim: Claim, drivers: Mapping[str, Driver]) -> bool:
    asked = claim.metadata.annotations.get(_ASKED)
    return asked in drivers and not claim.spec.volume and claim.metadata.deletion is None


def _zone(api: Api, claim: Claim) -> str:
    """A disk is where the pod is that waits for it; a file system that many nodes mount is everywhere."""
    node = claim.metadata.annotations.get(_SELECTED_NODE)
    if not node or _is_shared(claim.spec.access_modes):
        return ""
    return _Node.model_validate_json(api.get(f"/api/v1/nodes/{node}")).metadata.labels.get(_ZONE, "")


def _is_shared(access_modes: Sequence[str]) -> bool:
    return any(mode.endswith("Many") for mode in access_modes)


def _refuse(api: Api, claim: Claim, reason: str) -> None:
    """Say so where a user looks for it, once for each claim."""
    about = claim.metadata
    involved = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": about.name, "namespace": about.namespace}
    event: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"provisioning-{about.uid}", "namespace": about.namespace},
        "involvedObject": {**involved, "uid": about.uid},
        "reason": "ProvisioningFailed",
        "message": f"failed to provision volume: {reason}",
        "type": "Warning",
        "count": 1,
    }
    api.apply(f"/api/v1/namespaces/{about.namespace}/events/provisioning-{about.uid}", event)


def _remove_released(api: Api, drivers: Mapping[str, Driver]) -> None:
    for persistent in _Volumes.model_validate_json(api.get("/api/v1/persistentvolumes")).items:
        ours = persistent.metadata.annotations.get(_MADE_BY) in drivers and persistent.metadata.deletion is None
        if ours and persistent.status.phase == "Released" and persistent.spec.reclaim == "Delete":
            api.delete(f"/api/v1/persistentvolumes/{persistent.metadata.name}")


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
