"""What the settings name and Azure does not have is a problem, not a failed look-up."""

from __future__ import annotations

import pulumi
import pytest
from pulumi_azure_native import compute, network

from components.clusters.aks.account import foreign_subnets, other_reservations
from components.contracts.capacity import Reservation
from components.networks.azure.args import ExistingVnet

from .pools import azure_id, gpu_pool

GROUP = azure_id("Microsoft.Compute/capacityReservationGroups/h100")
VNET = azure_id("Microsoft.Network/virtualNetworks/hub")
ASK = pulumi.InvokeOptions()
# As the provider words an answer of Azure Resource Manager: pulumi-azure-native issue 2719, troubleshooting of ARM.
MISSING = Exception(
    "invoke of azure-native:x failed: invocation of azure-native:x returned an error: Status=404 "
    'Code="ResourceNotFound" Message="The Resource was not found."'
)
DENIED = Exception('returned an error: Status=403 Code="AuthorizationFailed"')


def fails_with(error: Exception) -> object:
    def look_up(**_arguments: object) -> None:
        raise error

    return look_up


def test_b13_a_reservation_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "get_capacity_reservation_group", fails_with(MISSING))
    pool = gpu_pool().model_copy(update={"capacity": Reservation(kind="reservation", id=GROUP)})
    (problem,) = other_reservations([pool], ASK)
    assert problem.field == "node_pools[0].capacity.id"
    assert problem.cause == "there is no capacity reservation group h100 in the resource group shared"


def test_b13_a_subnet_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "get_subnet", fails_with(MISSING))
    vnet = ExistingVnet(id=VNET, cidr="10.0.0.0/16", private_subnets={"eastus2-1": f"{VNET}/subnets/nodes"})
    (problem,) = foreign_subnets(vnet, ASK, adopted=False)
    assert problem.field == "target.network.private_subnets.eastus2-1"
    assert problem.cause == "the virtual network hub of the resource group shared has no subnet nodes"


def test_any_other_answer_is_not_taken_for_a_missing_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "get_capacity_reservation_group", fails_with(DENIED))
    pool = gpu_pool().model_copy(update={"capacity": Reservation(kind="reservation", id=GROUP)})
    with pytest.raises(Exception, match="AuthorizationFailed"):
        list(other_reservations([pool], ASK))
