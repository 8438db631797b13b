"""What a GKE stack asks Google Cloud for, field by field where a wrong one is found out late."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from components.clusters.gke.settings import (
    ApiEndpoint,
    FilestoreStorage,
    GkeTarget,
    GpuNetworks,
    LustreStorage,
)
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import Capacity, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.pools import DriverOwner, NodePool, PoolRange
from components.contracts.quantities import ByteSize
from components.networks.gcp.settings import AdoptedVpc, NamedRange
from stacks.checks import check_all
from stacks.reading import read_whole_stack
from stacks.recording import Registered, record
from stacks.yaml_file import Value

from .pools import ZONES, gpu_pool, system_pool, target

FROM_ZERO = PoolRange(minimum=0, maximum=4)
SHARED_VPC = AdoptedVpc(
    kind="adopt",
    zones=ZONES,
    project="acme-net-1",
    network="company",
    subnet="gke",
    nodes="10.30.0.0/20",
    pods=NamedRange(name="p", cidr="10.32.0.0/14"),
    services=NamedRange(name="s", cidr="10.36.0.0/20"),
)


def registered(settings: GkeTarget, pools: Sequence[NodePool]) -> list[Registered]:
    project = Path(__file__).parents[3]
    whole = read_whole_stack(project, "gcp")
    ours = whole.model_copy(update={"target": settings, "node_pools": tuple(pools), "models": ()})
    return record(project, ours, {}, "gcp")


def of_type(resources: list[Registered], kind: str) -> dict[str, dict[str, Value]]:
    found = [
        resource
        for resource in resources
        if resource.token.rpartition(":")[2] == kind and resource.token.startswith("gcp:")
    ]
    assert len({resource.name for resource in found}) == len(found), f"two of {kind} have one name"
    return {resource.name: dict(resource.inputs) for resource in found}


def at(value: Value, *path: str | int) -> Value:
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(str(step))
        else:
            return None
    return value


def pool_of(pool: NodePool, settings: GkeTarget | None = None) -> dict[str, Value]:
    return of_type(registered(settings or target(), [system_pool(), pool]), "NodePool")[f"prod-{pool.name}"]


def bought(capacity: Capacity, instance_type: str = "a3-ultragpu-8g", limits: PoolRange | None = None) -> NodePool:
    return gpu_pool(instance_type).model_copy(update={"capacity": capacity, "autoscaled": limits})


def test_the_stack_of_the_project_names_everything_once(project: Path) -> None:
    settings = read_whole_stack(project, "gcp")
    resources = record(project, settings, check_all(project, settings).plans, "gcp")
    seen = [(resource.token, resource.name) for resource in resources]
    assert len(seen) == len(set(seen)), "two resources of one type and name collide"
    assert all("strata-gcp-gcp" in resource.provider for resource in resources if resource.token.startswith("gcp:"))


def test_the_cluster_is_private_and_can_take_gpu_networks_later() -> None:
    cluster = of_type(registered(target(), [system_pool()]), "Cluster")["prod"]
    assert cluster["location"] == "us-central1"
    assert at(cluster, "privateClusterConfig", "enablePrivateNodes") is True
    assert at(cluster, "privateClusterConfig", "enablePrivateEndpoint") is True
    assert at(cluster, "privateClusterConfig", "masterIpv4CidrBlock") == "10.37.0.0/28"
    assert at(cluster, "masterAuthorizedNetworksConfig", "cidrBlocks", 0, "cidrBlock") == "10.250.0.0/16"
    assert cluster["datapathProvider"] == "ADVANCED_DATAPATH"
    assert cluster["enableMultiNetworking"] is True
    assert at(cluster, "workloadIdentityConfig", "workloadPool") == "acme-prod-1.svc.id.goog"
    assert cluster["removeDefaultNodePool"] is True
    assert cluster["deletionProtection"] is False, "it is on by default, and no destroy succeeds"


def test_a_cluster_that_is_reached_by_name_has_no_address() -> None:
    by_name = target().model_copy(
        update={
            "api_endpoint": ApiEndpoint.DNS,
            "api_access": PrivateAccess(kind="private"),
            "control_plane_cidr": None,
        }
    )
    cluster = of_type(registered(by_name, [system_pool()]), "Cluster")["prod"]
    assert at(cluster, "controlPlaneEndpointsConfig", "ipEndpointsConfig", "enabled") is False
    assert "masterAuthorizedNetworksConfig" not in cluster


def test_a_public_cluster_still_has_private_nodes() -> None:
    access = PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",))
    cluster = of_type(registered(target().model_copy(update={"api_access": access}), [system_pool()]), "Cluster")[
        "prod"
    ]
    assert at(cluster, "privateClusterConfig", "enablePrivateEndpoint") is False
    assert at(cluster, "privateClusterConfig", "enablePrivateNodes") is True


def test_an_adopted_network_and_cluster_stay_as_they_are() -> None:
    settings = target().model_copy(
        update={"network": SHARED_VPC, "node_service_account": "n@p.iam.gserviceaccount.com"}
    )
    resources = registered(settings, [system_pool()])
    cluster = of_type(resources, "Cluster")["prod"]
    assert cluster["subnetwork"] == "projects/acme-net-1/regions/us-central1/subnetworks/gke"
    assert at(cluster, "ipAllocationPolicy", "clusterSecondaryRangeName") == "p"
    assert not of_type(resources, "Network")
    assert not of_type(resources, "Account")


def _b200_pool() -> NodePool:
    reserved = Reservation(kind="reservation", id="projects/acme-prod-1/reservations/b200")
    return gpu_pool("a4-highgpu-8g").model_copy(update={"name": "b200", "capacity": reserved})


def test_gpu_networks_are_made_once_and_listed_in_order() -> None:
    pools = [system_pool(), gpu_pool("a3-ultragpu-8g"), _b200_pool()]
    resources = registered(target(), pools)
    networks = of_type(resources, "Network")
    assert set(networks) == {"prod", "prod-gvnic-1", "prod-rdma"}
    profile = "projects/acme-prod-1/global/networkProfiles/us-central1-a-vpc-roce"
    assert str(networks["prod-rdma"]["networkProfile"]).endswith(profile)
    assert len(of_type(resources, "Subnetwork")) == 1 + 9
    assert set(of_type(resources, "Firewall")) == {"prod-gvnic-1"}, "RDMA networks take no rules"
    for name in ("prod-gpus", "prod-b200"):
        attached = at(of_type(resources, "NodePool")[name], "networkConfig", "additionalNodeNetworkConfigs")
        assert isinstance(attached, list)
        assert [at(interface, "subnetwork") for interface in attached] == [
            "prod-gvnic-1",
            *(f"prod-rdma-{card}" for card in range(8)),
        ]
    objects = [
        resource.name for resource in resources if resource.inputs.get("kind") in {"Network", "GKENetworkParamSet"}
    ]
    assert len(objects) == 18
    modes = {
        str(at(dict(resource.inputs), "metadata", "name")): at(dict(resource.inputs), "spec", "deviceMode")
        for resource in resources
        if resource.inputs.get("kind") == "GKENetworkParamSet"
    }
    assert modes["gvnic-1"] == "NetDevice"
    assert modes["rdma-7"] == "RDMA"


def test_with_dranet_gke_makes_the_networks() -> None:
    settings = target().model_copy(update={"gpu_networks": GpuNetworks.DRANET})
    resources = registered(settings, [system_pool(), gpu_pool("a3-ultragpu-8g")])
    assert set(of_type(resources, "Network")) == {"prod"}
    pool = of_type(resources, "NodePool")["prod-gpus"]
    assert at(pool, "networkConfig", "acceleratorNetworkProfile") == "auto"
    assert at(pool, "networkConfig", "additionalNodeNetworkConfigs") is None
    assert at(pool, "nodeConfig", "labels", "cloud.google.com/gke-networking-dra-driver") == "true"


def test_gke_installs_the_driver_unless_the_operator_does() -> None:
    by_gke = pool_of(gpu_pool("g2-standard-48"))
    accelerator = at(by_gke, "nodeConfig", "guestAccelerators", 0)
    assert (at(accelerator, "type"), at(accelerator, "count")) == ("nvidia-l4", 4)
    assert at(accelerator, "gpuDriverInstallationConfig", "gpuDriverVersion") == "DEFAULT"
    assert at(by_gke, "nodeConfig", "imageType") == "COS_CONTAINERD"
    by_operator = pool_of(gpu_pool("g2-standard-48").model_copy(update={"driver": DriverOwner.GPU_OPERATOR}))
    accelerator = at(by_operator, "nodeConfig", "guestAccelerators", 0)
    assert at(accelerator, "gpuDriverInstallationConfig", "gpuDriverVersion") == "INSTALLATION_DISABLED"
    assert at(by_operator, "nodeConfig", "labels", "gke-no-default-nvidia-gpu-device-plugin") == "true"
    assert at(by_operator, "nodeConfig", "imageType") == "UBUNTU_CONTAINERD"
    assert at(by_operator, "nodeConfig", "shieldedInstanceConfig", "enableSecureBoot") is False


def test_google_counts_nodes_of_each_zone() -> None:
    pool = of_type(registered(target(), [system_pool()]), "NodePool")["prod-system"]
    assert pool["nodeCount"] == 1, "two nodes in two zones"
    assert pool["nodeLocations"] == list(ZONES)


def test_an_autoscaled_pool_has_limits_over_all_zones_and_no_fixed_number() -> None:
    limits = PoolRange(minimum=1, maximum=4)
    pool = pool_of(gpu_pool("g2-standard-48").model_copy(update={"autoscaled": limits}))
    assert pool["autoscaling"] == {"totalMinNodeCount": 1, "totalMaxNodeCount": 4, "locationPolicy": "ANY"}
    assert "nodeCount" not in pool
    assert pool["initialNodeCount"] == 2


@pytest.mark.parametrize(
    "capacity", [FlexStart(kind="flex-start"), Queued(kind="queued")], ids=lambda capacity: capacity.kind
)
def test_machines_that_come_when_there_are_some_start_from_none(capacity: Capacity) -> None:
    pool = pool_of(bought(capacity, limits=FROM_ZERO))
    assert pool["initialNodeCount"] == 0
    assert at(pool, "management", "autoRepair") is False
    assert at(pool, "nodeConfig", "reservationAffinity") == {"consumeReservationType": "NO_RESERVATION"}
    queued = isinstance(capacity, Queued)
    assert at(pool, "queuedProvisioning", "enabled") is (True if queued else None)
    assert at(pool, "nodeConfig", "flexStart") is (None if queued else True)
    assert at(pool, "nodeConfig", "maxRunDuration") == (None if queued else "604800s")


def test_reserved_machines_name_their_reservation() -> None:
    pool = pool_of(bought(Reservation(kind="reservation", id="projects/other-1/reservations/gpus")))
    assert at(pool, "nodeConfig", "reservationAffinity") == {
        "consumeReservationType": "SPECIFIC_RESERVATION",
        "key": "compute.googleapis.com/reservation-name",
        "values": ["projects/other-1/reservations/gpus"],
    }
    assert "placementPolicy" not in pool, "they were placed when they were reserved"


@pytest.mark.parametrize(("capacity", "spot"), [(OnDemand(), False), (Spot(kind="spot"), True)])
def test_bought_machines_are_placed_near_each_other(capacity: Capacity, spot: bool) -> None:  # noqa: FBT001
    pool = pool_of(bought(capacity))
    assert pool["placementPolicy"] == {"type": "COMPACT"}
    assert at(pool, "nodeConfig", "spot") is spot


def test_an_nvlink_domain_has_a_workload_policy() -> None:
    nvlink = gpu_pool("a4x-highgpu-4g").model_copy(update={"count": 1})
    resources = registered(target(), [system_pool(), nvlink])
    policy = of_type(resources, "ResourcePolicy")["prod-gpus"]
    assert policy["workloadPolicy"] == {"type": "HIGH_THROUGHPUT", "acceleratorTopology": "1x72"}
    pool = of_type(resources, "NodePool")["prod-gpus"]
    assert at(pool, "placementPolicy", "policyName") == "prod-gpus"


def test_local_disks_and_boot_disks_follow_the_machine() -> None:
    pool = pool_of(gpu_pool("a3-ultragpu-8g"))
    assert at(pool, "nodeConfig", "ephemeralStorageLocalSsdConfig", "localSsdCount") == 32
    assert at(pool, "nodeConfig", "diskType") == "hyperdisk-balanced"
    assert at(pool_of(gpu_pool("g2-standard-48")), "nodeConfig", "diskType") == "pd-balanced"


def test_shared_files_are_one_volume_of_the_stack() -> None:
    regional = of_type(registered(target(), [system_pool()]), "Instance")["prod-shared"]
    assert (regional["location"], regional["tier"]) == ("us-central1", "REGIONAL")
    lustre = LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(36_000), throughput=500)
    resources = registered(target().model_copy(update={"shared_storage": lustre}), [system_pool(), gpu_pool()])
    instance = of_type(resources, "Instance")["prod-shared"]
    assert (instance["capacityGib"], instance["perUnitStorageThroughput"]) == ("36000", "500")
    assert of_type(resources, "Connection")["prod-shared"]["service"] == "servicenetworking.googleapis.com"
    opened = of_type(resources, "Firewall")["prod-shared"]
    assert at(opened, "allows", 0, "ports", 0) == "988", "Lustre's servers call their clients back"


def test_a_network_of_somebody_else_gets_no_second_peering() -> None:
    lustre = LustreStorage(kind="lustre", zone=ZONES[0], capacity=ByteSize.gib(36_000), throughput=500)
    resources = registered(
        target().model_copy(update={"network": SHARED_VPC, "shared_storage": lustre}), [system_pool(), gpu_pool()]
    )
    assert of_type(resources, "Instance")["prod-shared"]["network"] == "projects/acme-net-1/global/networks/company"
    assert not of_type(resources, "Connection")
    assert not of_type(resources, "GlobalAddress")
    assert "prod-shared" not in of_type(resources, "Firewall")


def test_filestore_in_a_shared_vpc_comes_by_private_services_access() -> None:
    own = of_type(registered(target(), [system_pool()]), "Instance")["prod-shared"]
    shared = of_type(registered(target().model_copy(update={"network": SHARED_VPC}), [system_pool()]), "Instance")[
        "prod-shared"
    ]
    assert at(own, "networks", 0, "connectMode") == "DIRECT_PEERING"
    assert at(shared, "networks", 0, "connectMode") == "PRIVATE_SERVICE_ACCESS", "Google refuses a direct peering there"


def test_protection_reaches_what_cannot_be_made_again() -> None:
    settings = target().model_copy(update={"protect": True, "shared_storage": FilestoreStorage(kind="filestore")})
    resources = registered(settings, [system_pool()])
    assert of_type(resources, "Cluster")["prod"]["deletionProtection"] is True
    assert of_type(resources, "Instance")["prod-shared"]["deletionProtectionEnabled"] is True
