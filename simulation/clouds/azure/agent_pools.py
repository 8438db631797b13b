"""Agent pools of AKS clusters, and extensions that run on them."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.store import Record, Store
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, at, objects, text, texts
from . import vocabulary as v
from .clusters import cluster_name
from .control_planes import agent_pool_effects, extension_effects, managed
from .identities import role_on
from .launches import allocation_words, inline_pools, require_machines, zonal_words
from .networks import vnet_of
from .pool_rules import POOL, require_pool, require_unchanged
from .versions import number

_TYPE = "Microsoft.ContainerService/managedClusters/agentPools"


def _cluster(call: Call, inputs: Object) -> Record | None:
    return call.account.find(v.CLUSTER, "name", text(inputs, "resourceName"))


def _fits(call: Call, inputs: Object) -> None:
    require_pool(call, inputs, text(inputs, "agentPoolName"), call.identifier)


def _beside_the_cluster(call: Call, inputs: Object) -> None:
    """Words: https://learn.microsoft.com/azure/aks/create-node-pools#limitations and managedClusters.json."""
    cluster = _cluster(call, inputs)
    if cluster is None:
        return
    name = text(inputs, "agentPoolName")
    if any(text(profile, "name") == name for profile in inline_pools(cluster)):
        raise CloudError(
            "ResourceExists", f"cannot create already existing resource '{cluster.identifier}/agentPools/{name}'"
        )
    vnets = {vnet_of(text(profile, "vnetSubnetID")) for profile in objects(cluster.inputs, "agentPoolProfiles")}
    if vnet_of(text(inputs, "vnetSubnetID")) not in vnets:
        raise v.invalid(
            "All agent pools within a managed cluster must be in the same virtual network.",
            code="AgentPoolVnetMismatch",
        )


def _version(call: Call, inputs: Object) -> None:
    """Words: https://learn.microsoft.com/azure/aks/manage-node-pools#upgrade-a-cluster-control-plane-with-multiple-node-pools."""
    cluster, wanted = _cluster(call, inputs), text(inputs, "orchestratorVersion")
    if cluster is not None and wanted and number(wanted) > number(cluster.text("kubernetesVersion")):
        raise CloudError(
            "NodePoolMcVersionIncompatible",
            f"Node pool version {wanted} and control plane version {cluster.text('kubernetesVersion')} are "
            "incompatible. "
            "Node pool version cannot be greater than control plane's version.",
        )


def _spot(_call: Call, inputs: Object) -> None:
    """Words: terraform-provider-azurerm issue 19355."""
    if text(inputs, "scaleSetPriority") == "Spot" and text(inputs, "upgradeSettings.maxSurge"):
        raise v.invalid(
            "The value of parameter agentPoolProfile.upgrade.maxSurge is invalid. Error details: Spot pools can't set "
            "max surge. Please see https://aka.ms/aks-naming-rules for more details.",
            code="InvalidParameter",
        )


def _reservation_rights(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/aks/use-capacity-reservation-groups: a user-assigned identity with rights."""
    reservation, cluster = text(inputs, "capacityReservationGroupID"), _cluster(call, inputs)
    if not reservation or cluster is None or cluster.seeded:
        return
    for identifier in texts(cluster.inputs, "identity.userAssignedIdentities"):
        own = call.account.get(v.IDENTITY, identifier)
        if (
            own is not None
            and not own.seeded
            and not role_on(call, own.text("principalId"), "Contributor", reservation)
        ):
            raise CloudError(
                "LinkedAuthorizationFailed",
                f"The client '{own.text('clientId')}' has permission to perform action "
                "'Microsoft.Compute/virtualMachineScaleSets/write'; however, it does not have permission to "
                "perform action "
                f"'Microsoft.Compute/capacityReservationGroups/deploy/action' on the linked scope '{reservation}'.",
            )


def _unchanged(_call: Call, old: Object, new: Object) -> None:
    require_unchanged(old, new)


def _last_system_pool(call: Call, properties: Object) -> None:
    cluster = _cluster(call, properties)
    if text(properties, "mode") == "System" and cluster is not None:
        inline = [
            profile for profile in objects(cluster.inputs, "agentPoolProfiles") if text(profile, "mode") == "System"
        ]
        if not inline:
            raise CloudError("OperationNotAllowed", "There has to be at least one system node pool.")


def _computed(_call: Call, _inputs: Object) -> Object:
    return {"powerState": {"code": "Running"}, "nodeImageVersion": "AKSUbuntu-2404gen2containerd-202611.07.0"}


def _recomputed(_call: Call, inputs: Object) -> Object:
    return {"currentOrchestratorVersion": text(inputs, "orchestratorVersion")}


def _words(_store: Store, record: Record, code: str, message: str) -> CloudError:
    """How a failure that a test asked for reads."""
    known = {"AllocationFailed": allocation_words(record), "ZonalAllocationFailed": zonal_words(record)}
    return CloudError(code, message or known.get(code, "injected failure"))


AGENT_POOL = Kind(
    token=v.AGENT_POOL,
    source=f"{v.SPECS}/containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-09-01/managedClusters.json",
    service="Microsoft.ContainerService",
    noun="agent pool",
    operation="AgentPools",
    make_id=v.ResourceIds(_TYPE, "resourceName", "agentPoolName"),
    autoname="agentPoolName",
    properties={
        "agentPoolName": Prop(allowed=Between(1, 63), fixed=True),
        "resourceGroupName": v.in_group(),
        "resourceName": cluster_name(),
        **POOL,
    },
    demands=(_fits, _version, _spot),
    on_create=(_beside_the_cluster, _reservation_rights),
    on_update=(_unchanged,),
    on_delete=(_last_system_pool,),
    compute=v.described(_TYPE, _computed),
    recompute=_recomputed,
    volatile=("currentOrchestratorVersion",),
    missing=("ResourceNotFound", "The Resource '{id}' was not found."),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
    minutes=4,
    delete_minutes=3,
    comes_up_badly=frozenset({"AllocationFailed", "ZonalAllocationFailed", "OverconstrainedZonalAllocationRequest"}),
    words=_words,
    effects=agent_pool_effects(managed, require_machines),
)

_MAINTENANCE = "Microsoft.ContainerService/managedClusters/maintenanceConfigurations"


def _one_schedule(_call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/aks/planned-maintenance: one and only one of the schedule types."""
    schedule = at(inputs, "maintenanceWindow.schedule")
    if not isinstance(schedule, dict) or len(schedule) != 1:
        raise v.invalid("One and only one of the schedule types should be specified in maintenanceWindow.schedule.")


MAINTENANCE = Kind(
    token=v.MAINTENANCE,
    source=f"{v.SPECS}/containerservice/resource-manager/Microsoft.ContainerService/aks; "
    f"{v.LEARN}/aks/planned-maintenance",
    service="Microsoft.ContainerService",
    noun="maintenance configuration",
    operation="MaintenanceConfigurations",
    make_id=v.ResourceIds(_MAINTENANCE, "resourceName", "configName"),
    autoname="configName",
    properties={
        "configName": Prop(
            allowed=OneOf("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"), fixed=True
        ),
        "resourceGroupName": v.in_group(),
        "resourceName": cluster_name(),
        "maintenanceWindow": Prop(),
        "maintenanceWindow.durationHours": Prop(allowed=Between(4, 24)),
        "maintenanceWindow.startTime": Prop(allowed=Pattern(r"([01]\d|2[0-3]):[0-5]\d")),
        "maintenanceWindow.schedule": Prop(),
        "maintenanceWindow.schedule.daily": Prop(),
        "maintenanceWindow.schedule.daily.intervalDays": Prop(allowed=Between(1, 7)),
        "maintenanceWindow.schedule.weekly": Prop(),
        "maintenanceWindow.schedule.weekly.dayOfWeek": v.one_of(
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
        ),
        "maintenanceWindow.schedule.weekly.intervalWeeks": Prop(allowed=Between(1, 4)),
    },
    demands=(_one_schedule,),
    compute=v.described(_MAINTENANCE),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

_EXTENSIONS = {"microsoft.azurecontainerstoragev2", "microsoft.flux", "microsoft.dapr"}


def _extension_exists(call: Call, inputs: Object) -> None:
    """Words: https://learn.microsoft.com/azure/azure-arc/kubernetes/extensions-troubleshooting."""
    if text(inputs, "extensionType") not in _EXTENSIONS:
        raise CloudError(
            "ExtensionTypeRegistrationGetFailed",
            f"Extension type {text(inputs, 'extensionType')} is not registered in region {call.region}.",
        )


EXTENSION = Kind(
    token=v.EXTENSION,
    source=f"{v.SPECS}/kubernetesconfiguration/resource-manager/Microsoft.KubernetesConfiguration; "
    f"{v.LEARN}/storage/container-storage/install-container-storage-aks",
    service="Microsoft.KubernetesConfiguration",
    noun="extension",
    operation="Extensions",
    make_id=v.ResourceIds("Microsoft.ContainerService/managedClusters/extensions", "clusterName", "extensionName"),
    autoname="extensionName",
    properties={
        "extensionName": v.named(longest=63),
        "extensionType": Prop(allowed=Pattern(r"[a-z0-9.]+"), fixed=True),
        "resourceGroupName": v.in_group(),
        "clusterRp": Prop(allowed=OneOf("Microsoft.ContainerService", "Microsoft.Kubernetes"), fixed=True),
        "clusterResourceName": Prop(allowed=OneOf("managedClusters", "connectedClusters"), fixed=True),
        "clusterName": cluster_name(),
        "configurationSettings": Prop(),
        "autoUpgradeMinorVersion": Prop(default=True),
        "releaseTrain": v.one_of("stable", "preview", "staging", "Stable", "Preview", managed=True),
    },
    on_create=(_extension_exists,),
    compute=v.described("Microsoft.KubernetesConfiguration/extensions"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
    minutes=3,
    effects=extension_effects(managed),
)

KINDS = (AGENT_POOL, MAINTENANCE, EXTENSION)
"""Every type of this file."""
