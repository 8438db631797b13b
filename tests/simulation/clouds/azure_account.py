"""A simulated Azure subscription of a test's own, with control planes that only note what they are told."""

from __future__ import annotations

from pathlib import Path

from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.cloud import AZURE
from simulation.clouds.azure.control_planes import agent_pool_effects, cluster_effects, extension_effects
from simulation.clouds.azure.launches import require_machines
from simulation.provider.store import Store
from simulation.provider.tables import Cloud, Effects
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.clouds.noted_plane import NotedPlane, with_effects

REGION = "eastus2"
H100: Object = {
    "agentPoolName": "h100",
    "vmSize": "Standard_ND96isr_H100_v5",
    "availabilityZones": ["2"],
    "gpuProfile": {"driver": "Install"},
}


class AzureAccount:
    """What a cluster needs, made as the program makes it.

    Attributes:
        plane: The control plane of the cluster ``prod``.
        cloud: The subscription, called as the engine calls it.
    """

    def __init__(self, folder: Path) -> None:
        self.plane = NotedPlane()
        self.cloud = AwsAccount(folder, region=REGION, cloud=self._tables())
        self.cloud.configure(location=REGION, subscriptionId=v.SUBSCRIPTION)

    def stand(self) -> None:
        """A group, a network with a NAT gateway, and identities with their roles."""
        self.group = self.cloud.create(v.RESOURCE_GROUP, resourceGroupName="prod")
        self.vnet = self.create(v.VNET, virtualNetworkName="prod", addressSpace={"addressPrefixes": ["10.20.0.0/16"]})
        self.guard = self.create(v.SECURITY_GROUP, networkSecurityGroupName="prod")
        self.address = self.create(
            v.PUBLIC_ADDRESS,
            publicIpAddressName="prod",
            sku={"name": "Standard", "tier": "Regional"},
            publicIPAllocationMethod="Static",
            zones=["1"],
        )
        self.gateway = self.create(
            v.NAT_GATEWAY,
            natGatewayName="prod",
            sku={"name": "Standard"},
            publicIpAddresses=[{"id": self.address.identifier}],
            zones=["1"],
        )
        self.nodes = self.subnet("nodes", "10.20.0.0/20", natGateway={"id": self.gateway.identifier})
        self.own = self.create(v.IDENTITY, resourceName="control-plane")
        self.kubelet = self.create(v.IDENTITY, resourceName="nodes")
        self.role("4d97b98b-1d4f-4787-a291-c67834d212e7", self.vnet.identifier)
        self.role("f1a07417-d97a-45cb-824c-7a7467783830", self.kubelet.identifier)

    def _planes(self, store: Store, region: str, name: str) -> NotedPlane:
        assert (store.path, region, name) == (self.cloud.store.path, REGION, "prod")
        return self.plane

    def _tables(self) -> Cloud:
        effects: dict[str, Effects] = {
            v.CLUSTER: cluster_effects(self._planes, require_machines),
            v.AGENT_POOL: agent_pool_effects(self._planes, require_machines),
            v.EXTENSION: extension_effects(self._planes),
        }
        return with_effects(AZURE, effects)

    def create(self, token: str, /, **inputs: Value) -> Made:
        """Something in the group ``prod``."""
        return self.cloud.create(token, resourceGroupName="prod", **inputs)

    def subnet(self, name: str, cidr: str, /, **other: Value) -> Made:
        return self.create(v.SUBNET, subnetName=name, virtualNetworkName="prod", addressPrefix=cidr, **other)

    def role(self, role: str, scope: str, principal: str = "", kind: str = "ServicePrincipal") -> Made:
        definition = f"/subscriptions/{v.SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        return self.cloud.create(
            v.ROLE_ASSIGNMENT,
            principalId=principal or self.own.outputs["principalId"],
            principalType=kind,
            roleDefinitionId=definition,
            scope=scope,
        )

    def system_pool(self, **other: Value) -> Object:
        return {
            "name": "system",
            "mode": "System",
            "vmSize": "Standard_D4ds_v6",
            "count": 2,
            "vnetSubnetID": self.nodes.identifier,
            "availabilityZones": ["1", "2"],
            "orchestratorVersion": "1.34",
            **other,
        }

    def cluster_inputs(self, **other: Value) -> Object:
        return {
            "resourceGroupName": "prod",
            "resourceName": "prod",
            "dnsPrefix": "prod",
            "kubernetesVersion": "1.34",
            "sku": {"name": "Base", "tier": "Standard"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [self.own.identifier]},
            "identityProfile": {
                "kubeletidentity": {
                    "resourceId": self.kubelet.identifier,
                    "clientId": self.kubelet.outputs["clientId"],
                    "objectId": self.kubelet.outputs["principalId"],
                }
            },
            "agentPoolProfiles": [self.system_pool()],
            "networkProfile": {
                "networkPlugin": "azure",
                "networkPluginMode": "overlay",
                "networkDataplane": "cilium",
                "networkPolicy": "cilium",
                "podCidr": "10.244.0.0/16",
                "serviceCidr": "10.0.0.0/16",
                "dnsServiceIP": "10.0.0.10",
                "outboundType": "userAssignedNATGateway",
            },
            "apiServerAccessProfile": {"authorizedIPRanges": ["198.51.100.0/24"]},
            "oidcIssuerProfile": {"enabled": True},
            **other,
        }

    def cluster(self, **other: Value) -> Made:
        return self.cloud.create(v.CLUSTER, **self.cluster_inputs(**other))

    def pool_inputs(self, **other: Value) -> Object:
        inputs: Object = {
            "resourceGroupName": "prod",
            "resourceName": "prod",
            "agentPoolName": "cpu",
            "mode": "User",
            "vmSize": "Standard_D8ds_v6",
            "count": 2,
            "vnetSubnetID": self.nodes.identifier,
            "availabilityZones": ["1", "2"],
            "orchestratorVersion": "1.34",
            **other,
        }
        return {key: value for key, value in inputs.items() if value is not None}

    def pool(self, **other: Value) -> Made:
        return self.cloud.create(v.AGENT_POOL, **self.pool_inputs(**other))

    def gpus(self, **other: Value) -> Made:
        """A pool of H100s in one zone."""
        return self.pool(**{**H100, **other})
