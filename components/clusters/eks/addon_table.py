"""Which add-ons a cluster gets, in which order, and what they may do in AWS.

Names, service accounts and policies as the EKS user guide lists them under "Amazon EKS add-ons", and of cert-manager
under "Community add-ons".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...contracts.api_groups import CERT_MANAGER, VOLUME_SNAPSHOTS
from .settings import LustreStorage, SharedStorage


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """One managed add-on.

    Attributes:
        name: As EKS calls it.
        before_nodes: Whether nodes need it in order to become ready.
        service_account: Whose pods take on the role; empty where the add-on asks nothing of AWS.
        policy: AWS's managed policy of that role.
        configuration: Values that differ from the add-on's defaults.
    """

    name: str
    before_nodes: bool = False
    service_account: str = ""
    policy: str = ""
    configuration: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict[str, str | Mapping[str, str]])

    @property
    def configuration_values(self) -> str | None:
        """The configuration as EKS takes it."""
        return json.dumps(self.configuration) if self.configuration else None


_ALWAYS = (
    AddOn(
        name="vpc-cni",
        before_nodes=True,
        service_account="aws-node",
        policy="AmazonEKS_CNI_Policy",
        configuration={
            # Without it the API server takes NetworkPolicies and nothing enforces them.
            "enableNetworkPolicy": "true",
            # Kubelet's limit counts two interfaces on the first card of a p5.48xlarge, 2 x 49 + 2 pods; EFA takes the
            # place of the second, and from the 50th pod on addresses would be missing. With a prefix of 16 addresses
            # where one address was, the interface that is left holds 784 (EKS user guide, cni-increase-ip-addresses;
            # awslabs/amazon-eks-ami v20260724, eni_max_pods.go and instance-info.jsonl).
            "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        },
    ),
    AddOn(name="kube-proxy", before_nodes=True),
    AddOn(name="eks-pod-identity-agent", before_nodes=True),
    AddOn(name="coredns"),
    AddOn(name="metrics-server"),
    AddOn(name="eks-node-monitoring-agent"),
    # Version 2 of the policy lets the driver touch only volumes and snapshots that carry its own tag.
    AddOn(
        name="aws-ebs-csi-driver",
        service_account="ebs-csi-controller-sa",
        policy="AmazonEBSCSIDriverPolicyV2",
    ),
    # Without it storage drivers make no snapshots; other clouds have it in every cluster.
    AddOn(name="snapshot-controller"),
    # It makes the certificates by which the API server calls webhooks, the load balancer controller's among them.
    AddOn(name="cert-manager"),
)
_EFS = AddOn(
    name="aws-efs-csi-driver",
    service_account="efs-csi-controller-sa",
    policy="service-role/AmazonEFSCSIDriverPolicy",
)
# The program makes the file system; the driver would need rights only to make one (kubernetes-sigs/aws-fsx-csi-driver,
# pkg/driver/controller.go), and asks AWS nothing in order to mount it.
_FSX = AddOn(name="aws-fsx-csi-driver")


def add_ons(shared_storage: SharedStorage) -> tuple[AddOn, ...]:
    """The add-ons of a cluster with that shared storage, those that nodes need first."""
    return (*_ALWAYS, _FSX if isinstance(shared_storage, LustreStorage) else _EFS)


ADD_ON_NAMES = frozenset(add_on.name for add_on in (*_ALWAYS, _EFS, _FSX))
"""Every add-on that settings can pin."""
NAMESPACES = ("cert-manager",)
"""Namespaces that add-ons make for themselves."""
APIS = (CERT_MANAGER, VOLUME_SNAPSHOTS)
"""API groups that they install."""
