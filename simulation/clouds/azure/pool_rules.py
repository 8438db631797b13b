"""What AKS refuses of any agent pool, the ones inside of a cluster included.

Words: Azure/AKS issues and https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes; what the API
says of it is in azure-rest-api-specs, containerservice/…/managedClusters.json.
"""

from __future__ import annotations

import re

from components.contracts.fabric import Transport
from components.planner.catalogs.gpus import gpu

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.tables import Call, Prop
from ...provider.values import Object, Value, leaves, mapping, text, texts, truth, whole
from . import vocabulary as v
from .launches import require_quota, require_reservation, require_size
from .machine_sizes import local_gib, size
from .networks import range_of
from .regions import require_zones

_LEARN = "https://learn.microsoft.com/azure/aks"
_IMAGE_GIB = 30
_MOST_IN_GROUP = 100
_TAINT = r"[A-Za-z0-9./_-]{1,317}(=[A-Za-z0-9._-]{0,63})?:(NoSchedule|PreferNoSchedule|NoExecute)"


class _Labels:
    """Node labels that AKS takes."""

    def problem(self, value: Value) -> str | None:
        """What is wrong with the map."""
        if not isinstance(value, dict):
            return "expected a map"
        for key, entry in value.items():
            if not re.fullmatch(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", key):
                return f"label key {key!r} is not a qualified name"
            if isinstance(entry, str) and not re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?", entry):
                return f"label value {entry!r} is not valid"
        return None


POOL: dict[str, Prop] = {
    "vmSize": Prop(allowed=Pattern(r"Standard_[A-Za-z0-9_-]+")),
    "count": Prop(allowed=Between(0, 1000), source=f"{_LEARN}/quotas-skus-regions"),
    "mode": v.one_of("System", "User", "Gateway"),
    "type": v.one_of(
        "VirtualMachineScaleSets", "AvailabilitySet", "VirtualMachines", default="VirtualMachineScaleSets"
    ),
    "orchestratorVersion": Prop(allowed=Pattern(r"1\.\d{2}(\.\d{1,3})?"), managed=True),
    "availabilityZones": Prop(allowed=OneOf("1", "2", "3"), unordered=True, source=f"{_LEARN}/availability-zones"),
    "vnetSubnetID": v.to_id(
        v.SUBNET,
        code="InvalidParameter",
        message="The subnet ID '{value}' in agent pool profile is not valid: the subnet was not found.",
    ),
    "osType": v.one_of("Linux", "Windows", default="Linux"),
    "osSKU": v.one_of("Ubuntu", "Ubuntu2204", "AzureLinux", "AzureLinux3", "Windows2022", managed=True),
    "osDiskType": v.one_of("Managed", "Ephemeral", managed=True),
    "osDiskSizeGB": Prop(allowed=Between(0, 2048), managed=True, source=f"{_LEARN}/concepts-storage"),
    "maxPods": Prop(allowed=Between(10, 250), managed=True, source=f"{_LEARN}/concepts-network-ip-address-planning"),
    "nodeLabels": Prop(allowed=_Labels(), source=f"{_LEARN}/use-labels"),
    "nodeTaints": Prop(allowed=Pattern(_TAINT), unordered=True, source=f"{_LEARN}/use-node-taints"),
    "upgradeSettings": Prop(managed=True, source=f"{_LEARN}/upgrade-aks-node-pools-rolling"),
    "upgradeSettings.maxSurge": Prop(allowed=Pattern(r"\d{1,3}%?")),
    "upgradeSettings.maxUnavailable": Prop(allowed=Pattern(r"\d{1,3}%?")),
    "enableAutoScaling": Prop(default=False),
    "minCount": Prop(allowed=Between(0, 1000)),
    "maxCount": Prop(allowed=Between(0, 1000)),
    "scaleSetPriority": v.one_of("Regular", "Spot", default="Regular"),
    "scaleSetEvictionPolicy": v.one_of("Delete", "Deallocate"),
    "spotMaxPrice": Prop(allowed=Between(-1, 10_000), source=f"{_LEARN}/spot-node-pool"),
    "scaleDownMode": v.one_of("Delete", "Deallocate", default="Delete"),
    "capacityReservationGroupID": v.to_id(v.RESERVATION_GROUP, code="CapacityReservationGroupNotFound"),
    "gpuProfile": Prop(source=f"{_LEARN}/use-nvidia-gpu"),
    "gpuProfile.driver": v.one_of("Install", "None"),
    "gpuInstanceProfile": v.one_of("MIG1g", "MIG2g", "MIG3g", "MIG4g", "MIG7g"),
}
"""What a pool may say; the same in a cluster and on its own."""

FROZEN = (
    "vmSize",
    "type",
    "availabilityZones",
    "vnetSubnetID",
    "osType",
    "osSKU",
    "osDiskType",
    "osDiskSizeGB",
    "maxPods",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "spotMaxPrice",
    "capacityReservationGroupID",
    "gpuProfile.driver",
    "gpuInstanceProfile",
)
"""What cannot be changed: managedClusters.json says so of each, and the API with PropertyChangeNotAllowed."""


def require_pool(call: Call, pool: Object, name: str, identifier: str) -> None:
    """Would AKS take this pool?

    Raises:
        CloudError: when it would not.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]{0,11}", name):
        raise v.invalid(
            f"The value of parameter agentPoolProfile.name is invalid. Error details: agent pool name {name!r} "
            "must start "
            "with a lowercase letter, have max length of 12, and only have characters a-z0-9. Please see "
            "https://aka.ms/aks-naming-rules for more details."
        )
    require_zones(call, texts(pool, "availabilityZones"), name)
    require_size(call, pool)
    _counts(pool, name)
    _mode(pool, name)
    _spot(pool)
    _disk(pool)
    _gpu(pool)
    _labels(pool)
    _surge(pool, name)
    _fabric(pool, name)
    _subnet_room(call, pool)
    require_reservation(call, pool, identifier)
    require_quota(call, pool, identifier)


def _counts(pool: Object, name: str) -> None:
    """Words: Azure/AKS issue 1093 and managedClusters.json, minCount."""
    scaled, count = truth(pool, "enableAutoScaling"), whole(pool, "count", 1)
    low, high = whole(pool, "minCount"), whole(pool, "maxCount")
    if not scaled and ("minCount" in pool or "maxCount" in pool):
        raise v.invalid("Cannot set minCount or maxCount when enableAutoScaling is false.")
    if scaled and not low <= count <= high:
        raise v.invalid(
            f"The value of parameter agentPoolProfile.count is invalid. Error details: node count {count} of "
            "agent pool "
            f"{name} should be between min count {low} and max count {high}."
        )


def _mode(pool: Object, name: str) -> None:
    """https://learn.microsoft.com/azure/aks/use-system-pools, system node pool restrictions."""
    if text(pool, "mode") != "System":
        return
    known = size(text(pool, "vmSize"))
    if whole(pool, "count", 1) < 1:
        raise v.invalid(f"System node pool '{name}' must have at least one node.")
    if text(pool, "scaleSetPriority") == "Spot":
        raise v.invalid(f"System node pool '{name}' cannot be a spot node pool.", code="SpotSystemPoolNotSupported")
    if text(pool, "osType") == "Windows":
        raise v.invalid(f"System node pool '{name}' must be of OS type Linux.")
    if known and known.vcpus < 2:  # noqa: PLR2004 - of the restrictions
        raise v.invalid(
            f"The VM SKU chosen for this cluster {text(pool, 'vmSize')} does not have enough CPU/memory to run as "
            "a system "
            "node pool.",
            code="VMSkuNotSupportedForSystemPool",
        )


def _spot(pool: Object) -> None:
    """https://learn.microsoft.com/azure/aks/spot-node-pool, limitations."""
    spot = text(pool, "scaleSetPriority") == "Spot"
    for path in ("scaleSetEvictionPolicy", "spotMaxPrice"):
        if path in pool and not spot:
            raise v.invalid(f"{path} can only be set when scaleSetPriority is Spot.")
    if spot and text(pool, "capacityReservationGroupID"):
        raise v.invalid("Capacity reservation group is not supported for spot node pools.", code="OperationNotAllowed")
    if spot and text(pool, "type") == "AvailabilitySet":
        raise v.invalid("Spot node pools need agent pool type VirtualMachineScaleSets.")


def _disk(pool: Object) -> None:
    """Words: Azure/AKS issue 2076."""
    wanted, name = whole(pool, "osDiskSizeGB", 128) or 128, text(pool, "vmSize")
    if text(pool, "osDiskType") == "Ephemeral" and wanted > local_gib(name):
        raise v.invalid(
            f"The virtual machine size {name} has a cache size of 0 bytes and temp disk size of "
            f"{local_gib(name) * 2**30} "
            f"bytes, but the OS disk requires {wanted * 2**30} bytes. Use a VM size with larger cache or temp disk or "
            "disable ephemeral OS.",
            code="VMCacheSizeTooSmall",
        )
    if 0 < whole(pool, "osDiskSizeGB", 128) < _IMAGE_GIB:
        raise v.invalid(f"OS disk size of {wanted} GB is smaller than the minimum of {_IMAGE_GIB} GB.")


def _gpu(pool: Object) -> None:
    """https://learn.microsoft.com/azure/aks/use-nvidia-gpu."""
    known, name = size(text(pool, "vmSize")), text(pool, "vmSize")
    if text(pool, "gpuProfile.driver") and not (known and known.gpus):
        raise v.invalid(f"gpuProfile is only supported on GPU VM sizes, not on {name}.")
    if text(pool, "gpuInstanceProfile") and not (known and known.gpu and gpu(known.gpu).mig_profiles):
        raise v.invalid(f"VM size {name} does not support multi-instance GPU.")
    if known and known.gpus and text(pool, "osType") == "Windows" and known.rdma is Transport.INFINIBAND:
        raise v.invalid(f"{name} is not supported for Windows node pools.")


def _labels(pool: Object) -> None:
    """Words: https://learn.microsoft.com/azure/aks/use-labels; kubelet's --node-labels for Kubernetes' own prefixes."""
    for key in mapping(pool, "nodeLabels"):
        prefix = key.rpartition("/")[0]
        mine = key == "kubernetes.azure.com/scalesetpriority" and text(pool, "scaleSetPriority") == "Spot"
        if prefix == "kubernetes.azure.com" and not mine:
            raise v.invalid(
                f"Label {key} is reserved: labels can't use the prefix kubernetes.azure.com.",
                code="ReservedLabelPrefix",
            )
        allowed = prefix.endswith(("kubelet.kubernetes.io", "node.kubernetes.io")) and not prefix.startswith("feature.")
        if prefix.endswith(("kubernetes.io", "k8s.io")) and not allowed:
            raise v.invalid(f"Label {key} is not allowed: it uses a prefix of Kubernetes.", code="ReservedLabelPrefix")


def _surge(pool: Object, name: str) -> None:
    """https://learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling: both zero is refused."""
    surge, unavailable = text(pool, "upgradeSettings.maxSurge"), text(pool, "upgradeSettings.maxUnavailable")
    if surge in {"0", "0%"} and unavailable in {"", "0", "0%"}:
        raise v.invalid(f"maxSurge and maxUnavailable of agent pool {name} cannot both be 0.")


def _fabric(pool: Object, name: str) -> None:
    """https://learn.microsoft.com/azure/virtual-machines/setup-infiniband: one placement group, in one zone."""
    known = size(text(pool, "vmSize"))
    if known is None or known.rdma is not Transport.INFINIBAND:
        return
    if len(texts(pool, "availabilityZones")) > 1:
        raise v.invalid(
            f"Agent pool {name} of the RDMA size {known.name} uses a single placement group, which cannot span "
            f"zones {','.join(texts(pool, 'availabilityZones'))}.",
            code="SinglePlacementGroupNotSupportedForMultipleZones",
        )
    if max(whole(pool, "count", 1), whole(pool, "maxCount")) > _MOST_IN_GROUP:
        raise v.invalid(
            f"The capacity of scale set with a single placement group cannot exceed {_MOST_IN_GROUP}.",
            code="OverconstrainedAllocationRequest",
        )


def _subnet_room(call: Call, pool: Object) -> None:
    """Words: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete/error-code-insufficientsubnetsize."""
    addresses = range_of(call, text(pool, "vnetSubnetID"))
    wanted = max(whole(pool, "count", 1), whole(pool, "maxCount")) + 1
    if addresses is not None and addresses.num_addresses - 5 < wanted:
        raise CloudError(
            "InsufficientSubnetSize",
            f"Pre-allocated IPs {wanted} exceeds IPs available {addresses.num_addresses - 5} in Subnet Cidr "
            f"{addresses}, "
            f"Subnet Name {text(pool, 'vnetSubnetID').rpartition('/')[2]}. http://aka.ms/aks/insufficientsubnetsize",
        )


def require_unchanged(old: Object, new: Object, where: str = "properties") -> None:
    """What of a pool may not be changed.

    Raises:
        CloudError: naming the first.
    """
    for path in FROZEN:
        before = sorted(str(value) for _, value in leaves(old, path))
        after = sorted(str(value) for _, value in leaves(new, path))
        if before != after and before:
            raise CloudError("PropertyChangeNotAllowed", f"Changing property '{where}.{path}' is not allowed.")
