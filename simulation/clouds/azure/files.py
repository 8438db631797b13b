"""Storage accounts with file shares, and Managed Lustre.

Codes and words: https://learn.microsoft.com/rest/api/storageservices/storage-resource-provider-error-codes;
what has another source names it.
"""

from __future__ import annotations

import zlib

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.tables import Call, Kind, Prop, Unique
from ...provider.values import Object, Value, at, text, texts, truth, whole
from . import vocabulary as v
from .networks import range_of
from .regions import require_zones, zones

_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_LUSTRE = "Microsoft.StorageCache/amlFilesystems"
_STORAGE_SPEC = f"{v.SPECS}/storage/resource-manager/Microsoft.Storage/stable"
_LUSTRE_SPEC = f"{v.SPECS}/storagecache/resource-manager/Microsoft.StorageCache/stable/2024-03-01/amlfilesystem.json"
_PREMIUM = {"Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS"}


def _sku(_call: Call, inputs: Object) -> None:
    sku, kind = text(inputs, "sku.name"), text(inputs, "kind")
    if kind == "FileStorage" and sku not in _PREMIUM | {"StandardV2_LRS", "StandardV2_ZRS"}:
        raise CloudError(
            "InvalidRequestPropertyValue", f"The value '{sku}' is not allowed for property sku of kind {kind}."
        )


def _endpoints(_call: Call, inputs: Object) -> Object:
    name = text(inputs, "accountName")
    return {"primaryEndpoints": {"file": f"https://{name}.file.core.windows.net/"}}


STORAGE_ACCOUNT = Kind(
    token=v.STORAGE_ACCOUNT,
    source=f"{_STORAGE_SPEC}/storage.json; {v.RESOURCE_NAMES}",
    service="Microsoft.Storage",
    noun="storage account",
    operation="StorageAccounts",
    make_id=v.ResourceIds(_ACCOUNTS, "accountName"),
    autoname="accountName",
    properties={
        "accountName": Prop(allowed=Pattern(r"[a-z0-9]{3,24}"), fixed=True),
        "resourceGroupName": v.in_group(),
        "kind": v.one_of("Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage", fixed=True),
        "sku": Prop(),
        "sku.name": Prop(
            allowed=OneOf(
                "Standard_LRS", "Standard_GRS", "Standard_ZRS", "StandardV2_LRS", "StandardV2_ZRS", *sorted(_PREMIUM)
            ),
            fixed=True,
        ),
        "enableHttpsTrafficOnly": Prop(default=True),
        "minimumTlsVersion": v.one_of("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3", default="TLS1_2"),
        "allowSharedKeyAccess": Prop(default=True),
        "allowBlobPublicAccess": Prop(default=False),
        "publicNetworkAccess": v.one_of("Enabled", "Disabled", "SecuredByPerimeter", default="Enabled"),
        "networkRuleSet": Prop(managed=True),
        "networkRuleSet.defaultAction": v.one_of("Allow", "Deny"),
        "networkRuleSet.bypass": v.one_of("None", "Logging", "Metrics", "AzureServices"),
        **v.PLACED,
    },
    unique=(
        Unique(
            paths=("accountName",),
            code="StorageAccountAlreadyTaken",
            message="The storage account named {0} is already taken.",
        ),
    ),
    demands=(_sku,),
    compute=v.described(_ACCOUNTS, _endpoints),
    exists=("StorageAccountAlreadyExists", "cannot create already existing resource '{id}'"),
)


def _share(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/storage/files/files-nfs-protocol and /storage/files/understanding-billing."""
    account = call.account.find(v.STORAGE_ACCOUNT, "name", text(inputs, "accountName"))
    if account is None:
        return
    premium = account.text("kind") == "FileStorage"
    if text(inputs, "enabledProtocols") == "NFS":
        if not premium:
            raise CloudError(
                "FeatureNotSupportedForAccount", "NFS file shares are only supported for accounts of kind FileStorage."
            )
        if truth(account.properties, "enableHttpsTrafficOnly", default=True):
            raise CloudError(
                "InvalidRequestPropertyValue",
                "NFS file shares need secure transfer (supportsHttpsTrafficOnly) to be disabled on the storage "
                "account.",
            )
    low = 32 if account.text("sku.name").startswith("PremiumV2") else 100 if premium else 1
    if not low <= whole(inputs, "shareQuota", low) <= 102_400:  # noqa: PLR2004 - of the billing page
        raise CloudError(
            "InvalidRequestPropertyValue",
            f"The value '{whole(inputs, 'shareQuota')}' for property shareQuota is not valid: it has to be {low} "
            "to 102400.",
        )
    if text(inputs, "rootSquash") and text(inputs, "enabledProtocols") != "NFS":
        raise CloudError("InvalidRequestPropertyValue", "rootSquash is only supported for NFS file shares.")


FILE_SHARE = Kind(
    token=v.FILE_SHARE,
    source=f"{_STORAGE_SPEC}/file.json",
    service="Microsoft.Storage",
    noun="file share",
    operation="FileShares",
    make_id=v.ResourceIds(f"{_ACCOUNTS}/shares", "accountName", "shareName"),
    autoname="shareName",
    properties={
        "shareName": Prop(allowed=Pattern(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"), fixed=True),
        "resourceGroupName": v.in_group(),
        "accountName": v.by_name(v.STORAGE_ACCOUNT, "storageAccounts"),
        "enabledProtocols": v.one_of("SMB", "NFS", fixed=True, default="SMB"),
        "rootSquash": v.one_of("NoRootSquash", "RootSquash", "AllSquash"),
        "shareQuota": Prop(managed=True),
    },
    demands=(_share,),
    compute=v.described(f"{_ACCOUNTS}/fileServices/shares"),
    exists=("ShareAlreadyExists", "cannot create already existing resource '{id}'"),
)

_LUSTRE_SIZES = {"40": (48, 768), "125": (16, 128), "250": (8, 128), "500": (4, 128)}
"""Steps and most TiB by MB/s for each TiB: https://learn.microsoft.com/azure/azure-managed-lustre/create-file-system-portal."""
_ROOM = ((16, 27), (40, 26), (92, 25), (196, 24), (400, 23))
"""TiB and prefix of the subnet: https://learn.microsoft.com/azure/azure-managed-lustre/amlfs-prerequisites."""


def _lustre(call: Call, inputs: Object) -> None:
    size, sku = whole(inputs, "storageCapacityTiB"), text(inputs, "sku.name").rpartition("-")[2]
    step, most = _LUSTRE_SIZES[sku]
    if size % step or not step <= size <= most:
        raise CloudError(
            "InvalidParameter",
            f"storageCapacityTiB {size} is not valid for SKU {text(inputs, 'sku.name')}: it has to be a multiple "
            f"of {step} "
            f"from {step} to {most}.",
        )
    wanted = texts(inputs, "zones")
    require_zones(call, wanted, text(inputs, "amlFilesystemName"))
    if zones(call.region) and len(wanted) != 1:
        raise CloudError("InvalidParameter", "Exactly one availability zone has to be specified in 'zones'.")
    addresses = range_of(call, text(inputs, "filesystemSubnet"))
    longest = next((prefix for limit, prefix in _ROOM if size <= limit), 22)
    if addresses is not None and addresses.prefixlen > longest:
        raise CloudError(
            "FilesystemSubnetTooSmall",
            f"Subnet {text(inputs, 'filesystemSubnet')} is too small for a file system of {size} TiB: it has to be "
            f"/{longest} or larger.",
        )


def _alone(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/azure-managed-lustre/amlfs-prerequisites: nodes and endpoints elsewhere."""
    subnet = text(inputs, "filesystemSubnet")
    for kind, path in ((v.AGENT_POOL, "vnetSubnetID"), (v.CLUSTER, "agentPoolProfiles.vnetSubnetID")):
        if call.account.where(kind, path, subnet):
            raise CloudError(
                "SubnetInUse", f"Subnet {subnet} is used by a cluster; Managed Lustre needs one of its own."
            )


def _calls_azure(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/azure-managed-lustre/amlfs-prerequisites, Azure cloud service access.

    Azure's own code and words are not published.
    """
    found = call.account.get(v.SUBNET, text(inputs, "filesystemSubnet"))
    if found is None or truth(found.properties, "defaultOutboundAccess", default=True):
        return
    if at(found.properties, "natGateway.id") is None and at(found.properties, "routeTable.id") is None:
        raise CloudError(
            "FilesystemSubnetNotReachable",
            f"Subnet {text(inputs, 'filesystemSubnet')} has no outbound access to Azure cloud services.",
        )


LUSTRE_FROZEN = ("storageCapacityTiB", "sku.name", "filesystemSubnet")
"""What of a Managed Lustre file system cannot be changed."""


def _frozen(_call: Call, old: Object, new: Object) -> None:
    for path in LUSTRE_FROZEN:
        if at(old, path) != at(new, path):
            raise CloudError("PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.")


def _address(call: Call, inputs: Object) -> Object:
    addresses = range_of(call, text(inputs, "filesystemSubnet"))
    host: Value = str(addresses[5 + zlib.crc32(call.identifier.encode()) % 8]) if addresses else ""
    mount = f"mount -t lustre -o noatime,flock {host}@tcp:/lustrefs /amlfs-target"
    return {
        "clientInfo": {
            "mgsAddress": host,
            "mountCommand": mount,
            "lustreVersion": "2.15.5",
            "containerStorageInterface": {},
        },
        "throughputProvisionedMBps": whole(inputs, "storageCapacityTiB")
        * int(text(inputs, "sku.name").rpartition("-")[2] or 0),
        "health": {"state": "Available", "statusCode": "", "statusDescription": ""},
    }


LUSTRE = Kind(
    token=v.LUSTRE,
    source=_LUSTRE_SPEC,
    service="Microsoft.StorageCache",
    noun="Managed Lustre file system",
    operation="AmlFilesystems",
    make_id=v.ResourceIds(_LUSTRE, "amlFilesystemName"),
    autoname="amlFilesystemName",
    properties={
        "amlFilesystemName": v.named(),
        "resourceGroupName": v.in_group(),
        "sku": Prop(),
        "sku.name": Prop(allowed=OneOf(*(f"AMLFS-Durable-Premium-{throughput}" for throughput in _LUSTRE_SIZES))),
        "storageCapacityTiB": Prop(allowed=Between(4, 1536)),
        "zones": Prop(allowed=OneOf("1", "2", "3"), length=(0, 1), fixed=True),
        "filesystemSubnet": v.to_id(v.SUBNET),
        "maintenanceWindow": Prop(),
        "maintenanceWindow.dayOfWeek": v.one_of(
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
        ),
        "maintenanceWindow.timeOfDayUTC": Prop(allowed=Pattern(r"([01]\d|2[0-3]):[0-5]\d")),
        **v.PLACED,
    },
    demands=(_lustre,),
    on_create=(_alone, _calls_azure),
    on_update=(_frozen,),
    compute=v.described(_LUSTRE, _address),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
    minutes=10,
    delete_minutes=5,
)

KINDS = (STORAGE_ACCOUNT, FILE_SHARE, LUSTRE)
"""Every type of this file."""
