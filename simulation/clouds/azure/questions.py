"""Look-ups that programs make: who runs, reservations, subnets, identities, clusters."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.store import Record
from ...provider.tables import Call, Compute, Function
from ...provider.values import Object, Value, at, text
from . import vocabulary as v
from .account import CALLER, CALLER_FACT

_PULUMI = "https://www.pulumi.com/registry/packages/azure-native/api-docs"


def _caller(call: Call, _arguments: Object) -> Object:
    return {
        "clientId": "cccc1111-2222-3333-4444-555566667777",
        "objectId": call.account.fact(CALLER_FACT) or CALLER,
        "subscriptionId": v.subscription(call),
        "tenantId": v.TENANT,
    }


def _token(_call: Call, _arguments: Object) -> Object:
    return {"token": "simulated"}


def _found(call: Call, kind: str, group: str, name: str) -> Record:
    for record in call.account.records(kind):
        if record.identifier.split("/")[4] == group and record.identifier.rpartition("/")[2] == name:
            return record
    raise CloudError(
        "ResourceNotFound",
        f"The Resource '{kind.rpartition(':')[2]}/{name}' under resource group '{group}' was not found. For more "
        "details "
        "please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def _reservation(call: Call, arguments: Object) -> Object:
    found = _found(
        call,
        v.RESERVATION_GROUP,
        text(arguments, "resourceGroupName"),
        text(arguments, "capacityReservationGroupName"),
    )
    return {
        **_described(found),
        "type": "Microsoft.Compute/capacityReservationGroups",
        "zones": found.get("zones"),
        "capacityReservations": [],
        "virtualMachinesAssociated": [],
    }


def _subnet(call: Call, arguments: Object) -> Object:
    vnet, name = text(arguments, "virtualNetworkName"), text(arguments, "subnetName")
    for subnet in call.account.where(v.SUBNET, "virtualNetworkName", vnet):
        if subnet.text("subnetName") == name and subnet.text("resourceGroupName") == text(
            arguments, "resourceGroupName"
        ):
            return {**subnet.properties, **_described(subnet)}
    raise CloudError("NotFound", f"Resource {vnet}/{name} not found.")


def _identity(call: Call, arguments: Object) -> Object:
    found = _found(call, v.IDENTITY, text(arguments, "resourceGroupName"), text(arguments, "resourceName"))
    return {**found.properties, **_described(found)}


def _vault(call: Call, arguments: Object) -> Object:
    found = _found(call, v.VAULT, text(arguments, "resourceGroupName"), text(arguments, "vaultName"))
    return {"type": "Microsoft.KeyVault/vaults", "properties": found.get("properties"), **_described(found)}


def _cluster(call: Call, arguments: Object) -> Object:
    found = _found(call, v.CLUSTER, text(arguments, "resourceGroupName"), text(arguments, "resourceName"))
    identities = at(found.inputs, "identity.userAssignedIdentities")
    identity: Object = {
        "type": found.text("identity.type"),
        "userAssignedIdentities": {str(identifier): {} for identifier in identities}
        if isinstance(identities, list)
        else {},
    }
    return {**found.properties, **_described(found), "identity": identity}


def _credentials(call: Call, arguments: Object) -> Object:
    found = _found(call, v.CLUSTER, text(arguments, "resourceGroupName"), text(arguments, "resourceName"))
    content: Value = call.account.fact(f"endpoint:{found.identifier}") or ""
    return {"kubeconfigs": [{"name": "clusterUser", "value": content}]}


def _described(record: Record) -> Object:
    return {"id": record.identifier, "name": record.identifier.rpartition("/")[2], "azureApiVersion": ""}


def _function(token: str, answer: Compute) -> Function:
    module, name = token.split(":")[1:]
    return Function(token=token, source=f"{_PULUMI}/{module}/{name.lower()}", answer=answer)


FUNCTIONS = (
    _function("azure-native:authorization:getClientConfig", _caller),
    _function("azure-native:authorization:getClientToken", _token),
    _function("azure-native:compute:getCapacityReservationGroup", _reservation),
    _function("azure-native:network:getSubnet", _subnet),
    _function("azure-native:keyvault:getVault", _vault),
    _function("azure-native:managedidentity:getUserAssignedIdentity", _identity),
    _function("azure-native:containerservice:getManagedCluster", _cluster),
    _function("azure-native:containerservice:listManagedClusterUserCredentials", _credentials),
)
"""Every look-up of this file."""
