"""Log Analytics workspaces and diagnostic settings."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, text, texts
from . import vocabulary as v

_AKS_LOGS = {
    "kube-apiserver",
    "kube-audit",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
    "cluster-autoscaler",
    "cloud-controller-manager",
    "guard",
    "csi-azuredisk-controller",
    "csi-azurefile-controller",
    "csi-snapshot-controller",
    "fleet-member-agent",
    "fleet-member-net-controller-manager",
    "fleet-mcs-controller-manager",
    "karpenter-events",
    "aks-automatic-events",
}
"""Source: https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs."""

WORKSPACE = Kind(
    token=v.WORKSPACE,
    source=f"{v.SPECS}/operationalinsights/resource-manager/Microsoft.OperationalInsights",
    service="Microsoft.OperationalInsights",
    noun="workspace",
    operation="Workspaces",
    make_id=v.ResourceIds("Microsoft.OperationalInsights/workspaces", "workspaceName"),
    autoname="workspaceName",
    properties={
        "workspaceName": Prop(allowed=Pattern(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]"), fixed=True),
        "resourceGroupName": v.in_group(),
        "sku": Prop(),
        "sku.name": Prop(allowed=OneOf("PerGB2018", "CapacityReservation", "LACluster", "Free", "Standalone")),
        "retentionInDays": Prop(allowed=Between(30, 730), managed=True),
        **v.PLACED,
    },
    compute=v.described("Microsoft.OperationalInsights/workspaces"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _setting_id(_call: Call, inputs: Object) -> str:
    return f"{text(inputs, 'resourceUri')}/providers/Microsoft.Insights/diagnosticSettings/{text(inputs, 'name')}"


def _categories(_call: Call, inputs: Object) -> None:
    """Words: https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings#troubleshooting."""
    wrong = [category for category in texts(inputs, "logs.category") if category not in _AKS_LOGS]
    if "/managedClusters/" in text(inputs, "resourceUri") and wrong:
        raise CloudError("BadRequest", f"Category '{wrong[0]}' is not supported.")
    if not text(inputs, "workspaceId"):
        raise CloudError("BadRequest", "At least one data sink needs to be specified.")


DIAGNOSTICS = Kind(
    token=v.DIAGNOSTICS,
    source=f"{v.SPECS}/monitor/resource-manager/Microsoft.Insights/stable; "
    f"{v.LEARN}/azure-monitor/platform/diagnostic-settings",
    service="Microsoft.Insights",
    noun="diagnostic setting",
    operation="DiagnosticSettings",
    make_id=_setting_id,
    autoname="name",
    properties={
        "name": v.named(longest=260),
        "resourceUri": v.to_id(v.CLUSTER, fixed=True, holds=False),
        "workspaceId": v.to_id(v.WORKSPACE, holds=False),
        "logs": Prop(length=(0, 100)),
        "logs.category": Prop(allowed=Pattern(r"[A-Za-z-]+")),
        "logs.enabled": Prop(),
    },
    demands=(_categories,),
    compute=v.described("Microsoft.Insights/diagnosticSettings"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

KINDS = (WORKSPACE, DIAGNOSTICS)
"""Every type of this file."""
