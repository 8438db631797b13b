"""Load balancers that Services of an EKS cluster get, which no program declares and whose network they keep."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.service_controllers import Balanced, Service, ServiceController
from ...provider.store import Account, Record
from ...provider.tables import Call
from ...provider.values import Object, texts
from . import vocabulary as v

_DOCS = "https://docs.aws.amazon.com/eks/latest/userguide"


def _balancer(account: Account, cluster: str, service: Service) -> Record:
    """In the subnets of the control plane, which are those of the cluster's network."""
    found = account.get(v.CLUSTER, cluster)
    subnets = texts(found.properties, "vpcConfig.subnetIds") if found else []
    vpc = account.get(v.SUBNET, subnets[0]) if subnets else None
    about = service.metadata
    inputs: Object = {
        "service": about.uid,
        "subnets": list(subnets),
        "vpcId": vpc.text("vpcId") if vpc else "",
        "region": found.text("region") if found else "",
    }
    name = f"k8s-{about.namespace[:8]}-{about.name[:8]}-{about.uid.replace('-', '')[:10]}"
    return Record(kind=v.LOAD_BALANCER, identifier=name, inputs=inputs)


def _address(balancer: Record) -> str:
    return f"{balancer.identifier}-{balancer.inputs['service']}.elb.{balancer.text('region')}.amazonaws.com"


def _by_controller(account: Account, cluster: str, service: Service) -> Balanced:
    """A balancer and the security group of its own: the controller's docs/guide/service/nlb, "Security groups"."""
    balancer = _balancer(account, cluster, service)
    group: Object = {"service": service.metadata.uid, "vpcId": balancer.text("vpcId"), "name": balancer.identifier}
    identifier = f"sg-{service.metadata.uid.replace('-', '')[:17]}"
    return Balanced(
        records=(balancer, Record(kind=v.SECURITY_GROUP, identifier=identifier, inputs=group)),
        address=_address(balancer),
    )


def _by_control_plane(account: Account, cluster: str, service: Service) -> Balanced:
    balancer = _balancer(account, cluster, service)
    return Balanced(records=(balancer,), address=_address(balancer))


CONTROLLERS = (
    ServiceController(
        source=f"{_DOCS}/network-load-balancing.html; kubernetes-sigs/aws-load-balancer-controller v3.2.2, "
        "pkg/shared_constants/finalizers.go",
        load_balancer_class="service.k8s.aws/nlb",
        finalizer="service.k8s.aws/resources",
        image="eks/aws-load-balancer-controller",
        make=_by_controller,
    ),
    ServiceController(
        source="kubernetes/cloud-provider, controllers/service and service/helpers (LoadBalancerCleanupFinalizer)",
        load_balancer_class="",
        finalizer="service.kubernetes.io/load-balancer-cleanup",
        make=_by_control_plane,
    ),
)
"""Who answers for Services."""


def no_balancers(call: Call, properties: Object) -> None:
    """A subnet with a load balancer's interfaces stays.

    Words: https://repost.aws/knowledge-center/troubleshoot-dependency-error-delete-vpc.
    """
    subnet = str(properties["id"])
    if call.account.where(v.LOAD_BALANCER, "subnets", subnet):
        raise CloudError("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.")
