"""Filestore, Managed Lustre and buckets."""

from __future__ import annotations

import ipaddress

from ...provider.errors import CloudError
from ...provider.rules import Between, Pattern
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, Value, objects, text, truth, whole
from . import vocabulary as v
from .clusters import region_of
from .regions import REGIONS, zones

_ZONAL = frozenset({"BASIC_HDD", "BASIC_SSD", "ZONAL"})
_LIMITS = {
    "BASIC_HDD": (1024, 65_433, 1),
    "BASIC_SSD": (2560, 65_433, 1),
    "ENTERPRISE": (1024, 10_240, 256),
    "REGIONAL": (1024, 102_400, 256),
    "ZONAL": (1024, 102_400, 256),
}
"""GiB from, to and step: https://cloud.google.com/filestore/docs/service-tiers."""
_LARGE, _LARGE_STEP = 10_240, 2560
_LUSTRE_STEP = 9_000_000
"""GiB times MB/s for each TiB: https://cloud.google.com/managed-lustre/docs/performance."""


def _filestore_place(_call: Call, inputs: Object) -> None:
    location, tier = text(inputs, "location"), text(inputs, "tier")
    zonal = location in zones(region_of(location))
    if not zonal and location not in REGIONS:
        raise CloudError("badRequest", f"Location {location} is not found or access is unauthorized.")
    if zonal != (tier in _ZONAL):
        wanted = "zone" if tier in _ZONAL else "region"
        raise CloudError("badRequest", f"Instances of tier {tier} must be created in a {wanted}, not in {location}.")


def _filestore_size(_call: Call, inputs: Object) -> None:
    tier, size = text(inputs, "tier"), whole(inputs, "fileShares.capacityGb")
    low, high, step = _LIMITS[tier]
    step = _LARGE_STEP if step > 1 and size >= _LARGE else step
    if not low <= size <= high or size % step:
        raise CloudError(
            "badRequest",
            f"Invalid file share capacity {size} GB for tier {tier}: must be between {low} and {high} in steps of "
            f"{step}.",
        )


def _not_protected(_call: Call, properties: Object) -> None:
    """https://cloud.google.com/filestore/docs/deletion-protection."""
    if truth(properties, "deletionProtectionEnabled"):
        raise CloudError("badRequest", "Instance has deletion protection enabled.")


FILESTORE = Kind(
    token=v.FILESTORE,
    source=f"{v.REGISTRY}/filestore_instance; https://cloud.google.com/filestore/docs/reference/rest",
    service="file",
    noun="Instance",
    operation="Instance",
    autoname="name",
    make_id=v.path_id("projects/{project}/locations/{location}/instances/{name}"),
    properties={
        **v.NAMED,
        "location": Prop(fixed=True, managed=True),
        "tier": v.one_of(*_LIMITS, fixed=True),
        **v.LABELLED,
        "fileShares": Prop(),
        "fileShares.name": Prop(allowed=Pattern(r"[a-z][a-z0-9_]{0,15}"), fixed=True),
        "fileShares.capacityGb": Prop(allowed=Between(1024, 102_400)),
        "networks": Prop(length=(1, 1), fixed=True),
        "networks.network": v.to_network(),
        "networks.modes": v.one_of("MODE_IPV4", "MODE_IPV6", fixed=True),
        "networks.connectMode": v.one_of(
            "DIRECT_PEERING", "PRIVATE_SERVICE_ACCESS", "PRIVATE_SERVICE_CONNECT", fixed=True
        ),
        "deletionProtectionEnabled": Prop(managed=True),
    },
    demands=(_filestore_place, _filestore_size),
    on_create=(v.needs("file.googleapis.com", "Cloud Filestore API"),),
    on_delete=(_not_protected,),
    exists=("alreadyExists", "Resource '{id}' already exists"),
    missing=("notFound", "Resource '{id}' was not found"),
    minutes=4,
    delete_minutes=2,
)


def filestore_networks(inputs: Object) -> list[Value]:
    """The networks of an instance with the address that it has in each."""
    seed = int(v.digest(text(inputs, "name")), 16) % 2**16
    address = str(ipaddress.IPv4Address("172.30.0.2") + (seed // 8) * 8)
    return [{**network, "ipAddresses": [address], "reservedIpRange": ""} for network in objects(inputs, "networks")]


def _lustre_size(_call: Call, inputs: Object) -> None:
    step = _LUSTRE_STEP // whole(inputs, "perUnitStorageThroughput", 1000)
    if whole(inputs, "capacityGib") % step:
        raise CloudError(
            "badRequest",
            f"Invalid capacity {whole(inputs, 'capacityGib')} GiB: must be a multiple of {step} GiB.",
        )


def _lustre_place(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/managed-lustre/docs/vpc: private services access comes first."""
    location = text(inputs, "location")
    if location not in zones(region_of(location)):
        raise CloudError("badRequest", f"Location {location} is not a zone.")
    network = text(inputs, "network")
    if not call.account.where(v.CONNECTION, "network", network):
        raise CloudError(
            "badRequest",
            f"Network {network} is not peered with Service Networking: private services access must be configured.",
        )


LUSTRE = Kind(
    token=v.LUSTRE,
    source=f"{v.REGISTRY}/lustre_instance; https://cloud.google.com/managed-lustre/docs/reference/rest",
    service="lustre",
    noun="Instance",
    operation="Instance",
    make_id=v.path_id("projects/{project}/locations/{location}/instances/{instanceId}"),
    properties={
        **v.LABELLED,
        "instanceId": Prop(allowed=v.NAME, fixed=True),
        **v.IN_PROJECT,
        "location": Prop(allowed=v.ZONE, fixed=True),
        "filesystem": Prop(allowed=Pattern(r"[a-zA-Z0-9]{1,8}"), fixed=True),
        "capacityGib": Prop(allowed=Pattern(r"\d{4,7}")),
        "perUnitStorageThroughput": v.one_of("125", "250", "500", "1000", fixed=True),
        "network": v.to_network(),
    },
    demands=(_lustre_size,),
    on_create=(v.needs("lustre.googleapis.com", "Google Cloud Managed Lustre API"), _lustre_place),
    compute=lambda _call, inputs: {"mountPoint": f"10.90.0.2@tcp:/{text(inputs, 'filesystem')}", "state": "ACTIVE"},
    exists=("alreadyExists", "Resource '{id}' already exists"),
    missing=("notFound", "Resource '{id}' was not found"),
    minutes=10,
    delete_minutes=3,
)


def _hierarchy(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/storage/docs/hns-overview: needs uniform access."""
    if truth(inputs, "hierarchicalNamespace.enabled") and not truth(inputs, "uniformBucketLevelAccess"):
        raise CloudError(
            "invalid", "Hierarchical namespace can only be enabled when uniform bucket-level access is enabled."
        )


BUCKET = Kind(
    token=v.BUCKET,
    source=f"{v.REGISTRY}/storage_bucket; https://cloud.google.com/storage/docs/json_api/v1/buckets",
    service="storage",
    noun="Bucket",
    operation="Bucket",
    autoname="name",
    make_id=v.path_id("{name}"),
    properties={
        "name": Prop(allowed=Pattern(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"), fixed=True),
        **v.IN_PROJECT,
        "location": Prop(fixed=True),
        "hierarchicalNamespace": Prop(fixed=True),
        "hierarchicalNamespace.enabled": Prop(fixed=True),
        "uniformBucketLevelAccess": Prop(managed=True),
        **v.LABELLED,
        "publicAccessPrevention": v.one_of("inherited", "enforced", managed=True),
        "forceDestroy": Prop(managed=True),
    },
    demands=(_hierarchy,),
    exists=("conflict", "Your previous request to create the named bucket succeeded and you already own it."),
    missing=("notFound", "The specified bucket does not exist."),
)

BUCKET_MEMBER = Kind(
    token=v.BUCKET_MEMBER,
    source=f"{v.REGISTRY}/storage_bucket_iam",
    service="storage",
    noun="IAM Member for Storage Bucket",
    operation="IamPolicy",
    make_id=v.path_id("{bucket}/{role}/{member}"),
    properties={
        "bucket": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.BUCKET,),
                by="name",
                code="notFound",
                message="The specified bucket does not exist.",
                holds=False,
            ),
        ),
        "role": Prop(allowed=Pattern(r"roles/\S+"), fixed=True),
        "member": Prop(fixed=True),
    },
    missing=("notFound", "Binding '{id}' was not found"),
)

KINDS = (FILESTORE, LUSTRE, BUCKET, BUCKET_MEMBER)
"""Every type of this file."""
