"""An account with a network and roles, and control planes that only note what they are told."""

from __future__ import annotations

import json
from pathlib import Path

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.add_ons import driver_of, require_running
from simulation.clouds.aws.cloud import AWS
from simulation.clouds.aws.control_planes import add_on_effects, cluster_effects, node_group_effects
from simulation.clouds.aws.node_group_launches import require_machines
from simulation.provider.planes import Planes
from simulation.provider.store import Store
from simulation.provider.tables import Cloud, Effects
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.clouds.noted_plane import NotedPlane, with_effects

POLICY = "arn:aws:iam::aws:policy"
_ZONES = ("us-east-2a", "us-east-2b")


def noted(planes: Planes) -> Cloud:
    """AWS with control planes that run nothing, so that a cluster takes no time."""
    effects: dict[str, Effects] = {
        v.CLUSTER: cluster_effects(planes),
        v.NODE_GROUP: node_group_effects(planes, require_machines),
        v.ADDON: add_on_effects(planes, driver_of, require_running),
    }
    return with_effects(AWS, effects)


class EksAccount:
    """What a cluster needs, made as the program makes it.

    Attributes:
        plane: The control plane of the cluster ``prod``.
        private: Private subnets by zone.
    """

    def __init__(self, folder: Path, cloud: Cloud | None = None) -> None:
        self.plane = NotedPlane()
        self.aws = AwsAccount(folder, cloud=cloud or noted(self._planes))
        self.vpc = self.aws.vpc()
        self.private = {
            zone: self.aws.subnet(self.vpc, f"10.0.{16 * number}.0/20", zone) for number, zone in enumerate(_ZONES)
        }
        self._way_out()
        self.cluster_role = self.role("control-plane", "eks.amazonaws.com", "AmazonEKSClusterPolicy")
        self.node_role = self.role(
            "nodes", "ec2.amazonaws.com", "AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"
        )
        self.key = self.aws.create(v.KEY, enableKeyRotation=True, deletionWindowInDays=30)

    def _planes(self, store: Store, region: str, name: str) -> NotedPlane:
        assert (store.path, region, name) == (self.aws.store.path, "us-east-2", "prod")
        return self.plane

    def _way_out(self) -> None:
        """One NAT gateway for both zones."""
        gateway = self.aws.create(v.INTERNET_GATEWAY, vpcId=self.vpc.identifier)
        public = self.aws.subnet(self.vpc, "10.0.128.0/24", _ZONES[0])
        address = self.aws.create(v.EIP, domain="vpc")
        nat = self.aws.create(v.NAT_GATEWAY, allocationId=address.identifier, subnetId=public.identifier)
        for subnet, target in [(public, {"gatewayId": gateway.identifier})] + [
            (private, {"natGatewayId": nat.identifier}) for private in self.private.values()
        ]:
            table = self.aws.table(self.vpc)
            self.aws.create(v.ROUTE_TABLE_ASSOCIATION, routeTableId=table.identifier, subnetId=subnet.identifier)
            self.aws.create(v.ROUTE, routeTableId=table.identifier, destinationCidrBlock="0.0.0.0/0", **target)

    def role(self, name: str, service: str, *policies: str) -> Made:
        actions: list[Value] = ["sts:AssumeRole"]
        if service.startswith("pods."):
            actions.append("sts:TagSession")
        statement: Object = {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = self.aws.create(v.ROLE, name=name, assumeRolePolicy=document)
        for policy in policies:
            self.aws.create(v.ROLE_POLICY_ATTACHMENT, role=name, policyArn=f"{POLICY}/{policy}")
        return role

    @property
    def subnets(self) -> list[Value]:
        return [subnet.identifier for subnet in self.private.values()]

    def cluster_inputs(self, **other: Value) -> Object:
        return {
            "name": "prod",
            "version": "1.34",
            "roleArn": self.cluster_role.outputs["arn"],
            "vpcConfig": {
                "subnetIds": self.subnets,
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["198.51.100.0/24"],
            },
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "encryptionConfig": {"provider": {"keyArn": self.key.outputs["arn"]}, "resources": ["secrets"]},
            "enabledClusterLogTypes": ["api", "audit"],
            "bootstrapSelfManagedAddons": False,
            "upgradePolicy": {"supportType": "STANDARD"},
            "deletionProtection": False,
            **other,
        }

    def cluster(self, **other: Value) -> Made:
        """The cluster with what its nodes need to become ready."""
        made = self.aws.create(v.CLUSTER, **self.cluster_inputs(**other))
        self.add_on("vpc-cni", resolveConflictsOnCreate="OVERWRITE")
        return made

    def add_on(self, name: str, **other: Value) -> Made:
        return self.aws.create(v.ADDON, clusterName="prod", addonName=name, **other)

    def template(self, name: str = "prod-pool", /, **inputs: Value) -> Made:
        return self.aws.create(v.LAUNCH_TEMPLATE, name=name, **inputs)

    def group_inputs(self, template: Made | None = None, /, **other: Value) -> Object:
        template = template or self.template()
        return {
            "clusterName": "prod",
            "nodeGroupName": "system",
            "nodeRoleArn": self.node_role.outputs["arn"],
            "subnetIds": self.subnets,
            "version": "1.34",
            "amiType": "AL2023_x86_64_STANDARD",
            "capacityType": "ON_DEMAND",
            "instanceTypes": ["m7i.2xlarge"],
            "launchTemplate": {"id": template.identifier, "version": "1"},
            "scalingConfig": {"desiredSize": 2, "minSize": 2, "maxSize": 2},
            "updateConfig": {"maxUnavailable": 1, "updateStrategy": "DEFAULT"},
            "nodeRepairConfig": {"enabled": True},
            "labels": {"strata.dev/pool": "system"},
            **{key: value for key, value in other.items() if value is not None},
        }

    def group(self, template: Made | None = None, /, **other: Value) -> Made:
        inputs = self.group_inputs(template, **other)
        for left_out in [key for key, value in other.items() if value is None]:
            inputs.pop(left_out, None)
        return self.aws.create(v.NODE_GROUP, **inputs)
