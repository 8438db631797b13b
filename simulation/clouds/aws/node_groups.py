"""Managed node groups of EKS: what it refuses at the call. What fails afterwards is in ``node_group_launches``."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.store import Record
from ...provider.tables import Call, Kind, Prop, Reference, Unique
from ...provider.typecheck import Failure
from ...provider.values import Object, at, mapping, objects, text, texts, whole
from . import vocabulary as v
from .clusters import NOT_FOUND, cluster_of, cluster_reference
from .control_planes import managed, node_group_effects, template_of
from .identities import role_of, trusts
from .machine_types import machine
from .networks import vpc_of
from .node_group_launches import health_issue, require_machines
from .versions import minor, newest_release, note_release, running_release

_INVALID = "InvalidParameterException"
_REQUEST = "InvalidRequestException"
_AMI_TYPES = (
    *("AL2_x86_64", "AL2_x86_64_GPU", "AL2_ARM_64", "CUSTOM"),
    *("BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64", "BOTTLEROCKET_x86_64_NVIDIA", "BOTTLEROCKET_ARM_64_NVIDIA"),
    *("BOTTLEROCKET_x86_64_FIPS", "BOTTLEROCKET_ARM_64_FIPS"),
    *("AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD", "AL2023_x86_64_NEURON"),
    *("AL2023_x86_64_NVIDIA", "AL2023_ARM_64_NVIDIA"),
)
_LAST_AL2 = 32
"""Last minor version with images of Amazon Linux 2: https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html."""
_ROLLED_OUT = ("version", "launchTemplate.version")
_RESERVED = ("kubernetes.io/", "k8s.io/", "eks.amazonaws.com/")


def _exactly_one(inputs: Object) -> Iterator[Failure]:
    """Source: hashicorp/terraform-provider-aws, internal/service/eks/node_group.go, ExactlyOneOf and ConflictsWith."""
    for block, names in (("updateConfig", "maxUnavailable"), ("launchTemplate", "id")):
        if isinstance(at(inputs, block), dict) and at(inputs, f"{block}.{names}") is None:
            yield Failure(block, f"`{names}` must be specified")


def _scaling(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html."""
    low, want, high = (whole(inputs, f"scalingConfig.{name}Size") for name in ("min", "desired", "max"))
    if low > want:
        raise CloudError(_INVALID, f"Minimum capacity {low} can't be greater than desired size {want}")
    if want > high:
        raise CloudError(_INVALID, f"desired capacity {want} can't be greater than max size {high}")


def _labels(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, labels and taints."""
    for key, value in mapping(inputs, "labels").items():
        if key.startswith(_RESERVED):
            raise CloudError(_INVALID, f"Label cannot contain reserved prefixes [{', '.join(_RESERVED)}]")
        if len(key.rpartition("/")[2]) > 63 or not re.fullmatch(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", value):  # noqa: PLR2004 - of Kubernetes
            raise CloudError(_INVALID, f"Label {key}={value} is invalid")
    keys = [(text(taint, "key"), text(taint, "effect")) for taint in objects(inputs, "taints")]
    if len(set(keys)) < len(keys):
        raise CloudError(_INVALID, "Taints with the same key and effect are specified more than once")


def _group(inputs: Object) -> Record:
    return Record(kind=v.NODE_GROUP, identifier="", inputs=inputs)


def _template(call: Call, inputs: Object) -> None:
    """EKS user guide, launch-templates.html; words: terraform-aws-eks#1386 and terraform-provider-aws#18025."""
    template = template_of(call.account, _group(inputs))
    if text(template, "instanceType") and texts(inputs, "instanceTypes"):
        raise CloudError(_REQUEST, "Cannot specify instance types in launch template and API request")
    if not template:
        return
    market = text(template, "instanceMarketOptions.marketType")
    if market and (market, text(inputs, "capacityType")) != ("capacity-block", "CAPACITY_BLOCK"):
        raise CloudError(_REQUEST, "Instance market options are not supported with the launch template")
    known = call.account.get(v.LAUNCH_TEMPLATE, text(inputs, "launchTemplate.id"))
    wanted = text(inputs, "launchTemplate.version")
    if known is not None and wanted.isdigit() and int(wanted) > whole(known.computed, "latestVersion", 1):
        raise CloudError(
            _REQUEST, f"The specified launch template version {wanted} of {known.identifier} does not exist"
        )
    data = base64.b64decode(text(template, "userData"))
    if data and text(inputs, "amiType") != "CUSTOM" and not data.lower().lstrip().startswith(b"mime-version:"):
        raise CloudError(_REQUEST, "User data was not in the MIME multipart format.")


def _capacity_block(call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/capacity-blocks-mng.html; what it demands, in our words."""
    if text(inputs, "capacityType") != "CAPACITY_BLOCK":
        return
    template = template_of(call.account, _group(inputs))
    target = "capacityReservationSpecification.capacityReservationTarget.capacityReservationId"
    needed = {
        "a custom launch template": bool(template),
        "InstanceType in the launch template": bool(text(template, "instanceType")),
        "InstanceMarketOptions.MarketType capacity-block in the launch template": (
            text(template, "instanceMarketOptions.marketType") == "capacity-block"
        ),
        "CapacityReservationId in the launch template": bool(text(template, target)),
    }
    lacking = [what for what, given in needed.items() if not given]
    if lacking:
        raise CloudError(_INVALID, f"Capacity type CAPACITY_BLOCK requires {' and '.join(lacking)}")


def _image(call: Call, inputs: Object) -> None:
    """Words: https://github.com/HHS/simpler-grants-gov/pull/12404 and https://github.com/eksctl-io/eksctl/issues/7754."""
    image = text(inputs, "amiType")
    own = texts(inputs, "instanceTypes")
    kinds = own or [text(template_of(call.account, _group(inputs)), "instanceType")]
    for kind in filter(None, kinds):
        found = machine(kind)
        if found is None:
            raise CloudError(_INVALID, f"The following supplied instance types do not exist: [{kind}]")
        wrong_chip = image and image != "CUSTOM" and ("_ARM_64" in image) != (found.architecture == "arm64")
        no_gpu = image.endswith(("_NVIDIA", "_GPU")) and not found.gpus
        if wrong_chip or no_gpu:
            raise CloudError(_INVALID, f"[{kind}] is not a valid instance type for requested amiType {image}")
    cluster = cluster_of(call, inputs)
    version = text(inputs, "version") or (cluster.text("version") if cluster else "")
    if image.startswith("AL2_") and minor(version) > _LAST_AL2:
        raise CloudError(
            _INVALID, f"AMI Type {image} is only supported for kubernetes versions 1.{_LAST_AL2} or earlier"
        )


def _version(call: Call, inputs: Object) -> None:
    """https://kubernetes.io/releases/version-skew-policy/ and EKS user guide, update-managed-node-group.html."""
    cluster = cluster_of(call, inputs)
    version, release = text(inputs, "version"), text(inputs, "releaseVersion")
    if cluster is None:
        return
    newest = minor(cluster.text("version"))
    wanted = minor(version or cluster.text("version"))
    if not newest - 3 <= wanted <= newest:
        raise CloudError(
            _INVALID,
            f"Nodegroup Kubernetes version {version} must be equal to or up to three minor versions earlier than the "
            f"cluster version {cluster.text('version')}",
        )
    if release and minor(release) != wanted:
        raise CloudError(
            _INVALID,
            f"Requested Nodegroup release version {release} is invalid. Allowed release version is "
            f"{newest_release(version or cluster.text('version'))}",
        )


def _no_downgrade(_call: Call, old: Object, new: Object) -> None:
    """EKS user guide, update-managed-node-group.html: "You can't roll back a node group to an earlier version"."""
    before, after = text(old, "version"), text(new, "version")
    if after and minor(after) < minor(before):
        raise CloudError(_INVALID, f"Unsupported Kubernetes minor version update from {before} to {after}")


def _no_older_image(call: Call, old: Object, new: Object) -> None:
    """EKS API reference, UpdateNodegroupVersion: "You cannot roll back a node group to an earlier … AMI version"."""
    group = call.account.get(v.NODE_GROUP, text(old, "id"))
    named = text(new, "releaseVersion")
    runs = running_release(call.account, group) if group is not None else ""
    if named and runs and minor(named) == minor(runs) and named.rpartition("-")[2] < runs.rpartition("-")[2]:
        raise CloudError(_INVALID, f"Requested release version {named} is older than {runs}, which the node group runs")


def _same_kind_of_template(call: Call, old: Object, new: Object) -> None:
    """EKS user guide, launch-templates.html; words: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1514."""
    if not texts(old, "instanceTypes"):
        return
    if text(template_of(call.account, _group(new)), "instanceType"):
        raise CloudError(_REQUEST, "You must continue to not specify an instance type within the launch template")


def _block_is_empty(call: Call, old: Object, new: Object) -> None:
    """EKS user guide, capacity-blocks-mng.html: "make sure that the desired size of the node group is set to 0"."""
    same = all(text(old, path) == text(new, path) for path in ("version", "releaseVersion", "launchTemplate.version"))
    del call
    if text(new, "capacityType") == "CAPACITY_BLOCK" and not same and whole(old, "scalingConfig.desiredSize"):
        raise CloudError(
            _REQUEST, "The desired size of a node group with capacity blocks must be 0 while its version is updated"
        )


def _role(call: Call, inputs: Object) -> None:
    """Words: https://github.com/eksctl-io/eksctl/issues/3290."""
    arn = text(inputs, "nodeRoleArn")
    role = role_of(call.account, arn)
    if role is not None and not trusts(role, "ec2.amazonaws.com", "sts:AssumeRole"):
        raise CloudError(
            _INVALID,
            "Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of "
            f"nodeRole {arn}",
        )


def _in_clusters_vpc(call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, subnets."""
    cluster = cluster_of(call, inputs)
    for subnet in texts(inputs, "subnetIds"):
        if cluster is not None and vpc_of(call, subnet) != cluster.text("vpcConfig.vpcId"):
            raise CloudError(_INVALID, f"Subnet {subnet} is not in the VPC of the cluster {cluster.identifier}")


def _cluster_is_up(call: Call, inputs: Object) -> None:
    cluster = cluster_of(call, inputs)
    if cluster is not None and cluster.status not in {"ACTIVE", "UPDATING", ""}:
        raise CloudError(_REQUEST, f"Cluster '{cluster.identifier}' is not in ACTIVE status")


def _computed(call: Call, inputs: Object) -> Object:
    cluster, group = text(inputs, "clusterName"), text(inputs, "nodeGroupName")
    return {
        "arn": v.arn(call, "eks", f"nodegroup/{cluster}/{group}/{v.random_id('ng')(call, inputs)}"),
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "diskSize": 0 if "launchTemplate" in inputs else 20,
    }


def _recomputed(call: Call, inputs: Object) -> Object:
    """Version and image are taken at creation, and the newest image with each new version or launch template.

    Sources: https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html, releaseVersion ("By
    default, the latest available AMI version for the node group's Kubernetes version is used"), and
    hashicorp/terraform-provider-aws, internal/service/eks/node_group.go, which names a release only where it changes.
    """
    old = call.account.get(v.NODE_GROUP, call.identifier) if call.identifier else None
    version = text(inputs, "version") or (old or cluster_of(call, inputs) or _group(inputs)).text("version")
    named = text(inputs, "releaseVersion")
    runs = running_release(call.account, old) if old is not None else ""
    rolled = old is None or any(old.text(path) != text(inputs, path) for path in _ROLLED_OUT)
    changed = named if named != runs else ""
    release = changed or newest_release(version) if changed or rolled else runs
    note_release(call.account, f"{text(inputs, 'clusterName')}:{text(inputs, 'nodeGroupName')}", release)
    return {"version": version, "releaseVersion": release}


_TAINTS = {
    "taints": Prop(length=(0, 50), unordered=True),
    "taints.key": Prop(allowed=Between(1, 63)),
    "taints.value": Prop(allowed=Between(0, 63)),
    "taints.effect": v.one_of("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"),
}

NODE_GROUP = Kind(
    token=v.NODE_GROUP,
    source=f"{v.REGISTRY}/eks_node_group; {v.EKS_API}/API_CreateNodegroup.html",
    service="EKS",
    noun="EKS Node Group",
    operation="Nodegroup",
    autoname="nodeGroupName",
    make_id=v.id_from("clusterName", "nodeGroupName"),
    properties={
        "clusterName": Prop(fixed=True, refers=cluster_reference(holds=True)),
        "nodeGroupName": v.named(form=r"[0-9A-Za-z][0-9A-Za-z_-]*", longest=63),
        "nodeRoleArn": v.to_role(code=_INVALID, message="The role {value} cannot be found."),
        "subnetIds": v.to_subnet(code=_INVALID, length=(1, 100)),
        "version": Prop(allowed=Pattern(r"1\.\d{2}"), managed=True),
        "releaseVersion": Prop(allowed=Pattern(r"1\.\d{2}\.\d+-(\d{8}|[0-9a-f]{8})"), managed=True),
        "amiType": Prop(allowed=OneOf(*_AMI_TYPES), fixed=True, managed=True),
        # The documentation names two; the third is accepted: terraform-provider-aws#40876.
        "capacityType": v.one_of("ON_DEMAND", "SPOT", "CAPACITY_BLOCK", fixed=True, managed=True),
        "instanceTypes": Prop(length=(1, 20), fixed=True, managed=True),
        "launchTemplate": Prop(),
        "launchTemplate.id": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.LAUNCH_TEMPLATE,),
                code=_REQUEST,
                message="Launch template {value} could not be found.",
                holds=False,
            ),
        ),
        "launchTemplate.version": Prop(allowed=Between(1, 255)),
        "scalingConfig": Prop(),
        "scalingConfig.desiredSize": Prop(allowed=Between(0, 10**6)),
        "scalingConfig.minSize": Prop(allowed=Between(0, 10**6)),
        "scalingConfig.maxSize": Prop(allowed=Between(1, 10**6)),
        "updateConfig": Prop(managed=True),
        "updateConfig.maxUnavailable": Prop(allowed=Between(1, 100)),
        "updateConfig.updateStrategy": v.one_of("DEFAULT", "MINIMAL", managed=True),
        "nodeRepairConfig": Prop(managed=True),
        "nodeRepairConfig.enabled": Prop(default=False),
        "labels": Prop(),
        **_TAINTS,
        **v.TAGGED,
    },
    checks=(_exactly_one,),
    unique=(
        Unique(
            paths=("clusterName", "nodeGroupName"),
            code="ResourceInUseException",
            message="NodeGroup already exists with name {1} and cluster name {0}",
        ),
    ),
    demands=(_cluster_is_up, _scaling, _labels, _template, _capacity_block, _image, _version),
    on_create=(_role, _in_clusters_vpc),
    on_update=(_no_downgrade, _no_older_image, _same_kind_of_template, _block_is_empty),
    compute=_computed,
    recompute=_recomputed,
    missing=(NOT_FOUND, "No node group found for name: {id}."),
    status="status",
    failed="CREATE_FAILED",
    minutes=3,
    delete_minutes=3,
    comes_up_badly=frozenset(
        ("InsufficientInstanceCapacity", "VcpuLimitExceeded", "ReservationCapacityExceeded", "NodeCreationFailure")
    ),
    words=health_issue,
    effects=node_group_effects(managed, require_machines),
)

KINDS = (NODE_GROUP,)
"""Every type of this file."""
