"""The AKS component as it is, made in a simulated subscription: Azure takes every resource, in the order given."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from components.clusters.aks.cluster import AksClusterArgs, aks_cluster
from components.clusters.aks.settings import (
    AksTarget,
    FilesStorage,
    LustreStorage,
)
from components.contracts.capacity import OnDemand, Reservation, Spot
from components.contracts.pools import DriverOwner, NodePool
from components.contracts.quantities import ByteSize
from components.networks.azure.settings import CreatedVnet, Peering
from components.networks.nat import NatGateways
from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.account import HUB, RESERVATION
from tests.simulation.clouds.aks_variants import CPU, PRIVATE, ZONES, gpus, target
from tests.simulation.clouds.azure_account import AzureAccount
from tests.simulation.clouds.recording import run_program


def _made(azure: AzureAccount, target: AksTarget, *pools: NodePool) -> list[str]:
    """Make the cluster; what Azure refused."""

    def program() -> None:
        aks_cluster("prod", AksClusterArgs.of(target, pools))

    # Azure has to refuse by itself what the rules would not let through.
    with mock.patch("components.clusters.aks.cluster.refuse"):
        return run_program(azure.cloud, "azure-native", program, azure.plane).problems


@pytest.fixture
def azure(tmp_path: Path) -> AzureAccount:
    return AzureAccount(tmp_path)


def test_a_private_cluster_with_reserved_machines(azure: AzureAccount) -> None:
    reserved = Reservation(kind="reservation", id=RESERVATION)
    assert _made(azure, target(PRIVATE), gpus(reserved), CPU) == []
    assert {name: len(nodes) for name, nodes in azure.plane.groups.items()} == {"system": 3, "h100": 2, "cpu": 2}
    assert azure.plane.drivers == ["disk.csi.azure.com", "file.csi.azure.com"]
    assert azure.plane.groups_known == {"snapshot.storage.k8s.io"}
    machines = azure.plane.groups["h100"]
    assert {(machine.zone, machine.has_driver) for machine in machines} == {("eastus2-2", True)}
    assert machines[0].labels["strata.dev/infiniband"] == "NDR"


def test_a_public_cluster_lets_its_own_nodes_in(azure: AzureAccount) -> None:
    assert _made(azure, target(), CPU) == []
    (cluster,) = azure.cloud.records(v.CLUSTER)
    ranges = cluster.get("apiServerAccessProfile.authorizedIPRanges")
    assert isinstance(ranges, list)
    assert len(ranges) == 3, "one network of people, and the addresses of two NAT gateways"
    assert all(str(address_range).endswith(("/24", "/32")) for address_range in ranges)


def test_spot_machines_are_tainted_once(azure: AzureAccount) -> None:
    assert _made(azure, target(), gpus(Spot(kind="spot")), CPU) == []
    taints = [taint.key for taint in azure.plane.groups["h100"][0].taints]
    assert sorted(taints) == ["kubernetes.azure.com/scalesetpriority", "nvidia.com/gpu"]


def test_the_operators_driver_leaves_the_nodes_without_one(azure: AzureAccount) -> None:
    assert _made(azure, target(), gpus(OnDemand(), DriverOwner.GPU_OPERATOR), CPU) == []
    assert not azure.plane.groups["h100"][0].has_driver


def test_a8_a_cluster_with_lustre_whose_servers_reach_azure(azure: AzureAccount) -> None:
    lustre = LustreStorage(kind="lustre", zone=ZONES[1], capacity=ByteSize.gib(1024 * 16), throughput=250)
    assert _made(azure, target(shared_storage=lustre), gpus(OnDemand()), CPU) == []
    (files,) = azure.cloud.records(v.LUSTRE)
    assert files.text("clientInfo.mgsAddress").startswith("10.20.")


def test_a_cluster_with_volumes_of_local_disks(azure: AzureAccount) -> None:
    assert _made(azure, target(local_volumes=True), gpus(OnDemand()), CPU) == []
    assert "localdisk.csi.acstor.io" in azure.plane.drivers


def test_a_cluster_without_a_way_out(azure: AzureAccount) -> None:
    joined = Peering(network=HUB, routes=("10.250.0.0/16",))
    network = CreatedVnet(kind="create", cidr="10.20.0.0/16", zones=ZONES, nat=NatGateways.NONE, peering=joined)
    assert _made(azure, target(PRIVATE, network=network), CPU) == []
    (cluster,) = azure.cloud.records(v.CLUSTER)
    assert cluster.text("networkProfile.outboundType") == "none"


def test_the_share_is_reached_from_inside_only(azure: AzureAccount) -> None:
    files = FilesStorage(kind="files", capacity=ByteSize.gib(1024), zone_redundant=True)
    assert _made(azure, target(shared_storage=files), CPU) == []
    (account,) = azure.cloud.records(v.STORAGE_ACCOUNT)
    assert account.text("publicNetworkAccess") == "Disabled"
    assert len(azure.cloud.records(v.ZONE_GROUP)) == 1
