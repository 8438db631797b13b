"""What stands behind EKS's records: an embedded control plane, and nodes that are what node groups asked for.

Owns the way from records to machines. Nodes show what the program really sent and nothing that it forgot.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Callable
from pathlib import Path

from ...control_plane.machines import ImageAdvertises, Machine
from ...control_plane.rolling import DrainBlockedError, Replacement
from ...provider.errors import CloudError
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
from ...provider.values import Object, mapping, objects, text, texts, whole
from ..common import kinds
from ..common.taints import taints_of
from . import vocabulary as v
from .versions import running_release

EFA = "vpc.amazonaws.com/efa"
_EFA_INTERFACES = frozenset({"efa", "efa-only"})
_FIRST_ADDRESS = 4
"""Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html."""


managed = embedded_planes("aws")
"""The embedded control plane of a cluster by the account's file, its region and its name."""


def cluster_effects(planes: Planes) -> Effects:
    """A control plane for each cluster."""
    return ClusterEffects(
        planes,
        place=lambda record: Place(record.text("region"), record.identifier),
        answer=_cluster_answer,
        follows=_follows_cluster,
    )


def _cluster_answer(_store: Store, record: Record, plane: Plane) -> Object:
    endpoint = plane.create()
    issuer = f"https://oidc.eks.{record.text('region')}.amazonaws.com/id/{_digest(record.identifier)[:32].upper()}"
    return {
        "endpoint": endpoint.server,
        "certificateAuthority": {"data": endpoint.certificate_authority},
        "identities": [{"oidcs": [{"issuer": issuer}]}],
    }


def _follows_cluster(account: Account, record: Record) -> None:
    """All but the logs."""
    account.remove(v.SECURITY_GROUP, record.text("vpcConfig.clusterSecurityGroupId"))
    for kind in (v.ADDON, v.ACCESS_ENTRY, v.ACCESS_POLICY, v.POD_IDENTITY):
        for dependent in account.where(kind, "clusterName", record.identifier):
            account.remove(kind, dependent.identifier)


def node_group_effects(planes: Planes, launches: Callable[[Account, Record], None]) -> Effects:
    """Machines for each node group; ``launches`` keeps them from coming up."""
    return MachineEffects(
        planes,
        place=_place,
        group=lambda record: record.text("nodeGroupName"),
        launches=launches,
        machines=machines_of,
        answer=_resources,
        draining=Draining(_replacement, _blocked),
    )


def _replacement(group: Record) -> Replacement:
    """https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html."""
    at_once = whole(group.properties, "updateConfig.maxUnavailable", 1)
    old_first = group.text("updateConfig.updateStrategy") == "MINIMAL"
    return Replacement(unavailable=at_once) if old_first else Replacement(surge=at_once, unavailable=0)


def _blocked(group: Record, _error: DrainBlockedError) -> CloudError:
    """Words: https://github.com/aws/containers-roadmap/issues/1282."""
    name = group.text("nodeGroupName")
    return CloudError(
        "PodEvictionFailure", f"Reached max retries while trying to evict pods from nodes in node group {name}"
    )


def _place(record: Record) -> Place:
    return Place(record.text("region"), record.text("clusterName"))


def _resources(record: Record) -> Object:
    group = f"eks-{record.text('nodeGroupName')}-{_digest(record.identifier)[:8]}"
    return {"resources": [{"autoscalingGroups": [{"name": group}], "remoteAccessSecurityGroupId": ""}]}


DEFINITIONS = Path(__file__).parent / "definitions"


def add_on_effects(
    planes: Planes, driver: Callable[[str], str], comes_up: Callable[[Account, Record], None]
) -> Effects:
    """Volumes for the storage drivers among the add-ons, kinds of objects, and pods that need somewhere to run.

    Args:
        planes: Where control planes come from.
        driver: The CSI driver of an add-on; empty for others.
        comes_up: Raises the CloudError that keeps the add-on's pods from running.
    """
    return DriverEffects(
        planes,
        place=_place,
        driver=lambda record: driver(record.text("addonName")),
        comes_up=comes_up,
        definitions=lambda record: _definitions(record.text("addonName")),
    )


def _definitions(add_on: str) -> Path | None:
    folders = (DEFINITIONS / add_on, kinds.DEFINITIONS / add_on)
    return next((folder for folder in folders if folder.is_dir()), None)


def template_of(account: Account, group: Record) -> Object:
    """The launch template of a node group, as it is now; empty where there is none."""
    name = group.text("launchTemplate.name")
    found = (
        account.find(v.LAUNCH_TEMPLATE, "name", name)
        if name
        else account.get(v.LAUNCH_TEMPLATE, group.text("launchTemplate.id"))
    )
    return found.inputs if found else {}


def machine_type_of(account: Account, group: Record) -> str:
    """The machine type of a node group: the first of several, as with on-demand ones."""
    own = texts(group.properties, "instanceTypes")
    return text(template_of(account, group), "instanceType") or (own[0] if own else "t3.medium")


def machines_of(account: Account, group: Record) -> list[Machine]:
    """Every machine of a node group, spread over its subnets as an Auto Scaling group does."""
    template, properties = template_of(account, group), group.properties
    subnets = [found for identifier in texts(properties, "subnetIds") if (found := account.get(v.SUBNET, identifier))]
    subnets.sort(key=lambda subnet: subnet.text("availabilityZone"))
    release = running_release(account, group)
    efa = sum(
        text(interface, "interfaceType") in _EFA_INTERFACES for interface in objects(template, "networkInterfaces")
    )
    volumes = [whole(device, "ebs.volumeSize") for device in objects(template, "blockDeviceMappings")]
    name = group.text("nodeGroupName")
    labels = {
        **mapping(properties, "labels"),
        # https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
        "eks.amazonaws.com/nodegroup": name,
        "eks.amazonaws.com/capacityType": group.text("capacityType") or "ON_DEMAND",
    }
    # Machines of another image or template are other machines.
    generation = f"{group.identifier} {release} {text(properties, 'launchTemplate.version')}"
    return [
        Machine(
            name=_node_name(subnets[index % len(subnets)], f"{generation} {index}", group.text("region")),
            instance_type=machine_type_of(account, group),
            zone=subnets[index % len(subnets)].text("availabilityZone"),
            region=group.text("region"),
            labels=labels,
            taints=taints_of(properties, "taints"),
            has_driver=group.text("amiType").endswith("_NVIDIA"),
            image_advertises=_image_advertises(group.text("amiType")),
            devices={EFA: efa} if efa else {},
            disk_gib=max(volumes, default=0),
            uses_local_disks="strategy: RAID0" in _user_data(template),
            kubernetes_version=release.partition("-")[0],
        )
        for index in range(whole(properties, "scalingConfig.desiredSize"))
    ]


def _image_advertises(image: str) -> ImageAdvertises:
    """Bottlerocket's NVIDIA variants run the device plugin as a service of the host, AL2023 has none.

    Sources: https://bottlerocket.dev/en/os/latest/version-information/packages-by-variant (nvidia-k8s-device-plugin)
    and https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-k8s-device-plugin.html.
    """
    bottlerocket = image.startswith("BOTTLEROCKET_") and image.endswith("_NVIDIA")
    return ImageAdvertises.GPUS if bottlerocket else ImageAdvertises.NOTHING


def _user_data(template: Object) -> str:
    """What nodeadm reads: https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/examples (instance store)."""
    return base64.b64decode(text(template, "userData")).decode(errors="replace")


def _node_name(subnet: Record, seed: str, region: str) -> str:
    """Nodes are called after their address: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html."""
    network = ipaddress.IPv4Network(subnet.text("cidrBlock"))
    usable = network.num_addresses - _FIRST_ADDRESS - 1
    address = network[_FIRST_ADDRESS + int(_digest(seed), 16) % usable]
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{str(address).replace('.', '-')}.{domain}"


def _digest(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


def launch_failure(error: CloudError, *, spot: bool) -> CloudError:
    """What EKS makes of a refusal of EC2.

    Words: https://github.com/eksctl-io/eksctl/issues/4732 and https://github.com/cortexlabs/cortex/issues/1258.
    """
    what = "Spot" if spot else "On-Demand"
    return CloudError(
        "AsgInstanceLaunchFailures",
        f"Could not launch {what} Instances. {error.code} - {error.message} Launching EC2 instance failed.",
    )
