"""What keeps the machines of a node group from coming up after EKS took it.

All of these end in ``CREATE_FAILED`` with a health issue, minutes after the call.
"""

from __future__ import annotations

import ipaddress

from ...provider.errors import CloudError
from ...provider.store import Account, Record, Store
from ...provider.tables import Call
from ...provider.values import Object, text, texts, truth, whole
from . import vocabulary as v
from .control_planes import launch_failure, machine_type_of, template_of
from .identities import may, role_of
from .launching import Launch, launch_refusals
from .machine_types import known, machine, offered_in
from .networks import vpc_of, zone_of
from .quotas import vcpu_refusal

_NO_CAPACITY, _JOIN_FAILURE = "InsufficientInstanceCapacity", "NodeCreationFailure"
_JOINING = ("ec2", "ecr.api", "ecr.dkr", "sts")
"""Endpoints without which a node without internet does not join.

Source: https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html.
"""

_NODE_CALLS = (
    # nodeadm asks for the name under which the node registers: awslabs/amazon-eks-ami, nodeadm/internal/api/status.go.
    "ec2:DescribeInstances",
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
"""What a machine calls by its own role until its node is ready."""


def require_machines(account: Account, group: Record) -> None:
    """The machines come up and join.

    Raises:
        CloudError: with the health issue when they do not.
    """
    count = whole(group.properties, "scalingConfig.desiredSize")
    if not count:
        return
    call = Call(account=account, region=group.text("region"), identifier=group.identifier)
    spot = group.text("capacityType") == "SPOT"
    refusal = _refusal(call, group, count, spot=spot)
    if refusal is not None:
        raise launch_failure(refusal, spot=spot)
    _require_joining(call, group)


def _refusal(call: Call, group: Record, count: int, *, spot: bool) -> CloudError | None:
    template = template_of(call.account, group)
    kind = machine_type_of(call.account, group)
    launch = Launch(template=template, machine=kind, subnets=tuple(texts(group.properties, "subnetIds")), count=count)
    for refusal in launch_refusals(call, launch):
        return refusal
    reserved = text(template, "instanceMarketOptions.marketType") == "capacity-block"
    quota = None if reserved else vcpu_refusal(call, kind, _running_vcpus(call, kind, spot=spot), spot=spot)
    return quota or _sold_out(call, template, kind, launch.subnets, count)


def _running_vcpus(call: Call, kind: str, *, spot: bool) -> int:
    """Processors of the family's quota when every node group of the account is up."""
    total = 0
    for other in call.account.records(v.NODE_GROUP):
        theirs = machine_type_of(call.account, other)
        found = machine(theirs)
        same = known(theirs).quota == known(kind).quota and (other.text("capacityType") == "SPOT") is spot
        if found and same and other.text("capacityType") != "CAPACITY_BLOCK" and other.status != "CREATE_FAILED":
            total += found.vcpus * whole(other.properties, "scalingConfig.desiredSize")
    return total


def set_stock(account: Account, machine_type: str, zone: str, count: int) -> None:
    """From now on EC2 has no more than so many machines of a type in a zone, reserved ones aside."""
    account.set_fact(f"stock:{machine_type}:{zone}", str(count))


def _sold_out(call: Call, template: Object, kind: str, subnets: tuple[str, ...], count: int) -> CloudError | None:
    if text(template, "capacityReservationSpecification.capacityReservationTarget.capacityReservationId"):
        return None
    zones = list(dict.fromkeys(zone_of(call, subnet) for subnet in subnets))
    stocks = [call.account.fact(f"stock:{kind}:{zone}") for zone in zones]
    share = -(-count // len(zones))
    for zone, stock in zip(zones, stocks, strict=True):
        if stock is not None and int(stock) < share:
            return CloudError(_NO_CAPACITY, _no_capacity(call, kind, zone))
    return None


def _no_capacity(call: Call, kind: str, zone: str) -> str:
    """Words: https://github.com/eksctl-io/eksctl/issues/4732."""
    others = ", ".join(other_zone for other_zone in offered_in(call, kind) if other_zone != zone)
    return (
        f"We currently do not have sufficient {kind} capacity in the Availability Zone you requested ({zone}). "
        "Our system will be working on provisioning additional capacity. You can currently get "
        f"{kind} capacity by not specifying an Availability Zone in your request or choosing {others}."
    )


def health_issue(store: Store, group: Record, code: str, message: str) -> CloudError:
    """How a failure that a test asked for reads; EC2's own codes are told by the Auto Scaling group."""
    if code == _JOIN_FAILURE:
        return CloudError(code, message or "Instances failed to join the kubernetes cluster")
    if code == _NO_CAPACITY and not message:
        with store.transaction() as account:
            call = Call(account=account, region=group.text("region"), identifier=group.identifier)
            zone = zone_of(call, texts(group.properties, "subnetIds")[0])
            message = _no_capacity(call, machine_type_of(account, group), zone)
    return launch_failure(CloudError(code, message), spot=group.text("capacityType") == "SPOT")


def _require_joining(call: Call, group: Record) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html, worker nodes fail to join."""
    cluster = call.account.get(v.CLUSTER, group.text("clusterName"))
    role = role_of(call.account, group.text("nodeRoleArn"))
    may_join = role is None or may(call.account, role, *_NODE_CALLS)
    private = cluster is not None and truth(cluster.properties, "vpcConfig.endpointPrivateAccess")
    reachable = all(_reaches_out(call, subnet, private=private) for subnet in texts(group.properties, "subnetIds"))
    if not (may_join and reachable):
        raise CloudError(_JOIN_FAILURE, "Instances failed to join the kubernetes cluster")
    if cluster is not None and not _has_network(call, cluster):
        # https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2149 and main.tf, before_compute
        raise CloudError(_JOIN_FAILURE, "Unhealthy nodes in the kubernetes cluster")


def _has_network(call: Call, cluster: Record) -> bool:
    own = truth(cluster.properties, "bootstrapSelfManagedAddons", default=True)
    return own or call.account.get(v.ADDON, f"{cluster.identifier}:vpc-cni") is not None


def _reaches_out(call: Call, subnet: str, *, private: bool) -> bool:
    found = call.account.get(v.SUBNET, subnet)
    if found is None or found.seeded:
        return True
    for association in call.account.where(v.ROUTE_TABLE_ASSOCIATION, "subnetId", subnet):
        for route in call.account.where(v.ROUTE, "routeTableId", association.text("routeTableId")):
            if ipaddress.ip_network(route.text("destinationCidrBlock")).prefixlen == 0:
                return True
    endpoints = call.account.where(v.VPC_ENDPOINT, "vpcId", vpc_of(call, subnet))
    have = {endpoint.text("serviceName").removeprefix(f"com.amazonaws.{call.region}.") for endpoint in endpoints}
    return private and have.issuperset(_JOINING)
