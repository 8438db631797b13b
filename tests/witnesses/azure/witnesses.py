"""Which published type judges which of ours, and what is excepted with a reason.

A type is judged by the Pulumi SDK, which is generated from the API versions that the provider calls, and where one of
Microsoft's clients has a model of it by that too, which also marks what is only read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from azure.mgmt.containerservice import models as containerservice
from azure.mgmt.loganalytics import models as loganalytics
from azure.mgmt.network import models as network
from azure.mgmt.privatedns import models as privatedns
from azure.mgmt.storage import models as storage
from azure.mgmt.storagecache import models as storagecache

from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.cloud import AZURE
from simulation.clouds.azure.files import LUSTRE_FROZEN
from simulation.clouds.azure.pool_rules import FROZEN
from tests.witnesses.azure.judging import Witness
from tests.witnesses.azure.published import client_model, sdk_arguments, sdk_type

_GROUP = "resourceGroupName"
_CLIENTS: Mapping[str, tuple[type, tuple[str, ...]]] = {
    v.CLUSTER: (containerservice.ManagedCluster, ("resourceName",)),
    v.MAINTENANCE: (containerservice.MaintenanceConfiguration, ("resourceName", "configName")),
    v.AGENT_POOL: (containerservice.AgentPool, ("resourceName", "agentPoolName")),
    v.VNET: (network.VirtualNetwork, ("virtualNetworkName",)),
    v.SUBNET: (network.Subnet, ("virtualNetworkName", "subnetName")),
    v.SECURITY_GROUP: (network.NetworkSecurityGroup, ("networkSecurityGroupName",)),
    v.PUBLIC_ADDRESS: (network.PublicIPAddress, ("publicIpAddressName",)),
    v.NAT_GATEWAY: (network.NatGateway, ("natGatewayName",)),
    v.PEERING: (network.VirtualNetworkPeering, ("virtualNetworkName", "virtualNetworkPeeringName")),
    v.CIRCUIT: (network.ExpressRouteCircuit, ("circuitName",)),
    v.CIRCUIT_PEERING: (network.ExpressRouteCircuitPeering, ("circuitName", "peeringName")),
    v.VNET_GATEWAY: (network.VirtualNetworkGateway, ("virtualNetworkGatewayName",)),
    v.LOCAL_GATEWAY: (network.LocalNetworkGateway, ("localNetworkGatewayName",)),
    v.GATEWAY_CONNECTION: (network.VirtualNetworkGatewayConnection, ("virtualNetworkGatewayConnectionName",)),
    v.PRIVATE_ENDPOINT: (network.PrivateEndpoint, ("privateEndpointName",)),
    v.ZONE_GROUP: (network.PrivateDnsZoneGroup, ("privateEndpointName", "privateDnsZoneGroupName")),
    v.PRIVATE_ZONE: (privatedns.PrivateZone, ("privateZoneName",)),
    v.ZONE_LINK: (privatedns.VirtualNetworkLink, ("privateZoneName", "virtualNetworkLinkName")),
    v.WORKSPACE: (loganalytics.Workspace, ("workspaceName",)),
    v.STORAGE_ACCOUNT: (storage.StorageAccountCreateParameters, ("accountName",)),
    v.FILE_SHARE: (storage.FileShare, ("accountName", "shareName")),
    v.LUSTRE: (storagecache.AmlFilesystem, ("amlFilesystemName",)),
}


def witnesses(token: str) -> Iterator[Witness]:
    """Everything that judges a type."""
    yield Witness(source=sdk_type, model=sdk_arguments(token))
    if token in _CLIENTS:
        model, in_address = _CLIENTS[token]
        yield Witness(source=client_model, model=model, in_address=frozenset({_GROUP, *in_address}))


TOKENS = tuple(AZURE.kinds)
"""Every type that the program makes."""
CHANGES_REFUSED: Mapping[str, frozenset[str]] = {
    v.AGENT_POOL: frozenset(FROZEN),
    v.CLUSTER: frozenset(f"agentPoolProfiles.{path}" for path in FROZEN),
    v.LUSTRE: frozenset(LUSTRE_FROZEN),
}
"""Properties whose change the rules of a type refuse, beside those that replace it."""
_OTHER_NAME = "Pulumi sends it under the service's own name (x-ms-client-name in azure-rest-api-specs, storage.json)"
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    (v.STORAGE_ACCOUNT, "enableHttpsTrafficOnly: no such property"): f"{_OTHER_NAME}: supportsHttpsTrafficOnly",
    (v.STORAGE_ACCOUNT, "networkRuleSet: no such property"): f"{_OTHER_NAME}: networkAcls",
    (v.STORAGE_ACCOUNT, "networkRuleSet.defaultAction: no such property"): f"{_OTHER_NAME}: networkAcls",
    (v.STORAGE_ACCOUNT, "networkRuleSet.bypass: no such property"): f"{_OTHER_NAME}: networkAcls",
    **{
        (token, "location: required"): "the provider adds the location that it is configured with"
        for token in (v.CLUSTER, v.WORKSPACE, v.STORAGE_ACCOUNT, v.LUSTRE)
    },
}
"""What is otherwise than published, by type and complaint, and why that is right."""


def not_excepted(token: str, faults: Iterable[str]) -> list[str]:
    """Complaints about a type for which no reason is written down."""
    return sorted({fault for fault in faults if (token, fault) not in EXCEPTIONS})
