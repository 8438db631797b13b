"""What Azure knows of machine sizes: quota families, zones, GPUs, and how large an ephemeral OS disk may be.

Written down apart from the tables that the program uses, so that a mistake there is refused here.
"""

from __future__ import annotations

import re

from components.contracts.errors import StrataError
from components.planner.catalogs.instances import InstanceType, instance, instances

from ...provider.tables import Call
from .regions import zones

_FAMILIES = (
    (r"Standard_ND96isr_H100_v5", "standardNDSH100v5Family"),
    (r"Standard_ND96isr_H200_v5", "standardNDISRH200V5Family"),
    (r"Standard_ND96isr_MI300X_v5", "standardNDISv5MI300XFamily"),
    (r"Standard_ND96asr_v4", "Standard NDASv4_A100 Family"),
    (r"Standard_ND96amsr_A100_v4", "Standard NDAMSv4_A100Family"),
    (r"Standard_ND128isr_NDR_GB200_v6", "standardNDISRGB200v6Family"),
    (r"Standard_ND128isr_GB300_v6", "standardNDISRGB300v6Family"),
    (r"Standard_NC\d+ads_A100_v4", "StandardNCADSA100v4Family"),
    (r"Standard_NC\d+adi?s_H100_v5", "StandardNCadsH100v5Family"),
    (r"Standard_NCC40ads_H100_v5", "standardNCCads2023Family"),
    (r"Standard_NC128ds_xl_RTXPRO6000BSE_v6", "standardNCDSxlRTXPRO6000BSEv6Family"),
    (r"Standard_NV\d+ads_A10_v5", "StandardNVADSA10v5Family"),
    (r"Standard_D\d+ds_v6", "StandardDdsv6Family"),
    (r"Standard_D\d+s_v6", "StandardDsv6Family"),
    (r"Standard_E\d+ds_v6", "StandardEdsv6Family"),
    (r"Standard_F\d+as_v6", "StandardFasv6Family"),
)
"""Sources: microsoft/aspire, Aspire.Hosting.Azure.Kubernetes/AksNodeVmSizes.cs; `az vm list-usage`."""

_LIMITS = {
    "cores": 2000,
    "lowPriorityCores": 500,
    "standardNDSH100v5Family": 384,
    "StandardNCADSA100v4Family": 192,
    "StandardDdsv6Family": 500,
    "StandardDsv6Family": 500,
}
"""Made up: what this subscription was given; families that are not here have none."""

_SCARCE = {
    "Standard_ND96isr_H100_v5": ("1", "2"),
    "Standard_ND96isr_H200_v5": ("2",),
    "Standard_ND96asr_v4": (),
    "Standard_ND96amsr_A100_v4": (),
}
"""Made up: zones of each subscription differ (Azure/AKS issue 1444). All other sizes are in every zone."""

_LOCAL_GIB = {
    "Standard_NC24ads_A100_v4": 64,
    "Standard_NC40ads_H100_v5": 128,
    "Standard_ND96isr_H100_v5": 1000,
    "Standard_ND96isr_H200_v5": 1000,
    "Standard_NV36ads_A10_v5": 720,
    "Standard_D8ds_v6": 440,
    "Standard_D32ds_v6": 440,
}
"""Source: https://learn.microsoft.com/azure/virtual-machines/sizes, local storage of each series."""

MIG_GPUS = ("A100", "H100", "H200", "GB200", "GB300")
"""Source: https://learn.microsoft.com/azure/aks/gpu-multi-instance; the rest of NVIDIA's list is not on AKS."""


def size(name: str) -> InstanceType | None:
    """The machine size of Azure with that name; None when there is none."""
    try:
        found = instance(name)
    except StrataError:
        return None
    return found if found.cloud == "azure" else None


def sizes() -> list[InstanceType]:
    """Every machine size of Azure that is known here."""
    return [each for each in instances() if each.cloud == "azure"]


def family(name: str) -> str:
    """The quota that a size's vCPUs count against."""
    return next((quota for form, quota in _FAMILIES if re.fullmatch(form, name)), "standardOtherFamily")


def families() -> list[str]:
    """Every quota of vCPUs."""
    return sorted({"cores", "lowPriorityCores", *(quota for _, quota in _FAMILIES)})


def limit(call: Call, quota: str) -> int:
    """Cores that the subscription may have; the fact ``quota:<name>`` is what tests change."""
    own = call.account.fact(f"quota:{quota}")
    return int(own) if own is not None else _LIMITS.get(quota, 0)


def offered_in(call: Call, name: str) -> tuple[str, ...]:
    """Zones of the call's region in which this subscription may have the size.

    The fact ``offering:<size>``, zones with blanks between them, replaces what is written here.
    """
    own = call.account.fact(f"offering:{name}")
    some = tuple(own.split()) if own is not None else _SCARCE.get(name)
    return tuple(each for each in zones(call.region) if some is None or each in some)


def local_gib(name: str) -> int:
    """The largest ephemeral OS disk of a size."""
    return _LOCAL_GIB.get(name, 0)
