"""What stands behind GKE's records: an embedded control plane, and nodes that are what node pools asked for.

Owns the way from records to machines. Nodes show what the program really sent and nothing that it forgot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from components.contracts.pools import Taint

from ...control_plane.machines import Machine
from ...control_plane.rolling import Replacement
from ...provider.planes import ClusterEffects, Draining, MachineEffects, Place, Plane, Planes, embedded_planes
from ...provider.store import Account, Record, Store
from ...provider.tables import Effects
from ...provider.values import Object, mapping, objects, text, texts, truth, whole
from ..common.kinds import SNAPSHOTS
from ..common.taints import taints_of
from . import vocabulary as v
from .device_plugin import DEVICE_PLUGIN, DEVICE_PLUGIN_PATH, NO_DEVICE_PLUGIN
from .machine_types import machine
from .trust import trust

DEFINITIONS = Path(__file__).parent / "definitions"
"""Kinds of objects that GKE brings along."""
_DRIVERS: Mapping[str, str] = {
    "gcePersistentDiskCsiDriverConfig": "pd.csi.storage.gke.io",
    "gcpFilestoreCsiDriverConfig": "filestore.csi.storage.gke.io",
    "gcsFuseCsiDriverConfig": "gcsfuse.csi.storage.gke.io",
    "lustreCsiDriverConfig": "lustre.csi.storage.gke.io",
}
_CLOSED = "gke-closed.us-central1.gke.invalid"
_ARM = Taint(key="kubernetes.io/arch", value="arm64")
_GPU = Taint(key="nvidia.com/gpu", value="present")


managed = embedded_planes("gcp")
"""The embedded control plane of a cluster by the project's file, its location and its name."""


def cluster_effects(planes: Planes) -> Effects:
    """A control plane for each cluster."""
    return ClusterEffects(
        planes,
        place=lambda record: Place(record.text("location"), record.text("name")),
        answer=_cluster_answer,
        change=_change,
        follows=_follows_cluster,
    )


def _cluster_answer(_store: Store, record: Record, plane: Plane) -> Object:
    """It knows GKE's kinds, advertises GPUs, and makes volumes by the drivers that are on."""
    endpoint = plane.create()
    _bring_what_every_cluster_has(plane)
    if truth(record.properties, "enableMultiNetworking"):
        plane.define(DEFINITIONS)
    for driver in _drivers(record):
        plane.install_driver(driver)
    address = endpoint.server.removeprefix("https://")
    named = truth(record.properties, "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic")
    numbered = truth(record.properties, "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled", default=True)
    by_address = address if numbered else ""
    if named:
        trust(endpoint.certificate_authority)
    return {
        "endpoint": by_address,
        "masterAuth": {"clusterCaCertificate": endpoint.certificate_authority},
        "privateClusterConfig": {"privateEndpoint": by_address, "publicEndpoint": by_address},
        # The name is always there, and leads nowhere while user traffic is not allowed over it: the discovery document
        # of the API, ``DNSEndpointConfig``.
        "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"endpoint": address if named else _CLOSED}},
    }


def _bring_what_every_cluster_has(plane: Plane) -> None:
    plane.define(SNAPSHOTS)
    plane.apply(DEVICE_PLUGIN_PATH, DEVICE_PLUGIN)


def _change(plane: Plane, record: Record) -> None:
    # Clusters that an older simulation made lack it.
    _bring_what_every_cluster_has(plane)
    wanted = _drivers(record)
    for driver in _DRIVERS.values():
        if driver in wanted:
            plane.install_driver(driver)
        else:
            plane.remove_driver(driver)


def _follows_cluster(account: Account, record: Record) -> None:
    """GKE deletes the node pools of a cluster with it."""
    for pool in account.where(v.NODE_POOL, "cluster", record.identifier):
        account.remove(v.NODE_POOL, pool.identifier)


def node_pool_effects(planes: Planes, launches: Callable[[Account, Record], None]) -> Effects:
    """Machines for each node pool; ``launches`` keeps them from coming up."""
    return MachineEffects(
        planes,
        place=_place,
        group=lambda record: record.text("name"),
        launches=launches,
        machines=machines_of,
        answer=lambda _record: {"instanceGroupUrls": []},
        draining=Draining(_replacement),
    )


def _replacement(pool: Record) -> Replacement:
    """Source: https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies.

    Disruption budgets are respected for an hour, and pods are ended then.
    """
    surge, missing = (whole(pool.properties, f"upgradeSettings.max{name}") for name in ("Surge", "Unavailable"))
    return Replacement(surge=surge or int(not missing), unavailable=missing, forces=True)


def _place(pool: Record) -> Place:
    *_, location, _, cluster = pool.text("cluster").split("/")
    return Place(location, cluster)


def _drivers(cluster: Record) -> list[str]:
    return [
        driver for add_on, driver in _DRIVERS.items() if truth(cluster.properties, f"addonsConfig.{add_on}.enabled")
    ]


def nodes_of(pool: Record) -> int:
    """Nodes in each zone: https://cloud.google.com/kubernetes-engine/docs/how-to/node-pools."""
    given = pool.get("nodeCount")
    return int(given) if isinstance(given, int) else whole(pool.properties, "initialNodeCount")


def has_driver(pool: Record) -> bool:
    """Whether GKE installs the NVIDIA driver: by default where nothing is said, from 1.30.1 on."""
    accelerators = objects(pool.properties, "nodeConfig.guestAccelerators")
    labels = mapping(pool.properties, "nodeConfig.labels")
    plugin = labels.get(NO_DEVICE_PLUGIN) != "true"
    disabled = "INSTALLATION_DISABLED"
    return plugin and any(
        text(accelerator, "gpuDriverInstallationConfig.gpuDriverVersion") != disabled for accelerator in accelerators
    )


def machines_of(account: Account, pool: Record) -> list[Machine]:
    """Every machine of a node pool, as many in each of its zones."""
    cluster = account.get(v.CLUSTER, pool.text("cluster"))
    name, properties = pool.text("name"), pool.properties
    kind = text(properties, "nodeConfig.machineType") or "e2-medium"
    zones = texts(properties, "nodeLocations") or (texts(cluster.properties, "nodeLocations") if cluster else [])
    version = cluster.text("masterVersion") if cluster else ""
    beginning = f"gke-{v.last(pool.text('cluster'))[:20]}-{name[:20]}"
    generation = f"{pool.identifier} {kind} {text(properties, 'nodeConfig.imageType')}"
    accelerators = objects(properties, "nodeConfig.guestAccelerators")
    return [
        Machine(
            name=f"{beginning}-{v.digest(f'{generation} {zone}')}-{v.digest(f'{generation} {zone} {number}')[:4]}",
            instance_type=kind,
            zone=zone,
            region=pool.text("location"),
            labels={**_labels(pool), **_streaming(account, pool)},
            taints=_taints(pool, kind),
            has_driver=has_driver(pool),
            mig_profile=next((text(found, "gpuPartitionSize") for found in accelerators), ""),
            gpu_clients=max(
                (whole(found, "gpuSharingConfig.maxSharedClientsPerGpu", 1) for found in accelerators), default=1
            ),
            disk_gib=whole(properties, "nodeConfig.diskSizeGb"),
            uses_local_disks=whole(properties, "nodeConfig.ephemeralStorageLocalSsdConfig.localSsdCount") > 0,
            pods=whole(properties, "maxPodsPerNode"),
            kubernetes_version=version.partition("-")[0],
        )
        for zone in sorted(zones)
        for number in range(nodes_of(pool))
    ]


def _labels(pool: Record) -> dict[str, str]:
    """https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels, and how-to/gpus."""
    properties = pool.properties
    accelerators = objects(properties, "nodeConfig.guestAccelerators")
    gpu = {"cloud.google.com/gke-accelerator": text(accelerators[0], "type")} if accelerators else {}
    spot = {"cloud.google.com/gke-spot": "true"} if truth(properties, "nodeConfig.spot") else {}
    own = {"cloud.google.com/gke-nodepool": pool.text("name"), **gpu, **spot}
    return {**mapping(properties, "nodeConfig.labels"), **own}


def _streaming(account: Account, pool: Record) -> dict[str, str]:
    """Whether images are streamed: https://cloud.google.com/kubernetes-engine/docs/how-to/image-streaming#requirements."""
    nodes = f"serviceAccount:{text(pool.properties, 'nodeConfig.serviceAccount')}"
    may_use = any(
        grant.text("role") == "roles/serviceusage.serviceUsageConsumer"
        for grant in account.where(v.IAM_MEMBER, "member", nodes)
    )
    api = account.find(v.SERVICE, "service", "containerfilesystem.googleapis.com")
    on = truth(pool.properties, "nodeConfig.gcfsConfig.enabled") and may_use and api is not None
    return {"cloud.google.com/gke-image-streaming": "true"} if on else {}


def _taints(pool: Record, kind: str) -> tuple[Taint, ...]:
    """Those asked for, and those that GKE adds for GPUs and for ARM."""
    asked = taints_of(pool.properties, "nodeConfig.taints")
    known = machine(kind)
    added = [
        *([_GPU] if objects(pool.properties, "nodeConfig.guestAccelerators") else []),
        *([_ARM] if known and known.architecture == "arm64" else []),
    ]
    keys = {(taint.key, taint.effect) for taint in asked}
    return (*asked, *(taint for taint in added if (taint.key, taint.effect) not in keys))
