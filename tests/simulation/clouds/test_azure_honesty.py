"""Mistakes in Azure's resources, made one at a time: each is refused with Azure's own code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.account import HUB, RESERVATION, set_offering, set_quota
from simulation.clouds.azure.cloud import AZURE
from simulation.provider.errors import PartialFailureError, ProviderError
from simulation.provider.faults import Fault, Moment
from simulation.provider.schema import MapOf, resource_inputs
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import InputsRefusedError
from tests.simulation.clouds.azure_account import H100, AzureAccount

_NETWORK: Object = {
    "networkPlugin": "azure",
    "networkPluginMode": "overlay",
    "networkDataplane": "cilium",
    "podCidr": "10.244.0.0/16",
    "serviceCidr": "10.0.0.0/16",
    "dnsServiceIP": "10.0.0.10",
}
_LUSTRE_WINDOW: Value = {"dayOfWeek": "Sunday", "timeOfDayUTC": "06:00"}


@pytest.fixture
def azure(tmp_path: Path) -> AzureAccount:
    made = AzureAccount(tmp_path)
    made.stand()
    return made


def _subnet_outside(azure: AzureAccount) -> None:
    azure.subnet("wrong", "10.21.0.0/24")


def _subnets_overlap(azure: AzureAccount) -> None:
    azure.subnet("wrong", "10.20.8.0/24")


def _subnet_in_use(azure: AzureAccount) -> None:
    azure.cluster()
    azure.cloud.delete(azure.nodes)


def _guard_in_use(azure: AzureAccount) -> None:
    azure.subnet("guarded", "10.20.16.0/24", networkSecurityGroup={"id": azure.guard.identifier})
    azure.cloud.delete(azure.guard)


def _address_in_use(azure: AzureAccount) -> None:
    azure.cloud.delete(azure.address)


def _nowhere(azure: AzureAccount) -> None:
    azure.cloud.create(v.VNET, resourceGroupName="nobody", virtualNetworkName="a", addressSpace={})


def _zone_that_is_none(azure: AzureAccount) -> None:
    azure.cloud.configure(location="westus", subscriptionId=v.SUBSCRIPTION)
    azure.create(
        v.PUBLIC_ADDRESS,
        publicIpAddressName="zonal",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Static",
        zones=["1"],
    )


def _provider_not_registered(azure: AzureAccount) -> None:
    with azure.cloud.store.transaction() as account:
        account.set_fact("provider:microsoft.containerservice", "NotRegistered")
    azure.cluster()


def _address_of_another_zone(azure: AzureAccount) -> None:
    azure.create(
        v.NAT_GATEWAY,
        natGatewayName="other",
        sku={"name": "Standard"},
        publicIpAddresses=[{"id": azure.address.identifier}],
        zones=["2"],
    )


def _peered_with_itself_by_range(azure: AzureAccount) -> None:
    hub = azure.create(v.VNET, virtualNetworkName="same", addressSpace={"addressPrefixes": ["10.20.128.0/17"]})
    _peer(azure, hub.identifier)


def _gateway_that_is_not_offered(azure: AzureAccount) -> None:
    _peer(azure, HUB, useRemoteGateways=True)


def _peer(azure: AzureAccount, other: str, **more: Value) -> None:
    azure.create(
        v.PEERING,
        virtualNetworkPeeringName="to-hub",
        virtualNetworkName="prod",
        remoteVirtualNetwork={"id": other},
        **more,
    )


def _zone_with_links(azure: AzureAccount) -> None:
    zone = azure.create(v.PRIVATE_ZONE, privateZoneName="privatelink.file.core.windows.net", location="Global")
    azure.create(
        v.ZONE_LINK,
        virtualNetworkLinkName="prod",
        privateZoneName="privatelink.file.core.windows.net",
        location="Global",
        registrationEnabled=False,
        virtualNetwork={"id": azure.vnet.identifier},
    )
    azure.cloud.delete(zone)


def _role_twice(azure: AzureAccount) -> None:
    azure.role("4d97b98b-1d4f-4787-a291-c67834d212e7", azure.vnet.identifier)


def _role_for_nobody(azure: AzureAccount) -> None:
    azure.role("4d97b98b-1d4f-4787-a291-c67834d212e7", azure.vnet.identifier, "00000000-1111-2222-3333-444455556666")


def _role_for_a_machine_as_user(azure: AzureAccount) -> None:
    azure.role("b24988ac-6180-42a0-ab88-20f7382dd24c", azure.vnet.identifier, kind="User")


def _identity_without_roles(azure: AzureAccount) -> None:
    other = azure.create(v.IDENTITY, resourceName="powerless")
    azure.cluster(identity={"type": "UserAssigned", "userAssignedIdentities": [other.identifier]})


def _old_version(azure: AzureAccount) -> None:
    azure.cluster(kubernetesVersion="1.27")


def _long_term_version(azure: AzureAccount) -> None:
    azure.cluster(kubernetesVersion="1.32")


def _minor_skipped(azure: AzureAccount) -> None:
    made = azure.cluster(
        kubernetesVersion="1.33", supportPlan="AKSLongTermSupport", sku={"name": "Base", "tier": "Premium"}
    )
    azure.cloud.update(made, **azure.cluster_inputs(kubernetesVersion="1.35"))


def _services_in_the_network(azure: AzureAccount) -> None:
    azure.cluster(networkProfile={**_NETWORK, "serviceCidr": "10.20.64.0/20", "dnsServiceIP": "10.20.64.10"})


def _dns_outside(azure: AzureAccount) -> None:
    azure.cluster(networkProfile={**_NETWORK, "dnsServiceIP": "10.1.0.10"})


def _ranges_of_a_private_cluster(azure: AzureAccount) -> None:
    azure.cluster(apiServerAccessProfile={"enablePrivateCluster": True, "authorizedIPRanges": ["198.51.100.0/24"]})


def _private_zone_of_elsewhere(azure: AzureAccount) -> None:
    zone = azure.create(v.PRIVATE_ZONE, privateZoneName="privatelink.westeurope.azmk8s.io", location="Global")
    azure.cluster(apiServerAccessProfile={"enablePrivateCluster": True, "privateDNSZone": zone.identifier})


def _no_nat(azure: AzureAccount) -> None:
    alone = azure.subnet("alone", "10.20.16.0/24")
    azure.cluster(agentPoolProfiles=[azure.system_pool(vnetSubnetID=alone.identifier)])


def _no_system_pool(azure: AzureAccount) -> None:
    azure.cluster(agentPoolProfiles=[azure.system_pool(mode="User")])


def _empty_system_pool(azure: AzureAccount) -> None:
    azure.cluster(agentPoolProfiles=[azure.system_pool(count=0)])


def _system_pool_on_spot(azure: AzureAccount) -> None:
    azure.cluster(agentPoolProfiles=[azure.system_pool(scaleSetPriority="Spot", scaleSetEvictionPolicy="Delete")])


def _pool_inside_of_the_cluster(azure: AzureAccount) -> None:
    made = azure.cluster()
    pools: Value = [azure.system_pool(), azure.system_pool(name="more", mode="User")]
    azure.cloud.update(made, **azure.cluster_inputs(agentPoolProfiles=pools))


def _issuer_off(azure: AzureAccount) -> None:
    made = azure.cluster()
    azure.cloud.update(made, **azure.cluster_inputs(oidcIssuerProfile={"enabled": False}))


def _long_name(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(agentPoolName="thirteenchars")


def _pool_newer_than_its_cluster(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(orchestratorVersion="1.35")


def _other_size(azure: AzureAccount) -> None:
    azure.cluster()
    made = azure.pool()
    azure.cloud.update(made, **azure.pool_inputs(vmSize="Standard_D16ds_v6"))


def _other_driver(azure: AzureAccount) -> None:
    azure.cluster()
    made = azure.gpus()
    by_operator: Object = {**H100, "gpuProfile": {"driver": "None"}}
    azure.cloud.update(made, **azure.pool_inputs(**by_operator))


def _driver_without_gpu(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(gpuProfile={"driver": "Install"})


def _infiniband_over_zones(azure: AzureAccount) -> None:
    azure.cluster()
    azure.gpus(availabilityZones=["1", "2"])


def _size_that_the_zone_lacks(azure: AzureAccount) -> None:
    azure.cluster()
    with azure.cloud.store.transaction() as account:
        set_offering(account, "Standard_ND96isr_H100_v5", "3")
    azure.gpus()


def _no_quota(azure: AzureAccount) -> None:
    azure.cluster()
    with azure.cloud.store.transaction() as account:
        set_quota(account, "standardNDSH100v5Family", 96)
    azure.gpus()


def _size_that_is_barred(azure: AzureAccount) -> None:
    azure.cluster()
    with azure.cloud.store.transaction() as account:
        account.set_fact("barred:Standard_D8ds_v6", "yes")
    azure.pool()


def _disk_that_does_not_fit(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(agentPoolName="a100", vmSize="Standard_NC24ads_A100_v4", osDiskType="Ephemeral", osDiskSizeGB=512)


def _spot_price_without_spot(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(spotMaxPrice=-1)


def _limits_without_autoscaler(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(minCount=1, maxCount=3)


def _label_of_aks(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(nodeLabels={"kubernetes.azure.com/tier": "a"})


def _no_progress_in_upgrades(azure: AzureAccount) -> None:
    azure.cluster()
    azure.pool(upgradeSettings={"maxSurge": "0", "maxUnavailable": "0"})


def _reservation_without_rights(azure: AzureAccount) -> None:
    azure.cluster()
    azure.gpus(capacityReservationGroupID=RESERVATION)


def _more_than_is_reserved(azure: AzureAccount) -> None:
    azure.role("b24988ac-6180-42a0-ab88-20f7382dd24c", RESERVATION)
    azure.cluster()
    azure.gpus(capacityReservationGroupID=RESERVATION, count=3)


def _reservation_of_another_zone(azure: AzureAccount) -> None:
    azure.role("b24988ac-6180-42a0-ab88-20f7382dd24c", RESERVATION)
    azure.cluster()
    azure.gpus(capacityReservationGroupID=RESERVATION, availabilityZones=["1"])


def _pool_of_another_network(azure: AzureAccount) -> None:
    azure.cluster()
    azure.create(v.VNET, virtualNetworkName="other", addressSpace={"addressPrefixes": ["10.30.0.0/16"]})
    other = azure.create(v.SUBNET, subnetName="a", virtualNetworkName="other", addressPrefix="10.30.0.0/24")
    azure.pool(vnetSubnetID=other.identifier)


def _account(azure: AzureAccount, **more: Value) -> None:
    inputs: Object = {"accountName": "shared", "kind": "FileStorage", "sku": {"name": "Premium_LRS"}, **more}
    azure.create(v.STORAGE_ACCOUNT, **inputs)


def _share(azure: AzureAccount, size: int = 1024) -> None:
    azure.create(v.FILE_SHARE, shareName="models", accountName="shared", enabledProtocols="NFS", shareQuota=size)


def _nfs_with_https_only(azure: AzureAccount) -> None:
    _account(azure)
    _share(azure)


def _nfs_on_a_general_account(azure: AzureAccount) -> None:
    _account(azure, kind="StorageV2", sku={"name": "Standard_LRS"}, enableHttpsTrafficOnly=False)
    _share(azure)


def _share_too_small(azure: AzureAccount) -> None:
    _account(azure, enableHttpsTrafficOnly=False)
    _share(azure, 50)


def _standard_disks_for_files(azure: AzureAccount) -> None:
    _account(azure, sku={"name": "Standard_LRS"})


def _lustre(azure: AzureAccount, **more: Value) -> None:
    subnet = azure.subnet("lustre", "10.20.32.0/26")
    inputs: Object = {
        "amlFilesystemName": "shared",
        "sku": {"name": "AMLFS-Durable-Premium-250"},
        "storageCapacityTiB": 16,
        "zones": ["2"],
        "filesystemSubnet": subnet.identifier,
        "maintenanceWindow": _LUSTRE_WINDOW,
        **more,
    }
    azure.create(v.LUSTRE, **inputs)


def _lustre_of_an_odd_size(azure: AzureAccount) -> None:
    _lustre(azure, storageCapacityTiB=20)


def _lustre_without_a_zone(azure: AzureAccount) -> None:
    _lustre(azure, zones=[])


def _lustre_in_a_small_subnet(azure: AzureAccount) -> None:
    _lustre(azure, storageCapacityTiB=64)


def _lustre_beside_nodes(azure: AzureAccount) -> None:
    azure.cluster()
    _lustre(azure, filesystemSubnet=azure.nodes.identifier)


def _logs_that_are_none(azure: AzureAccount) -> None:
    made = azure.cluster()
    workspace = azure.create(v.WORKSPACE, workspaceName="prod-logs", sku={"name": "PerGB2018"})
    azure.cloud.create(
        v.DIAGNOSTICS,
        name="control-plane",
        resourceUri=made.identifier,
        workspaceId=workspace.identifier,
        logs=[{"category": "kube-everything", "enabled": True}],
    )


MISTAKES: dict[Callable[[AzureAccount], None], str] = {
    _subnet_outside: 'Status=400 Code="NetcfgSubnetRangeOutsideVnet"',
    _subnets_overlap: 'Code="NetcfgSubnetRangesOverlap"',
    _subnet_in_use: 'Code="InUseSubnetCannotBeDeleted"',
    _guard_in_use: 'Code="InUseNetworkSecurityGroupCannotBeDeleted"',
    _address_in_use: 'Code="PublicIPAddressCannotBeDeleted"',
    _nowhere: 'Status=404 Code="ResourceGroupNotFound"',
    _zone_that_is_none: 'Code="InvalidAvailabilityZone"',
    _provider_not_registered: 'Code="MissingSubscriptionRegistration"',
    _address_of_another_zone: 'Code="PublicIPAddressZonesMismatch"',
    _peered_with_itself_by_range: 'Code="VnetAddressSpacesOverlap"',
    _gateway_that_is_not_offered: 'Code="PeeringUseRemoteGatewaysNotAllowed"',
    _zone_with_links: 'Status=409 Code="CannotDeleteResource"',
    _role_twice: 'Status=409 Code="RoleAssignmentExists"',
    _role_for_nobody: 'Code="PrincipalNotFound"',
    _role_for_a_machine_as_user: 'Code="UnmatchedPrincipalType"',
    _identity_without_roles: 'Status=403 Code="LinkedAuthorizationFailed"',
    _old_version: 'Code="K8sVersionNotSupported"',
    _long_term_version: "only available for Long-Term Support",
    _minor_skipped: "one minor version at a time",
    _services_in_the_network: 'Code="ServiceCidrOverlapExistingSubnetsCidr"',
    _dns_outside: 'Code="InvalidNetworkProfile"',
    _ranges_of_a_private_cluster: "Authorized IP ranges are not supported for private cluster",
    _private_zone_of_elsewhere: 'Code="CustomPrivateDNSZoneInvalidName"',
    _no_nat: 'Code="InvalidUserAssignedNATGateway"',
    _no_system_pool: 'Code="MustDefineAtLeastOneSystemPool"',
    _empty_system_pool: "must have at least one node",
    _system_pool_on_spot: "cannot be a spot node pool",
    _pool_inside_of_the_cluster: "A new agent pool was introduced",
    _issuer_off: 'Code="OIDCIssuerFeatureCannotBeDisabled"',
    _long_name: "max length of 12",
    _pool_newer_than_its_cluster: 'Code="NodePoolMcVersionIncompatible"',
    _other_size: "Changing property 'properties.vmSize' is not allowed",
    _other_driver: 'Code="PropertyChangeNotAllowed"',
    _driver_without_gpu: "only supported on GPU VM sizes",
    _infiniband_over_zones: "cannot span zones",
    _size_that_the_zone_lacks: 'Code="AvailabilityZoneNotSupported"',
    _no_quota: 'Code="QuotaExceeded"',
    _size_that_is_barred: 'Status=409 Code="SkuNotAvailable"',
    _disk_that_does_not_fit: 'Code="VMCacheSizeTooSmall"',
    _spot_price_without_spot: "can only be set when scaleSetPriority is Spot",
    _limits_without_autoscaler: "enableAutoScaling is false",
    _label_of_aks: "can't use the prefix kubernetes.azure.com",
    _no_progress_in_upgrades: "cannot both be 0",
    _reservation_without_rights: "capacityReservationGroups/deploy/action",
    _more_than_is_reserved: 'Code="OverconstrainedZonalAllocationRequest"',
    _reservation_of_another_zone: 'Code="CapacityReservationGroupMismatch"',
    _pool_of_another_network: "must be in the same virtual network",
    _nfs_with_https_only: "secure transfer",
    _nfs_on_a_general_account: 'Code="FeatureNotSupportedForAccount"',
    _share_too_small: "it has to be 100 to 102400",
    _standard_disks_for_files: 'Code="InvalidRequestPropertyValue"',
    _lustre_of_an_odd_size: "multiple of 8",
    _lustre_without_a_zone: "Exactly one availability zone",
    _lustre_in_a_small_subnet: 'Code="FilesystemSubnetTooSmall"',
    _lustre_beside_nodes: "one of its own",
    _logs_that_are_none: "Category 'kube-everything' is not supported",
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda case: case.__name__.strip("_"))
def test_a_mistake_is_refused_in_azures_words(azure: AzureAccount, mistake: Callable[[AzureAccount], None]) -> None:
    with pytest.raises(ProviderError) as refused:
        mistake(azure)
    assert MISTAKES[mistake] in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vmSize": "p5.48xlarge"}, "vmSize"),
        ({"osDiskType": "Fast"}, "expected to be one of"),
        ({"nodeTaints": ["team=a:Never"]}, "nodeTaints[0]"),
        ({"maxPods": 1000}, "expected to be in the range"),
        ({"enableUltraSSD": True}, "the simulated cloud has no entry for property"),
        ({"gpuProfile": {"driver": "Managed"}}, "gpuProfile.driver"),
    ],
    ids=str,
)
def test_what_is_no_value_of_a_property_never_reaches_the_cloud(azure: AzureAccount, wrong: Object, said: str) -> None:
    with pytest.raises(InputsRefusedError) as refused:
        azure.pool(**wrong)
    assert said in str(refused.value)


def test_a_pool_without_machines_exists_and_is_not_well(azure: AzureAccount) -> None:
    azure.cluster()
    azure.cloud.will_fail(
        Fault(operation="create", kind=v.AGENT_POOL, code="ZonalAllocationFailed", moment=Moment.BEFORE)
    )
    with pytest.raises(PartialFailureError) as failed:
        azure.gpus()
    assert "sufficient capacity for the requested VM size in this zone" in str(failed.value)
    assert failed.value.identifier.endswith("/agentPools/h100")


def test_a_cluster_that_is_deleted_takes_its_machines_along(azure: AzureAccount) -> None:
    made = azure.cluster()
    azure.pool()
    assert {name: len(nodes) for name, nodes in azure.plane.groups.items()} == {"system": 2, "cpu": 2}
    azure.cloud.delete(made)
    assert not azure.plane.exists
    assert azure.cloud.records(v.AGENT_POOL) == []


def test_every_property_of_the_tables_is_one_of_the_sdk(azure: AzureAccount) -> None:
    for kind in AZURE.kinds.values():
        fields = resource_inputs(kind.token)
        assert fields is not None, kind.token
        maps = tuple(name for name, shape in fields.shapes.items() if isinstance(shape, MapOf))
        wrong = [
            path for path in kind.properties if not azure.cloud.knows(kind.token, path) and not path.startswith(maps)
        ]
        assert not wrong, f"{kind.token} of the SDK has no {wrong}"


@pytest.mark.parametrize("token", sorted(AZURE.kinds))
def test_every_type_says_where_its_table_was_read(token: str) -> None:
    assert AZURE.kinds[token].source.startswith("https://")
