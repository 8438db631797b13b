"""FSx for Lustre."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf
from ...provider.tables import Call, Kind, Prop
from ...provider.typecheck import Failure
from ...provider.values import Object, Value, at, text, texts, truth, whole
from . import vocabulary as v
from .networks import vpc_of

_GUIDE = "https://docs.aws.amazon.com/fsx/latest/LustreGuide"
_THROUGHPUTS = {"PERSISTENT_1": (50, 100, 200), "PERSISTENT_2": (125, 250, 500, 1000)}
_EFA_STEPS = {125: 38400, 250: 19200, 500: 9600, 1000: 4800}
"""GiB by MB/s for each TiB: https://docs.aws.amazon.com/fsx/latest/LustreGuide/increase-storage-capacity.html."""
_LNET_PORT = 988
_BAD = "BadRequest"


def _fits_together(inputs: Object) -> Iterator[Failure]:
    """Source: hashicorp/terraform-provider-aws, internal/service/fsx/lustre_file_system.go, and its documentation."""
    kind = text(inputs, "deploymentType") or "SCRATCH_1"
    if "perUnitStorageThroughput" in inputs and kind not in _THROUGHPUTS:
        yield Failure("perUnitStorageThroughput", f"is not supported with deployment type {kind}")
    if "metadataConfiguration" in inputs and kind != "PERSISTENT_2":
        yield Failure("metadataConfiguration", "only valid for `PERSISTENT_2` deployment type")


def _size(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystem.html, StorageCapacity."""
    kind, size = text(inputs, "deploymentType") or "SCRATCH_1", whole(inputs, "storageCapacity")
    throughput = whole(inputs, "perUnitStorageThroughput")
    allowed = _THROUGHPUTS.get(kind, ())
    if allowed and throughput not in allowed:
        raise CloudError(
            _BAD,
            f"Invalid PerUnitStorageThroughput {throughput} for {kind}: valid values are "
            f"{', '.join(map(str, allowed))} MB/s/TiB",
        )
    if truth(inputs, "efaEnabled"):
        step = _EFA_STEPS.get(throughput, 0)
        if not step or size % step:
            raise CloudError(
                _BAD,
                f"Invalid storage capacity {size}: an EFA-enabled file system with {throughput} MB/s/TiB takes "
                f"multiples of {step} GiB",
            )
    if kind == "SCRATCH_1":
        valid, words = size in {1200, 2400} or (size and size % 3600 == 0), "1200, 2400, and increments of 3600 GiB"
    else:
        valid, words = size == 1200 or (size and size % 2400 == 0), "1200 GiB and increments of 2400 GiB"  # noqa: PLR2004 - of FSx
    if not valid:
        raise CloudError(_BAD, f"Invalid storage capacity {size} for {kind} with SSD storage: valid values are {words}")


def _efa(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/fsx/latest/LustreGuide/efa-file-systems.html."""
    if not truth(inputs, "efaEnabled"):
        return
    if text(inputs, "deploymentType") != "PERSISTENT_2" or at(inputs, "metadataConfiguration") is None:
        raise CloudError(
            _BAD,
            "EFA is only supported on file systems with the PERSISTENT_2 deployment type and a metadata configuration",
        )


def _rules(call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/fsx/latest/LustreGuide/cannot-create-fs.html, both the rules and their words."""
    groups = texts(inputs, "securityGroupIds")
    vpc = vpc_of(call, text(inputs, "subnetIds"))
    for identifier in groups:
        found = call.account.find((v.SECURITY_GROUP, v.DEFAULT_SECURITY_GROUP), "id", identifier)
        if found is not None and found.text("vpcId") != vpc:
            raise CloudError(
                "InvalidNetworkSettings", f"The security group {identifier} is not in the VPC of the subnet: {vpc}"
            )
    for kind in (v.INGRESS_RULE, v.EGRESS_RULE):
        everything = any(_allows(call, kind, group, _ALL) for group in groups)
        if truth(inputs, "efaEnabled") and not everything:
            raise CloudError(
                "InvalidNetworkSettings",
                "Insufficient security group permissions to create an EFA-enabled file system. Update security group "
                "to allow all internal inbound and outbound traffic.",
            )
        if not any(_allows(call, kind, group, _LNET_PORT) for group in groups):
            raise CloudError(
                "InvalidNetworkSettings",
                "The file system cannot be created because the default security group in the subnet provided or the "
                "provided security groups do not permit Lustre LNET network traffic on port 988",
            )


_ALL = -1


def _allows(call: Call, kind: str, group: str, port: int) -> bool:
    """Whether a group lets itself in or out on a port, or altogether."""
    for rule in call.account.where(kind, "securityGroupId", group):
        to_itself = rule.text("referencedSecurityGroupId") == group
        anywhere = rule.text("cidrIpv4") == "0.0.0.0/0" and port != _ALL
        protocol = rule.text("ipProtocol")
        low, high = whole(rule.properties, "fromPort"), whole(rule.properties, "toPort")
        open_port = protocol == "-1" or (protocol in {"tcp", "6"} and port != _ALL and low <= port <= high)
        if (to_itself or anywhere) and open_port:
            return True
    return False


def _frozen_by_efa(_call: Call, old: Object, new: Object) -> None:
    """https://docs.aws.amazon.com/fsx/latest/LustreGuide/managing-throughput-capacity.html."""
    path = "perUnitStorageThroughput"
    if truth(old, "efaEnabled") and whole(old, path) != whole(new, path):
        raise CloudError(_BAD, "The throughput capacity of an EFA-enabled file system cannot be changed")


def shrinks(old: Value, new: Value) -> bool:
    """Source: hashicorp/terraform-provider-aws, internal/service/fsx/lustre_file_system.go, CustomizeDiff."""
    return isinstance(old, int) and isinstance(new, int) and new < old


def _computed(call: Call, inputs: Object) -> Object:
    return {
        "arn": v.arn(call, "fsx", f"file-system/{call.identifier}"),
        "dnsName": f"{call.identifier}.fsx.{call.region}.amazonaws.com",
        "mountName": "fsx" if (text(inputs, "deploymentType") or "SCRATCH_1") == "SCRATCH_1" else secrets.token_hex(4),
        "networkInterfaceIds": [v.random_id("eni")(call, inputs)],
        "ownerId": v.owner(call),
        "vpcId": vpc_of(call, text(inputs, "subnetIds")),
        "fileSystemTypeVersion": "2.15",
    }


LUSTRE = Kind(
    token=v.LUSTRE,
    source=f"{v.REGISTRY}/fsx_lustre_file_system; https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystem.html",
    service="FSx",
    noun="FSx for Lustre File System",
    operation="FileSystem",
    make_id=v.random_id("fs"),
    properties={
        "deploymentType": v.one_of(
            "SCRATCH_1", "SCRATCH_2", "PERSISTENT_1", "PERSISTENT_2", fixed=True, default="SCRATCH_1"
        ),
        "storageType": v.one_of("SSD", fixed=True, default="SSD"),
        "storageCapacity": Prop(allowed=Between(1200, 10**7), replaces=shrinks),
        "perUnitStorageThroughput": Prop(allowed=OneOf(12, 40, 50, 100, 125, 200, 250, 500, 1000)),
        "subnetIds": v.to_subnet(code="InvalidNetworkSettings"),
        "securityGroupIds": v.to_groups(fixed=True, code="InvalidNetworkSettings"),
        "efaEnabled": Prop(fixed=True, managed=True),
        "metadataConfiguration": Prop(managed=True, source=f"{_GUIDE}/managing-metadata-performance.html"),
        "metadataConfiguration.mode": v.one_of("AUTOMATIC", "USER_PROVISIONED"),
        "dataCompressionType": v.one_of("NONE", "LZ4", default="NONE"),
        **v.TAGGED,
    },
    checks=(_fits_together,),
    demands=(_size, _efa),
    on_create=(_rules,),
    on_update=(_frozen_by_efa,),
    compute=_computed,
    missing=("FileSystemNotFound", "File system '{id}' does not exist."),
    minutes=10,
    delete_minutes=3,
)

KINDS = (LUSTRE,)
"""Every type of this file."""
