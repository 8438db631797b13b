"""What the simulated subscription holds before any program, and how tests put more into it."""

from __future__ import annotations

from ...provider.store import Account, Record
from ...provider.values import Object, Value
from . import vocabulary as v

CALLER = "aaaa1111-2222-3333-4444-555566667777"
"""Object id of the service principal that runs the program; in the stack's file it is an administrator."""
CALLER_FACT = "caller"
PEOPLE = "bbbb1111-2222-3333-4444-555566667777"
"""Object id of the platform engineers' group."""
HUB = f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups/{v.HUB_GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
CIRCUITS = {"dc": "Washington DC", "chicago": "Chicago"}
"""ExpressRoute circuits of the example's links, by peering location."""
CIRCUIT_GROUP = "links"
DNS_GROUP, DOMAIN = "dns", "ai.example.com"
"""Resource group and domain of the zone in which the example's names are written."""
VAULT_GROUP, VAULT = "secrets", "genai-prod"
"""Resource group and name of the vault whose secrets the example's pods may ask for."""
RESERVATION = (
    f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups/capacity/providers/"
    "Microsoft.Compute/capacityReservationGroups/h100"
)
PROVIDERS = (
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.ContainerService",
    "Microsoft.KubernetesConfiguration",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Resources",
    "Microsoft.Storage",
    "Microsoft.StorageCache",
    # Spelled so in answers of Azure: hashicorp/go-azure-helpers, resourceproviders.
    "microsoft.insights",
)
"""Resource providers that Azure has."""


def provider_state(account: Account, namespace: str) -> str:
    """Whether the subscription may use a resource provider; ``Registered`` unless the fact says otherwise."""
    return account.fact(f"provider:{namespace.casefold()}") or "Registered"


def seed(account: Account) -> None:
    """Fill a new subscription with what the example stack finds in its own."""
    account.set_fact("subscription", v.SUBSCRIPTION)
    account.set_fact(CALLER_FACT, CALLER)
    account.set_fact("principals", f"{CALLER} {PEOPLE}")
    account.set_fact("feature:Microsoft.ContainerService/AKSInfinibandSupport", "Registered")
    for name in (v.HUB_GROUP, "capacity", CIRCUIT_GROUP, DNS_GROUP, VAULT_GROUP):
        seed_group(account, name)
    for name in CIRCUITS:
        seed_circuit(account, name)
    seed_zone(account, DOMAIN)
    seed_vault(account, VAULT)
    seed_vnet(account, HUB, "10.250.0.0/16")
    seed_reservation(account, RESERVATION, machine="Standard_ND96isr_H100_v5", zone="2", count=2)


def seed_group(account: Account, name: str, region: str = "eastus2") -> Record:
    """A resource group of other hands."""
    identifier = f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups/{name}"
    return account.seed(v.RESOURCE_GROUP, identifier, {"resourceGroupName": name, "location": region}, {"name": name})


def seed_zone(account: Account, domain: str, kind: str = "dnsZones") -> Record:
    """A zone of Azure DNS, or a private one where its kind is ``privateDnsZones``."""
    group = f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups/{DNS_GROUP}"
    identifier = f"{group}/providers/Microsoft.Network/{kind}/{domain}"
    return account.seed(v.DNS_ZONE, identifier, {"zoneName": domain, "resourceGroupName": DNS_GROUP}, {"name": domain})


def seed_vault(account: Account, name: str, *, by_roles: bool = True) -> Record:
    """A vault of other hands; new ones go by Azure's roles."""
    identifier = (
        f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups/{VAULT_GROUP}/providers/Microsoft.KeyVault/vaults/{name}"
    )
    uri = f"https://{name}.vault.azure.net/"
    properties: Object = {"enableRbacAuthorization": by_roles, "tenantId": v.TENANT, "vaultUri": uri}
    inputs: Object = {"vaultName": name, "resourceGroupName": VAULT_GROUP, "properties": properties}
    return account.seed(v.VAULT, identifier, inputs, {"name": name})


def seed_circuit(account: Account, name: str, state: str = "Provisioned") -> Record:
    """A circuit that was ordered by other hands, with its private peering."""
    group = f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups/{CIRCUIT_GROUP}"
    inputs: Object = {
        "circuitName": name,
        "resourceGroupName": CIRCUIT_GROUP,
        "location": "eastus2",
        "sku": {"name": "Standard_MeteredData", "tier": "Standard", "family": "MeteredData"},
    }
    computed: Object = {"name": name, "region": "eastus2", "serviceProviderProvisioningState": state}
    identifier = f"{group}/providers/Microsoft.Network/expressRouteCircuits/{name}"
    return account.seed(v.CIRCUIT, identifier, inputs, computed)


def seed_vnet(account: Account, identifier: str, cidr: str, region: str = "eastus2") -> Record:
    """A virtual network of other hands."""
    group, name = identifier.split("/")[4], identifier.rpartition("/")[2]
    inputs: Object = {
        "virtualNetworkName": name,
        "resourceGroupName": group,
        "location": region,
        "addressSpace": {"addressPrefixes": [cidr]},
    }
    return account.seed(v.VNET, identifier, inputs, {"name": name, "region": region})


def seed_subnet(account: Account, identifier: str, cidr: str, gateway: str = "") -> Record:
    """A subnet of it."""
    steps = identifier.split("/")
    inputs: Object = {
        "subnetName": steps[-1],
        "resourceGroupName": steps[4],
        "virtualNetworkName": steps[8],
        "addressPrefix": cidr,
        **({"natGateway": {"id": gateway}} if gateway else {}),
    }
    return account.seed(v.SUBNET, identifier, inputs, {"name": steps[-1]})


def seed_reservation(account: Account, identifier: str, *, machine: str, zone: str, count: int) -> Record:
    """Machines that are paid for, whether they run or not.

    Args:
        account: Where.
        identifier: Id of the group.
        machine: Their size.
        zone: Where they are.
        count: How many.
    """
    reservations: list[Value] = [{"size": machine, "zone": zone, "capacity": count}]
    inputs: Object = {"resourceGroupName": identifier.split("/")[4], "zones": [zone], "reservations": reservations}
    name = identifier.rpartition("/")[2]
    return account.seed(v.RESERVATION_GROUP, identifier, inputs, {"name": name, "location": "eastus2"})


def set_quota(account: Account, quota: str, vcpus: int) -> None:
    """What the subscription may have, such as ``standardNDSH100v5Family``."""
    account.set_fact(f"quota:{quota}", str(vcpus))


def set_offering(account: Account, machine: str, *zones: str) -> None:
    """Where, and only where, the subscription may have a machine size."""
    account.set_fact(f"offering:{machine}", " ".join(zones))
