"""What stands behind AKS' records: an embedded control plane, and nodes that are what agent pools asked for.

Owns the way from records to machines. Nodes show what the program really sent and nothing that it forgot.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable

from components.contracts.pools import Taint, TaintEffect
from components.planner.catalogs.gpus import gpu

from ...control_plane.machines import ImageAdvertises, Machine
from ...control_plane.rolling import DrainBlockedError, Replacement
from ...provider.errors import CloudError
from ...provider.managed_cluster import Endpoint
from ...provider.planes import (
    ClusterEffects,
    Draining,
    DriverEffects,
    MachineEffects,
    Place,
    Plane,
    Planes,
    embedded_planes,
)
from ...provider.store import Account, Record, Store
from ...provider.tables import Effects
from ...provider.values import Object, mapping, objects, text, texts, truth, whole
from ..common.kinds import SNAPSHOTS
from . import vocabulary as v
from .launches import inline_pools
from .machine_sizes import size
from .versions import newest_patch

SPOT = "kubernetes.azure.com/scalesetpriority"
_OS, _UBUNTU, _FIRST_24_04 = "kubernetes.azure.com/os-sku-effective", "Ubuntu", (1, 35)
_DRIVERS = {"diskCSIDriver": "disk.csi.azure.com", "fileCSIDriver": "file.csi.azure.com"}
_EXTENSION_DRIVERS = {"microsoft.azurecontainerstoragev2": "localdisk.csi.acstor.io"}


managed = embedded_planes("azure")
"""The embedded control plane of a cluster by the account's file, its region and its name."""


def cluster_effects(planes: Planes, launches: Callable[[Account, Record, Object], None]) -> Effects:
    """A control plane for each cluster, with its system pool, whose machines ``launches`` keeps from coming up."""

    def answer(store: Store, record: Record, plane: Plane) -> Object:
        with store.transaction() as account:
            for pool in objects(record.inputs, "agentPoolProfiles"):
                launches(account, record, pool)
        endpoint = plane.create()
        with store.transaction() as account:
            account.set_fact(f"endpoint:{record.identifier}", user_kubeconfig(record.text("resourceName"), endpoint))
        for setting, driver in _DRIVERS.items():
            if truth(record.properties, f"storageProfile.{setting}.enabled", default=True):
                plane.install_driver(driver)
        _change(plane, record)
        return {}

    return ClusterEffects(planes, place=_place, answer=answer, change=_change, follows=_follows_cluster)


def _place(record: Record) -> Place:
    return Place(record.text("region"), record.text("resourceName"))


def _change(plane: Plane, record: Record) -> None:
    if truth(record.properties, "storageProfile.snapshotController.enabled", default=True):
        plane.define(SNAPSHOTS)
    _set_own_pools(plane, record)


def _set_own_pools(plane: Plane, record: Record) -> None:
    for pool in inline_pools(record):
        plane.set_machines(text(pool, "name"), machines_of(record.text("region"), text(pool, "name"), pool))


def _follows_cluster(account: Account, record: Record) -> None:
    for agent_pool in account.where(v.AGENT_POOL, "resourceName", record.text("resourceName")):
        account.remove(v.AGENT_POOL, agent_pool.identifier)
    # They are in the group of the nodes, which AKS deletes: https://learn.microsoft.com/azure/aks/faq.
    for balancer in account.where(v.LOAD_BALANCER, "cluster", record.text("resourceName")):
        account.remove(v.LOAD_BALANCER, balancer.identifier)


def agent_pool_effects(planes: Planes, launches: Callable[[Account, Record, Object], None]) -> Effects:
    """Machines for each agent pool; ``launches`` keeps them from coming up."""

    def machines(_account: Account, record: Record) -> list[Machine]:
        return machines_of(record.text("region"), record.text("agentPoolName"), record.properties)

    return MachineEffects(
        planes,
        place=_place,
        group=lambda record: record.text("agentPoolName"),
        launches=lambda account, record: launches(account, record, record.properties),
        machines=machines,
        draining=Draining(_replacement, _blocked),
    )


def _replacement(pool: Record) -> Replacement:
    """Source: https://learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling."""
    nodes = whole(pool.properties, "count", 1)
    surge, missing = (
        _nodes_of(text(pool.properties, f"upgradeSettings.max{name}"), nodes) for name in ("Surge", "Unavailable")
    )
    return Replacement(surge=surge or int(not missing), unavailable=missing)


def _nodes_of(written: str, nodes: int) -> int:
    """Nodes or percents of them, rounded up."""
    if written.endswith("%"):
        return -(-nodes * int(written.removesuffix("%")) // 100)
    return int(written or 0)


def _blocked(_pool: Record, error: DrainBlockedError) -> CloudError:
    """Words: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete/error-code-poddrainfailure."""
    namespace, _, pod = error.pods[0].partition("/")
    return CloudError(
        "UpgradeFailed",
        f"Drain node {error.nodes[0]} failed when evicting pod {pod} in namespace {namespace} failed with Too Many "
        "Requests error. This is often caused by a restrictive Pod Disruption Budget (PDB) policy. "
        "See https://aka.ms/aks/debugdrainfailures.",
    )


def extension_effects(planes: Planes) -> Effects:
    """Volumes for the storage drivers among the extensions.

    Args:
        planes: Where control planes come from.
    """
    return DriverEffects(
        planes,
        place=lambda record: Place(record.text("region"), record.text("clusterName")),
        driver=lambda record: _EXTENSION_DRIVERS.get(record.text("extensionType"), ""),
    )


def user_kubeconfig(name: str, endpoint: Endpoint) -> str:
    """The kubeconfig that AKS gives users of a cluster with Entra log-in, base64.

    Form: https://learn.microsoft.com/azure/aks/kubelogin-authentication.
    """
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "server": endpoint.server,
                    "certificate-authority-data": endpoint.certificate_authority,
                },
            }
        ],
        "users": [{"name": f"clusterUser_{name}", "user": {"exec": {"command": "kubelogin", "args": ["get-token"]}}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"clusterUser_{name}"}}],
        "current-context": name,
    }
    return base64.b64encode(json.dumps(content).encode()).decode()


def _system(asked: str, kubernetes: str) -> str:
    """What nodes run: ``Ubuntu`` stands for the release that goes with their Kubernetes."""
    if asked not in {"", _UBUNTU}:
        return asked
    major, minor = (int(part) for part in kubernetes.split(".")[:2])
    return f"{_UBUNTU}2404" if (major, minor) >= _FIRST_24_04 else f"{_UBUNTU}2204"


def machines_of(region: str, name: str, pool: Object) -> list[Machine]:
    """Every machine of an agent pool, spread over its zones as a scale set does.

    Labels and taints of AKS' own: https://learn.microsoft.com/azure/aks/use-labels#reserved-system-labels
    and /azure/aks/spot-node-pool; releases of Ubuntu: /azure/aks/upgrade-os-version.
    """
    machine = size(text(pool, "vmSize"))
    zones = [f"{region}-{number}" for number in texts(pool, "availabilityZones")] or ["0"]
    spot = text(pool, "scaleSetPriority") == "Spot"
    labels = {
        **mapping(pool, "nodeLabels"),
        "agentpool": name,
        "kubernetes.azure.com/agentpool": name,
        "kubernetes.azure.com/mode": text(pool, "mode").lower() or "user",
        _OS: _system(text(pool, "osSKU"), text(pool, "orchestratorVersion")),
        **({SPOT: "spot"} if spot else {}),
    }
    taints = [_taint(written) for written in texts(pool, "nodeTaints")]
    if spot and not any(taint.key == SPOT for taint in taints):
        taints.append(Taint(key=SPOT, value="spot"))
    version = newest_patch(text(pool, "orchestratorVersion"))
    # Machines of another size or image are other machines.
    generation = _digest(f"{name} {text(pool, 'vmSize')} {text(pool, 'osDiskType')}")
    return [
        Machine(
            name=f"aks-{name}-{int(generation[:8], 16) % 10**8:08d}-vmss{_base36(index):0>6}",
            instance_type=text(pool, "vmSize"),
            zone=zones[index % len(zones)],
            region=region,
            labels=labels,
            taints=tuple(taints),
            has_driver=bool(machine and machine.gpus) and text(pool, "gpuProfile.driver") != "None",
            image_advertises=_image_advertises(pool),
            mig_profile=_mig_profile(pool, machine.gpu if machine else None),
            disk_gib=whole(pool, "osDiskSizeGB"),
            # AKS leaves NVMe disks raw, and its kubelet on the OS disk.
            uses_local_disks=False,
            pods=whole(pool, "maxPods"),
            kubernetes_version=version,
        )
        for index in range(whole(pool, "count", 1))
    ]


def _image_advertises(pool: Object) -> ImageAdvertises:
    """Managed GPU nodes run the device plugin as a service of the host.

    Source: https://learn.microsoft.com/azure/aks/aks-managed-gpu-nodes.
    """
    managed = mapping(pool, "tags").get("EnableManagedGPUExperience") == "true"
    return ImageAdvertises.GPUS if managed else ImageAdvertises.NOTHING


def _mig_profile(pool: Object, name: str | None) -> str:
    """The partitions of a GPU instance profile: of those of its size as many as there can be.

    Source: https://learn.microsoft.com/azure/aks/gpu-multi-instance, its table of profiles.
    """
    beginning = f"{text(pool, 'gpuInstanceProfile').removeprefix('MIG')}."
    profiles = [profile for profile in gpu(name).mig_profiles if profile.name.startswith(beginning)] if name else []
    return max(profiles, key=lambda profile: profile.most).name if profiles else ""


def _taint(written: str) -> Taint:
    left, _, effect = written.rpartition(":")
    key, _, value = left.partition("=")
    return Taint(key=key, value=value, effect=TaintEffect(effect))


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < len(digits) else _base36(number // 36) + digits[number % 36]


def _digest(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()
